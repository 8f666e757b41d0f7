/** An agent over a real socket whose requests alternate between two processes: neither keeps session state. */
import { assert, assertStrictEquals } from "@std/assert";
import { Server } from "../process/server.ts";
import { CLIENTS } from "./agents.ts";
import { inTurn, playSession } from "./long_session.ts";

Deno.test("waiting for a long run takes calls of at most 60 s, from either of two processes, with every SDK", async () => {
  // An ultra8x run takes 100 s in the sandbox, 14 s here. Each wait is a second, as the 45 s that a wait may last
  // are of ten minutes. bench/campaign/agent.ts plays those.
  await using first = await Server.start({ SANDBOX_SPEED: "7" });
  await using second = await first.twin();
  // Together, since they mostly wait.
  await Promise.all(CLIENTS.map(async ({ name, connect }) => {
    const { waits } = await playSession(connect, {
      url: `${first.url}/mcp`,
      fetch: inTurn(first, second),
      waitS: 1,
    });
    assert(waits >= 2, `${name}: ${waits}`);
  }));
  assertStrictEquals(await second.stop(), 0);
});
