import { assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { InFlight } from "../../lib/base/in_flight.ts";

Deno.test("closing waits for work in progress, including work that fails or starts meanwhile", async () => {
  const inFlight = new InFlight({ now: Date.now, log: () => {} });
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const steps: string[] = [];
  const tracked = inFlight.track(first.promise);
  const idle = inFlight.idle().then(() => steps.push("idle"));
  const failing = inFlight.track(second.promise);
  first.resolve();
  await tracked;
  steps.push("first");
  second.reject(new Error("no"));
  assertMatch(String(await assertRejects(() => failing)), /no/);
  steps.push("second");
  await idle;
  assertEquals(steps, ["first", "second", "idle"]);
  await inFlight.idle();
});

Deno.test("a required write is retried while the request continues", async () => {
  const waits: { run: () => void; ms: number }[] = [];
  const timers = {
    setTimeout: (run: () => void, ms: number) => waits.push({ run, ms }),
    clearTimeout: () => {},
  };
  const inFlight = new InFlight({ now: () => 0, log: () => {}, timers });
  let tries = 0;
  const soon = inFlight.retryWrite(() =>
    ++tries < 3 ? Promise.reject(new Error("away")) : Promise.resolve()
  );
  const step = async (ms: number) => {
    while (!waits.some((wait) => wait.ms === ms)) await Promise.resolve();
    waits.splice(waits.findIndex((wait) => wait.ms === ms), 1)[0]?.run();
  };
  await step(1_500);
  await soon;
  assertStrictEquals(tries, 1);
  await step(100);
  await step(200);
  await inFlight.idle();
  assertStrictEquals(tries, 3);
});

Deno.test("a write that fails for ten minutes is abandoned and logged", async () => {
  let now = 0;
  const lines: string[] = [];
  const timers = {
    setTimeout: (run: () => void, ms: number) =>
      void Promise.resolve().then(() => ((now += ms), run())),
    clearTimeout: () => {},
  };
  const inFlight = new InFlight({
    now: () => now,
    log: (_, line) => void lines.push(line),
    timers,
  });
  void inFlight.retryWrite(() => Promise.reject(new Error("away")));
  await inFlight.idle();
  assertEquals(lines, ["what the API made is not stored"]);
});
