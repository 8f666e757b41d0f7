/** The progress of a replay. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { shownAfter } from "../../routes/inspect/(_parts)/chunks.ts";

const TIMES = [100, 100, 400, 2000, null, 5000];
const timeOf = (index: number) => TIMES[index] ?? null;

Deno.test("at original speed each block arrives at its time", () => {
  const shown = (elapsedMs: number) => shownAfter(elapsedMs, { speed: 1 }, 0, 4, timeOf);
  assertEquals([0, 99, 100, 399, 400, 1999, 2000].map(shown), [0, 0, 2, 2, 3, 3, 4]);
});

Deno.test("a faster replay shortens the waits, and changing speed continues in place", () => {
  assertStrictEquals(shownAfter(200, { speed: 10 }, 0, 4, timeOf), 4);
  assertStrictEquals(shownAfter(150, { speed: 1 }, 2, 4, timeOf), 2);
  assertStrictEquals(shownAfter(300, { speed: 1 }, 2, 4, timeOf), 3);
});

Deno.test("without times a fixed number of events is sent per second", () => {
  const shown = (elapsedMs: number) => shownAfter(elapsedMs, { perSecond: 5 }, 0, 3, () => null);
  assertEquals([0, 199, 200, 400, 600, 9000].map(shown), [0, 0, 1, 2, 3, 3]);
});

Deno.test("a replay never goes back and always ends", () => {
  fc.assert(fc.property(
    fc.array(fc.nat(1000), { maxLength: 30 }),
    fc.array(fc.nat(1000), { maxLength: 20 }),
    (steps, moments) => {
      let sum = 0;
      const times = steps.map((step) => sum += step);
      let before = 0;
      for (const moment of moments.sort((a, b) => a - b)) {
        const shown = shownAfter(moment, { speed: 2 }, 0, times.length, (at) => times[at] ?? null);
        assert(shown >= before);
        before = shown;
      }
      const end = shownAfter(sum, { speed: 1 }, 0, times.length, (at) => times[at] ?? null);
      assertStrictEquals(end, times.length);
    },
  ));
});
