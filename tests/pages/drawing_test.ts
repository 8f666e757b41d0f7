/** The drawing of rows that change all the time. */
import { assert, assertEquals } from "@std/assert";
import { DRAW_EVERY_MS, gathered, HEAD, ROWS_AT_ONCE } from "../../components/table/drawing.ts";
import { FakeTimers } from "../sse/support/timers.ts";

/** Something that is told changes, and when it has drawn which rows. */
function drawn() {
  const timers = new FakeTimers();
  const drawings: { readonly ms: number; readonly rows: readonly number[] }[] = [];
  const change = gathered(
    (rows) => drawings.push({ ms: timers.now(), rows }),
    timers.setTimeout,
  );
  return { timers, drawings, change };
}

const rowsTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

Deno.test("a change after a pause is drawn at once, also one of the head alone", () => {
  const { timers, drawings, change } = drawn();
  for (const rows of [[7], [HEAD], [8, 9]]) {
    change(rows);
    timers.advance(0);
    timers.advance(DRAW_EVERY_MS);
  }
  assertEquals(drawings, [
    { ms: 0, rows: [7] },
    { ms: DRAW_EVERY_MS, rows: [HEAD] },
    { ms: 2 * DRAW_EVERY_MS, rows: [8, 9] },
  ]);
});

Deno.test("however often rows change, they are drawn a few times a second, and then as they are", () => {
  const { timers, drawings, change } = drawn();
  for (let ms = 0; ms < 8 * DRAW_EVERY_MS; ms++) {
    change([1 + ms % ROWS_AT_ONCE]);
    timers.advance(ms === 0 ? 0 : 1);
  }
  const lastMs = timers.now();
  timers.advance(DRAW_EVERY_MS);
  assert(drawings.length <= 10, `${drawings.length} drawings`);
  for (const { rows } of drawings.slice(1)) {
    assertEquals([...rows].sort((a, b) => a - b), rowsTo(ROWS_AT_ONCE));
  }
  assert(drawings.at(-1)!.ms >= lastMs, "the last changes are not drawn");
});

Deno.test("a burst is drawn in small steps, each in a task of its own, and each row once", () => {
  const { timers, drawings, change } = drawn();
  const rows = rowsTo(4 * ROWS_AT_ONCE + 10);
  change(rows);
  for (let tasks = 1; tasks <= 5; tasks++) {
    timers.advance(0);
    assertEquals(drawings.length, tasks);
  }
  assertEquals(drawings.map(({ rows }) => rows.length), [20, 20, 20, 20, 10]);
  assertEquals(drawings.flatMap(({ rows }) => rows), rows);
});
