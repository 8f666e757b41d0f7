import { assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { followKey } from "../../../lib/runs/stream/follow.ts";
import { type Head, headKey } from "../../../lib/runs/log/head.ts";
import { newHead, RUN, wrap } from "../log_tools.ts";

/** A store whose `watch` reports only the changes that the test sends. */
async function withWatch(
  test: (
    kv: Deno.Kv,
    watch: { read: PromiseWithResolvers<unknown>; asked: number },
  ) => Promise<void>,
): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  const watch = { read: Promise.withResolvers<unknown>(), asked: 0 };
  // Counts the watchers. No change comes.
  const change = {
    // deno-lint-ignore no-explicit-any -- the signature of `then`
    then(...reactions: any[]) {
      watch.asked++;
      return watch.read.promise.then(...reactions);
    },
  };
  const reader = { read: () => change, cancel: () => Promise.resolve() };
  try {
    await kv.set(headKey(RUN), newHead([]));
    await test(wrap(kv, { watch: (() => ({ getReader: () => reader })) as never }), watch);
  } finally {
    kv.close();
  }
}

const atOnce = {
  setTimeout: (run: () => void) => queueMicrotask(run),
  clearTimeout: () => {},
};

Deno.test("a thousand polls of a head share one read", () =>
  withWatch(async (kv, watch) => {
    let polls = 0;
    const { signal } = new AbortController();
    const options = { kv, key: headKey(RUN), watch: true, pollMs: 250, signal, timers: atOnce };
    await followKey(options, () => ++polls === 1000);
    assertStrictEquals(polls, 1000);
    assertStrictEquals(watch.asked, 1, "each that waits is kept until the change comes");
  }));

const never = { setTimeout: () => 0, clearTimeout: () => {} };

/** Follows until the first head was seen and nothing but a change or an abort goes on. */
function following(kv: Deno.Kv, signal: AbortSignal) {
  const heads: Head[] = [];
  const first = Promise.withResolvers<void>();
  const options = { kv, key: headKey(RUN), watch: true, pollMs: 250, signal, timers: never };
  const done = followKey<Head>(options, ({ value }) => {
    if (value !== null) heads.push(value);
    first.resolve();
    return false;
  });
  return { heads, first: first.promise, done };
}

Deno.test("a change reported by the store is read before the next poll", () =>
  withWatch(async (kv, watch) => {
    const left = new AbortController();
    const { heads, first, done } = following(kv, left.signal);
    await first;
    const { read } = watch;
    watch.read = Promise.withResolvers();
    await kv.set(headKey(RUN), { ...newHead([]), last_id: 1 });
    read.resolve({ done: false });
    while (heads.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    assertStrictEquals(heads[1]!.last_id, 1);
    left.abort();
    await done;
  }));

Deno.test("a store that fails to watch ends it with the store's error, an abort without one", () =>
  withWatch(async (kv, watch) => {
    const { first, done } = following(kv, new AbortController().signal);
    await first;
    watch.read.reject(new TypeError("the store is gone"));
    assertMatch(String(await assertRejects(() => done)), /the store is gone/);
  }));
