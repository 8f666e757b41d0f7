/** Limits of a real server, and of two that share a database. */
import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { Server } from "../process/server.ts";

const LIMIT = 60;

Deno.test("two processes on one database share an address's limit, counted at the socket", async () => {
  await using one = await Server.start({ REQUEST_LIMIT_PER_MINUTE: String(LIMIT) });
  const two = await one.twin();
  try {
    const started = performance.now();
    let admitted = 0, refused = 0;
    for (let n = 0; n < LIMIT; n++) {
      for (const { url } of [one, two]) {
        // Without a trusted proxy, a client's own headers are ignored.
        const headers = { "x-forwarded-for": `198.51.100.${n}` };
        const response = await fetch(`${url}/nowhere`, { headers });
        await response.body?.cancel();
        if (response.status === 404) admitted++;
        else {
          assertStrictEquals(response.status, 429);
          assertMatch(response.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
          refused++;
        }
      }
    }
    const grownBack = Math.ceil((performance.now() - started) * LIMIT / 60_000);
    assert(admitted >= LIMIT && admitted <= LIMIT + grownBack, `${admitted} + ${refused}`);
    for (const { url } of [one, two]) {
      const health = await fetch(`${url}/healthz`);
      assertStrictEquals(health.status, 200);
      await health.body?.cancel();
    }
  } finally {
    await two[Symbol.asyncDispose]();
  }
});
