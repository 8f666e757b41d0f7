/** An agent over a real socket whose requests alternate between two processes: neither keeps session state. */
import { assert, assertStrictEquals } from "@std/assert";
import { Server } from "../process/server.ts";
import { CLIENTS } from "./agents.ts";
import { inTurn, playSession } from "./long_session.ts";

for (const [n, { name, connect }] of CLIENTS.entries()) {
  Deno.test(`waiting for a long run takes calls of at most 60 s, from either of two processes (${name})`, async () => {
    // An ultra8x run takes 100 s in the sandbox: 14 s here for the newest client, 5 s for the others. Each wait is
    // a second, as the 45 s that a wait may last are of ten minutes. bench/campaign/agent.ts plays those.
    const speed = n === 0 ? "7" : "20";
    await using first = await Server.start({ SANDBOX_SPEED: speed });
    await using second = await first.twin();
    const { waits } = await playSession(connect, {
      url: `${first.url}/mcp`,
      fetch: inTurn(first, second),
      waitS: 1,
    });
    assert(waits >= 2, `${waits}`);
    assertStrictEquals(await second.stop(), 0);
  });
}
