/**
 * Plays the sessions of three agents, each with a simulated run of ten minutes, on two processes:
 * `deno run -A bench/campaign/agent.ts [--minutes N]`. Each client allows 60 s for a call. Build first.
 */
import { parseArgs } from "node:util";
import { CLIENTS } from "../../tests/mcp/agents.ts";
import { inTurn, playSession } from "../../tests/mcp/long_session.ts";
import { Server } from "../../tests/process/server.ts";
import { paceOf } from "../../lib/sandbox/script/pace.ts";

const print = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

const { values } = parseArgs({
  args: Deno.args,
  options: { minutes: { type: "string", default: "10" } },
});
const minutes = /^\d{1,3}$/.test(values.minutes) ? Number(values.minutes) : 0;
if (minutes === 0) {
  print("Usage: agent.ts [--minutes N], a whole number");
  Deno.exit(2);
}

const speed = String(paceOf("ultra8x").seconds / (minutes * 60));
await using first = await Server.start({ SANDBOX_SPEED: speed });
await using second = await first.twin();
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
await Promise.all(CLIENTS.map(async ({ name, connect }) => {
  const session = await playSession(connect, {
    url: `${first.url}/mcp`,
    fetch: inTurn(first, second),
  });
  print(
    `${name}, protocol ${session.protocol}: waited ${
      seconds(session.waitedMs)
    } in ${session.waits} calls, ` +
      `the longest call ${seconds(session.longestMs)}, ${session.reports} progress reports, ` +
      `result of ${session.resultChars} characters`,
  );
}));
