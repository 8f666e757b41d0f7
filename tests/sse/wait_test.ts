import { assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { retryAfter } from "../../lib/sse/server_message.ts";
import { isOffline, pause } from "../../lib/sse/wait.ts";
import { FakeTimers } from "./support/timers.ts";

const NOW = Date.parse("2026-01-02T03:04:05Z");

for (
  const [value, ms] of [
    [null, 0],
    ["", 0],
    ["0", 0],
    ["1", 1000],
    ["120", 120_000],
    ["007", 7000],
    ["-5", 0],
    ["1.5", 0],
    ["1e3", 0],
    [" 5", 0],
    ["5s", 0],
    ["soon", 0],
    ["Fri, 02 Jan 2026 03:04:15 GMT", 10_000],
    ["Fri, 02 Jan 2026 03:04:05 GMT", 0],
    ["Fri, 02 Jan 2026 03:04:04 GMT", 0],
    ["Sat, 03 Jan 2026 03:04:05 GMT", 86_400_000],
    ["2026-01-02T03:04:15Z", 0],
    ["Never GMT", 0],
  ] satisfies [string | null, number][]
) {
  Deno.test(`Retry-After ${JSON.stringify(value)} is ${ms} ms`, () => {
    assertStrictEquals(retryAfter(value, NOW), ms);
  });
}

for (
  const [name, network, offline] of [
    ["a server's globalThis, which does not know", {}, false],
    ["a navigator that does not know", { navigator: {} }, false],
    ["a browser that is online", { navigator: { onLine: true } }, false],
    ["a browser that is offline", { navigator: { onLine: false } }, true],
    ["an answer that is none", { navigator: { onLine: undefined } }, false],
  ] satisfies [string, { navigator?: object }, boolean][]
) {
  Deno.test(`${name}: ${offline ? "offline" : "online"}`, () => {
    assertStrictEquals(isOffline(network), offline);
  });
}

/** A network that can be pulled out and put back, and says who listens. */
function cable(onLine: boolean) {
  const listeners = new Set<() => void>();
  const navigator = { onLine };
  return {
    navigator,
    listeners,
    addEventListener: (_type: "online", run: () => void) => void listeners.add(run),
    removeEventListener: (_type: "online", run: () => void) => void listeners.delete(run),
    plugIn() {
      navigator.onLine = true;
      for (const run of [...listeners]) run();
    },
  };
}

/** A promise, and whether it is settled by now. */
async function settled(promise: Promise<void>) {
  let over = false;
  const done = () => void (over = true);
  promise.then(done, done);
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return over;
}

Deno.test("a pause has its full length", async () => {
  const timers = new FakeTimers();
  const waiting = pause(100, timers, {}, new AbortController().signal);
  timers.advance(99);
  assertStrictEquals(await settled(waiting), false);
  timers.advance(1);
  await waiting;
  assertStrictEquals(timers.pending.size, 0);
});

Deno.test("offline, a pause ends when the network returns, not when its time is over", async () => {
  const timers = new FakeTimers();
  const network = cable(false);
  const waiting = pause(100, timers, network, new AbortController().signal);
  timers.advance(1_000_000);
  assertStrictEquals(await settled(waiting), false);
  network.plugIn();
  await waiting;
  assertStrictEquals(network.listeners.size, 0);
});

Deno.test("a recovered network cuts a pause short and leaves no timer", async () => {
  const timers = new FakeTimers();
  const network = cable(true);
  const waiting = pause(100, timers, network, new AbortController().signal);
  network.plugIn();
  await waiting;
  assertStrictEquals(timers.pending.size, 0);
  assertStrictEquals(network.listeners.size, 0);
});

for (const onLine of [true, false]) {
  Deno.test(`an abort ends a pause ${onLine ? "online" : "offline"} with its reason and leaves nothing behind`, async () => {
    const timers = new FakeTimers();
    const network = cable(onLine);
    const controller = new AbortController();
    const waiting = pause(100, timers, network, controller.signal);
    const reason = new Error("enough");
    controller.abort(reason);
    assertStrictEquals(await assertRejects(() => waiting), reason);
    assertStrictEquals(timers.pending.size, 0);
    assertStrictEquals(network.listeners.size, 0);
  });
}

Deno.test("an already aborted signal needs no pause", async () => {
  const timers = new FakeTimers();
  const network = cable(true);
  const signal = AbortSignal.abort(new Error("before"));
  assertMatch(String(await assertRejects(() => pause(100, timers, network, signal))), /before/);
  assertStrictEquals(timers.pending.size, 0);
  assertStrictEquals(network.listeners.size, 0);
});
