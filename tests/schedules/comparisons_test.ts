/** Changes between two batches of the same rows, including cells that the table shows only in part. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  applyBatchEvent,
  type BatchView,
  cellBriefs,
  columnsOfOutputs,
  emptyBatchView,
} from "../../lib/batches/model/mod.ts";
import { readVerbatim } from "../../lib/base/mod.ts";
import type { TaskRunOutput } from "../../lib/parallel/mod.ts";
import { changedWords, compareBatches, compareOutputs } from "../../lib/schedules/comparisons.ts";

type Content = Record<string, unknown>;

const json = (content: Content): TaskRunOutput => ({ type: "json", content, basis: [] });

/** A batch whose rows have these results; `null`: none. Run ids are `name-row`. */
function batch(name: string, rows: readonly (Content | null)[]): BatchView {
  const outputs = rows.map((content) => content === null ? null : json(content));
  const columns = columnsOfOutputs(outputs.filter((output) => output !== null));
  let view = emptyBatchView(name, rows.length);
  const add = (type: string, data: unknown) => {
    view = applyBatchEvent(view, { id: view.lastId + 1, at_ms: 1, type, data });
  };
  add("columns", { columns });
  add("rows", {
    rows: outputs.map((output, at) => ({
      row: at + 1,
      attempt: 1,
      run_id: `${name}-${at}`,
      status: output === null ? "failed" : "completed",
      ...output !== null && { cells: cellBriefs(output, columns) },
    })),
  });
  return view;
}

/** Compares two batches, and counts the results that are read whole. */
async function compare(before: readonly (Content | null)[], after: readonly (Content | null)[]) {
  let reads = 0;
  const compared = await compareBatches(batch("before", before), batch("after", after), (runId) => {
    reads++;
    const [name, row] = runId.split("-");
    const content = (name === "before" ? before : after)[Number(row)];
    return Promise.resolve(content === null || content === undefined ? null : json(content));
  });
  return { compared, reads };
}

const LONG = "The same beginning. ".repeat(40);

Deno.test("cells are compared row by row, in rows completed in both batches", async () => {
  const { compared, reads } = await compare(
    [{ ceo: "A", city: "Oslo" }, { ceo: "B", city: "Bergen" }, { ceo: "C", city: "Voss" }, null],
    [{ ceo: "A", city: "Oslo" }, { ceo: "X", city: "Bergen" }, null, { ceo: "D", city: "Hamar" }],
  );
  assertEquals(compared, { changed: 1, fields: 4, names: ["ceo"] });
  assertStrictEquals(changedWords(compared!, "batch"), "1 of 4 cells changed: ceo");
  assertStrictEquals(reads, 0, "short cells are whole");
});

Deno.test("a long cell is compared completely, although the table shows only its beginning", async () => {
  const rows = (end: string) => [{ report: LONG + end, ceo: "A" }, { report: LONG, ceo: "B" }];
  const same = await compare(rows("x"), rows("x"));
  assertEquals(same.compared, { changed: 0, fields: 4, names: [] });
  const changed = await compare(rows("x"), rows("y"));
  assertEquals(changed.compared, { changed: 1, fields: 4, names: ["report"] });
  assertStrictEquals(changed.reads, 4);
});

Deno.test("a number that is written differently is the same, and a text that looks like it is not", async () => {
  const rows = (n: string, version: string) => [{ n: readVerbatim(n), version }];
  const same = await compare(rows("1.0", "1.1"), rows("1", "1.1"));
  assertEquals(same.compared, { changed: 0, fields: 2, names: [] });
  const text = await compare(rows("-0", "1.1"), rows("0", "1.10"));
  assertEquals(text.compared, { changed: 1, fields: 2, names: ["version"] });
  const value = await compare(
    rows("12345678901234567890", ""),
    rows("12345678901234567891", ""),
  );
  assertEquals(value.compared, { changed: 1, fields: 2, names: ["n"] });
});

Deno.test("columns are named once, and “…” stands for those beyond the first five", async () => {
  const row = (value: number) =>
    Object.fromEntries("abcdefg".split("").map((name) => [name, value]));
  const { compared } = await compare([row(1), row(1)], [row(2), row(2)]);
  assertStrictEquals(
    changedWords(compared!, "batch"),
    "14 of 14 cells changed: a, b, c, d, e, …",
  );
  const two = await compare([{ a: 1, b: 1 }, { a: 1, b: 1 }], [{ a: 2, b: 2 }, { a: 2, b: 2 }]);
  assertStrictEquals(changedWords(two.compared!, "batch"), "4 of 4 cells changed: a, b");
  assertEquals((await compare([null], [{ a: 1 }])).compared, null);
});

Deno.test("two results are compared field by field", () => {
  const compared = compareOutputs(
    json({ ceo: "A", offices: ["Oslo", "Bergen"], founded: 1999 }),
    json({ ceo: "A", offices: ["Oslo", "Voss"], founded: 1999 }),
  );
  assertStrictEquals(compared.changed, 1);
  assertStrictEquals(changedWords({ ...compared, changed: 7 }, "task").endsWith(", …"), true);
  assertStrictEquals(
    changedWords({ changed: 1, fields: 1, names: [""] }, "task"),
    "1 of 1 field changed",
  );
});
