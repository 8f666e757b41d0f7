/** Timeouts that are set again and again. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { ReusedTimers } from "../../lib/base/timers.ts";

/** Timers whose clock only moves when told to. */
function clock() {
  let nowMs = 0, lastId = 0, made = 0;
  const waiting = new Map<number, { run: () => void; atMs: number }>();
  const timers = new ReusedTimers({
    setTimeout(run, ms) {
      made++;
      waiting.set(++lastId, { run, atMs: nowMs + ms });
      return lastId;
    },
    clearTimeout: (id) => void waiting.delete(id as number),
  }, () => nowMs);
  const fired: string[] = [];
  return {
    timers,
    fired,
    waiting,
    made: () => made,
    set: (name: string, ms: number) => timers.setTimeout(() => fired.push(`${name} ${nowMs}`), ms),
    /** Moves in steps of 1 ms. */
    to(ms: number) {
      for (; nowMs < ms; nowMs++) {
        for (const [id, { run, atMs }] of [...waiting]) {
          if (atMs > nowMs + 1) continue;
          waiting.delete(id);
          nowMs++;
          run();
          nowMs--;
        }
      }
    },
  };
}

Deno.test("a timeout that is set for every chunk makes few timers, and is over at its own time", () => {
  const { timers, fired, waiting, made, set, to } = clock();
  for (let chunk = 1; chunk <= 1_000; chunk++) {
    const timer = set("silence", 500);
    to(chunk);
    timers.clearTimeout(timer);
  }
  assertStrictEquals(made() <= 3, true, `${made()}`);
  set("silence", 500);
  to(3_000);
  assertEquals(fired, ["silence 1500"]);
  assertStrictEquals(waiting.size, 0);
});

Deno.test("timeouts of other lengths, several at once, and cancelled ones are kept apart", () => {
  const { timers, fired, waiting, set, to } = clock();
  const [first, second] = [set("first", 10), set("second", 10)];
  timers.clearTimeout(first);
  timers.clearTimeout(first);
  set("third", 20);
  const fourth = set("fourth", 10);
  to(5);
  timers.clearTimeout(second);
  timers.clearTimeout(fourth);
  set("fifth", 10);
  timers.clearTimeout(undefined);
  to(40);
  assertEquals(fired, ["fifth 15", "third 20"]);
  assertStrictEquals(waiting.size, 0);
});

Deno.test("none is left once they are disposed of", () => {
  const { timers, fired, waiting, set, to } = clock();
  {
    using _ = timers;
    timers.clearTimeout(set("one", 10));
  }
  assertStrictEquals(waiting.size, 0);
  to(20);
  assertEquals(fired, []);
});
