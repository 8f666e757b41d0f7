/** Imports through the route run one at a time per process, and few may wait. */
import { assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { ORIGIN, withApp } from "../app/test_app.ts";
import { TURN_MS } from "../../lib/transfer/arrival.ts";
import { FakeTimers } from "../sse/support/timers.ts";
import { VALID_RUN } from "./valid_run.ts";

/** A file of one run; one that is still active waits for the API. */
function file(runId: string, status: string): string {
  const run = { ...VALID_RUN, run_id: runId, interaction_id: runId, status };
  return [{ taskstream: "history", version: 1 }, { run }, { end: { runs: 1 } }]
    .map((line) => JSON.stringify(line)).join("\n");
}

Deno.test("imports run one at a time; a third one waiting per address, or waiting too long, gets 429", async () => {
  const timers = new FakeTimers();
  const asked = Promise.withResolvers<void>(), answer = Promise.withResolvers<void>();
  const api = async (request: Request) => {
    if (request.url.includes("trun_held")) {
      asked.resolve();
      await answer.promise;
    }
    return Response.json({ error: { message: "Run id not found" } }, { status: 404 });
  };
  await withApp(async (app) => {
    const browser = await app.browser().enterKey();
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const send = (hostname: string, text: string) =>
      app.handle(
        new Request(`${ORIGIN}/tasks/transfer`, {
          method: "POST",
          body: text,
          headers: {
            cookie,
            "content-type": "application/x-ndjson",
            "sec-fetch-site": "same-origin",
          },
        }),
        {
          remoteAddr: { transport: "tcp", hostname, port: 1 },
          completed: Promise.resolve(),
        } as Deno.ServeHandlerInfo,
      );
    const first = send("192.0.2.1", file("trun_held", "running"));
    await asked.promise;
    const waiting = [
      send("192.0.2.1", file("trun_a", "completed")),
      send("192.0.2.1", file("trun_b", "completed")),
      send("192.0.2.2", file("trun_c", "completed")),
    ];
    // Their files have arrived when all that is left to wait for is their turns.
    const turns = () => [...timers.pending.values()].filter(({ at }) => at === TURN_MS).length;
    while (turns() < waiting.length) await new Promise((resolve) => setTimeout(resolve));
    const fourth = await send("192.0.2.1", file("trun_d", "completed"));
    assertStrictEquals(fourth.status, 429);
    assertStrictEquals(fourth.headers.get("retry-after"), "30");
    assertMatch(await fourth.text(), /Nothing was imported/);
    // No other import overtakes the one that has its turn.
    const list = await browser.text("/tasks");
    assertNotMatch(list, /trun_[abc]\b/);
    timers.advance(TURN_MS);
    for (const late of await Promise.all(waiting)) {
      assertStrictEquals(late.status, 429);
      await late.body?.cancel();
    }
    const again = send("192.0.2.1", file("trun_a", "completed"));
    while (timers.pending.size === 0) await new Promise((resolve) => setTimeout(resolve));
    answer.resolve();
    assertStrictEquals((await first).status, 200);
    await (await first).body?.cancel();
    assertMatch(await (await again).text(), /1 imported/);
  }, { api, timers });
});
