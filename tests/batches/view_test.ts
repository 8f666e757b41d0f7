import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import {
  applyBatchEvent,
  type BatchEvent,
  type BatchView,
  cellBriefs,
  columnPlace,
  columnsOfOutputs,
  emptyBatchView,
  failedSends,
  hasStatus,
  lowSends,
  NO_CELL,
  outputColumns,
  progressOf,
  readRowQuery,
  type RowChange,
  rowView,
  selectRows,
  sendCounts,
  sendView,
  waitingUsd,
  writeRowQuery,
} from "../../lib/batches/model/mod.ts";
import { atOnce } from "../../lib/base/mod.ts";
import { confidenceByPath } from "../../lib/results/mod.ts";
import type { TaskRunOutput } from "../../lib/parallel/types.ts";

const START = 1_700_000_000_000;

/** Folds events that are numbered from 1, one a second. */
function folded(events: readonly (readonly [type: string, data: unknown])[], rows = 5): BatchView {
  return events.reduce(
    (view, [type, data], at) =>
      applyBatchEvent(view, { id: at + 1, at_ms: START + at * 1_000, type, data }),
    emptyBatchView("Companies", rows),
  );
}

const rowsEvent = (...rows: readonly RowChange[]) => ["rows", { rows }] as const;
const sent = (row: number, attempt = 1): RowChange => ({
  row,
  attempt,
  status: "sent",
  run_id: `trun_${row}_${attempt}`,
});
const done = (row: number, attempt = 1, confidence = "high"): RowChange => ({
  row,
  attempt,
  status: "completed",
  cost_usd: 0.01,
  cells: [{ text: `answer ${row}`, confidence }],
});

Deno.test("rows wait, are sent, and end", () => {
  const view = folded([
    rowsEvent(sent(1), sent(2), sent(3)),
    rowsEvent({ row: 1, attempt: 1, status: "running" }),
    rowsEvent(done(1), { row: 2, attempt: 1, status: "failed", reason: "No source" }),
  ]);
  assertEquals(view.counts, { waiting: 2, completed: 1, failed: 1, sent: 1 });
  assertEquals([rowView(view, 1).status, rowView(view, 1).run_id], ["completed", "trun_1_1"]);
  assertStrictEquals(rowView(view, 2).reason, "No source");
  assertStrictEquals(rowView(view, 5).status, "waiting");
  assertStrictEquals(view.spent_usd, 0.01);
  assertStrictEquals(view.started_ms, START);
});

Deno.test("changes of a row may arrive in any order and more than once", () => {
  const view = folded([
    rowsEvent(done(1)),
    rowsEvent(sent(1)),
    rowsEvent({ row: 1, attempt: 1, status: "running" }),
    rowsEvent(done(1)),
  ]);
  assertEquals(view.counts, { waiting: 4, completed: 1 });
  assertStrictEquals(view.spent_usd, 0.01);
  assertStrictEquals(rowView(view, 1).run_id, "trun_1_1");
});

Deno.test("a second attempt keeps the first result, and a late end of the first only adds its cost", () => {
  const view = folded([
    rowsEvent(done(1, 1, "low")),
    rowsEvent(sent(2, 1)),
    rowsEvent(sent(1, 2), sent(2, 2)),
    rowsEvent(done(2, 1)),
    rowsEvent(done(1, 2)),
  ]);
  const row = rowView(view, 1);
  assertEquals([row.attempt, row.status, row.cells?.[0]?.confidence], [2, "completed", "high"]);
  assertEquals(row.earlier.map(({ attempt, cells }) => [attempt, cells?.[0]?.confidence]), [[
    1,
    "low",
  ]]);
  assertEquals([rowView(view, 2).attempt, rowView(view, 2).status], [2, "sent"]);
  assertStrictEquals(view.spent_usd, 0.03);
  assertStrictEquals(view.low, 0);
});

Deno.test("states, names and added rows", () => {
  const view = folded([
    ["state", { state: "paused", reason: "Credit is used up" }],
    ["named", { name: "Better" }],
    ["added", { rows: 2 }],
  ]);
  assertEquals([view.state, view.reason, view.name, view.rows, view.counts], [
    "paused",
    "Credit is used up",
    "Better",
    7,
    { waiting: 7 },
  ]);
  const again = applyBatchEvent(view, {
    id: 4,
    at_ms: 1,
    type: "state",
    data: { state: "running" },
  });
  assertEquals([again.state, again.reason], ["running", null]);
});

Deno.test("a deleted run keeps its row", () => {
  const view = folded([
    rowsEvent(done(1)),
    rowsEvent({ row: 1, attempt: 1, status: "deleted", cells: null }),
    rowsEvent(done(1)),
  ]);
  assertEquals(view.counts, { waiting: 4, deleted: 1 });
});

Deno.test("deleting a run removes its result, whichever attempt it was", () => {
  const gone = (attempt: number) => rowsEvent({ row: 1, attempt, status: "deleted" });
  const answered = [rowsEvent(done(1)), rowsEvent({ ...done(1), attempt: 2 })];
  const newest = rowView(folded([rowsEvent(sent(1)), ...answered, gone(2)]), 1);
  assertEquals([newest.status, newest.cells, newest.run_id], ["deleted", null, null]);
  assertStrictEquals(newest.earlier.length, 1);
  const earlier = rowView(folded([...answered, gone(1)]), 1);
  assertEquals([earlier.status, earlier.earlier], ["completed", []]);
});

Deno.test("added columns join the row: a running set decides its status, cells are side by side", () => {
  const columns = [{ path: ["city"], name: "city" }];
  const events = [
    ["columns", { columns }],
    ...[1, 2, 3, 4, 5].map((row) => rowsEvent(done(row))),
    ["joined", { processor: "core", columns }],
  ] as const;
  const waiting = folded(events);
  assertEquals(waiting.counts, { waiting: 5 });
  assertEquals(waiting.outputs.map(({ name }) => name), ["city", "city 2"]);
  assertEquals(rowView(waiting, 1).cells?.length, 2);
  const view = folded([
    ...events,
    rowsEvent({ row: 1, attempt: 1001, status: "sent", run_id: "trun_b1", processor: "core" }),
    rowsEvent({ ...done(2), attempt: 1001, run_id: "trun_b2" }),
    rowsEvent({ row: 3, attempt: 1001, status: "failed", reason: "no" }),
    rowsEvent({ row: 4, attempt: 2001, status: "completed" }),
  ]);
  assertEquals(view.counts, { sent: 1, completed: 1, failed: 1, waiting: 2 });
  assertEquals(sendCounts(view), { completed: 6, sent: 1, failed: 1, waiting: 2 });
  assertStrictEquals(sendView(view, 1, 2).run_id, "trun_b2");
  assertEquals(columnPlace(view, 1), { set: 1, at: 0 });
  const again = failedSends(view, { rows: null });
  assertEquals(again.map(({ row, attempt }) => [row, attempt]), [[3, 1001]]);
  const [first] = lowSends(view, { rows: [2], set: 1 });
  assertStrictEquals(first?.attempt, 1001);
  assertEquals(waitingUsd(view, (processor) => processor === "core" ? 0.5 : 1), 1);
  // An answer that found nothing is one, and an answer that is still to come is not.
  const blank = { ...done(2, 2), cells: [{ text: "", confidence: "high" }] };
  const [found, missing] = rowView(folded([...events, rowsEvent(blank)]), 2).cells ?? [];
  assertStrictEquals(found?.text, "");
  assert(found !== NO_CELL && missing === NO_CELL);
  const more = folded([...events, ["added", { rows: 2 }]]);
  assertEquals([more.counts, sendCounts(more)], [{ waiting: 7 }, { completed: 5, waiting: 9 }]);
});

Deno.test("a repeated or unknown event changes only the last ID", () => {
  const view = folded([rowsEvent(sent(1))]);
  assertStrictEquals(applyBatchEvent(view, { id: 1, at_ms: 0, type: "rows", data: null }), view);
  const next = applyBatchEvent(view, { id: 2, at_ms: 0, type: "later", data: { rows: [done(1)] } });
  assertEquals(next, { ...view, lastId: 2 });
});

Deno.test("no event throws or breaks the counts, whatever it contains", () => {
  const change = fc.oneof(
    fc.record({
      row: fc.integer({ min: -1, max: 300 }),
      attempt: fc.integer({ min: -1, max: 3 }),
      status: fc.constantFrom("sent", "running", "completed", "failed", "deleted", "new", ""),
      cost_usd: fc.option(fc.constant(1)),
      cells: fc.option(fc.array(fc.anything(), { maxLength: 2 })),
    }),
    fc.anything(),
  );
  const event = fc.tuple(
    fc.constantFrom("rows", "rows", "rows", "added", "state", "named", "other"),
    fc.oneof(
      fc.record({ rows: fc.array(change, { maxLength: 6 }) }),
      fc.record({ rows: fc.nat(5), state: fc.constantFrom("paused", "x"), name: fc.anything() }),
      fc.anything(),
    ),
  );
  fc.assert(fc.property(fc.array(event, { maxLength: 20 }), (events) => {
    let view = emptyBatchView("x", 260);
    for (const [at, [type, data]] of events.entries()) {
      const before = JSON.stringify([view.counts, rowView(view, 1)]);
      const next = applyBatchEvent(view, { id: at + 1, at_ms: at, type, data });
      assertStrictEquals(
        JSON.stringify([view.counts, rowView(view, 1)]),
        before,
        "changed in place",
      );
      view = next;
      const rows = Array.from({ length: view.rows }, (_, at) => rowView(view, at + 1).status);
      const counts: Record<string, number> = {};
      for (const status of rows) counts[status] = (counts[status] ?? 0) + 1;
      assertEquals(view.counts, counts);
      assert(progressOf(view, at).percent <= 100);
    }
  }));
});

Deno.test("three changes to each of ten thousand rows are folded without copying all rows", () => {
  let view = emptyBatchView("x", 10_000);
  const events: BatchEvent[] = [];
  const add = (change: (row: number) => RowChange) => {
    for (let row = 1; row <= 10_000; row++) {
      events.push({
        id: events.length + 1,
        at_ms: row,
        type: "rows",
        data: { rows: [change(row)] },
      });
    }
  };
  add(sent);
  add((row) => ({ row, attempt: 1, status: "running" }));
  add((row) => done(row));
  for (const event of events) {
    const next = applyBatchEvent(view, event);
    const [{ pages } = view.sets[0]!] = view.sets;
    const copied = [...next.sets[0]!.pages].filter(([at, page]) => pages.get(at) !== page);
    assert(copied.length <= 1 && (copied[0]?.[1].size ?? 0) <= 128);
    view = next;
  }
  assertEquals(view.counts, { completed: 10_000 });
});

Deno.test("progress shows a rate and a remaining time once there is enough data", () => {
  let view = emptyBatchView("x", 100);
  let id = 0;
  const tell = (at_ms: number, ...rows: RowChange[]) => {
    view = applyBatchEvent(view, { id: ++id, at_ms, type: "rows", data: { rows } });
  };
  tell(START, sent(1), sent(2), sent(3), sent(4));
  assertEquals(progressOf(view, START + 1_000).rowsPerMinute, null);
  for (let row = 1; row <= 20; row++) tell(START + row * 1_500, done(row));
  const progress = progressOf(view, START + 30_000);
  assertEquals([progress.ended, progress.percent], [20, 20]);
  assertStrictEquals(Math.round(progress.rowsPerMinute!), 40);
  assertStrictEquals(Math.round(progress.leftMs! / 1_000), 120);
  // Of the first rows, all may end at the same time.
  for (let row = 21; row <= 60; row++) tell(START + 30_000, sent(row));
  assertStrictEquals(progressOf(view, START + 30_000).leftMs, null);
  assertStrictEquals(progressOf(view, START + 200_000).rowsPerMinute, null, "nothing lately");
});

const OUTPUT: TaskRunOutput = {
  type: "json",
  content: { name: "Acme", tags: ["a", "b"], people: [{ who: "Ann" }], seat: { city: "Rome" } },
  basis: [
    { field: "name", reasoning: "", confidence: "high", citations: [] },
    { field: "people.0.who", reasoning: "", confidence: "medium", citations: [] },
    { field: "people[1].who", reasoning: "", confidence: "low", citations: [] },
    { field: "tags", reasoning: "", citations: [] },
  ],
};
const SCHEMA = {
  type: "object",
  properties: {
    name: { type: "string" },
    tags: { type: "array" },
    people: { type: "array" },
    seat: { type: "object", properties: { city: {}, zip: {} } },
    note: {},
  },
};

Deno.test("a result gives one cell per schema field, with its confidence", () => {
  assertEquals(cellBriefs(OUTPUT, outputColumns(SCHEMA)), [
    { text: "Acme", confidence: "high" },
    { text: "a; b", confidence: null, shown: "a, b" },
    { text: '[{"who":"Ann"}]', confidence: "low", shown: "Ann" },
    { text: '{"city":"Rome"}', confidence: null, shown: "Rome" },
    { text: "", confidence: null },
  ]);
  assertEquals(outputColumns(SCHEMA, true).map(({ name }) => name), [
    "name",
    "tags",
    "people",
    "seat.city",
    "seat.zip",
    "note",
  ]);
  assertEquals(outputColumns(null).map(({ name }) => name), ["output"]);
  assertEquals(columnsOfOutputs([OUTPUT]).map(({ name }) => name), [
    "name",
    "tags",
    "people",
    "seat",
  ]);
});

Deno.test("a cell keeps its value, and says how people read it", () => {
  const content = {
    founded: "2014-03-14",
    is_public: true,
    website: "https://www.acme.example/about",
    revenue_eur: 1386000.5,
    year: 2014,
    name: "Acme",
    rounds: [],
  };
  const properties = Object.fromEntries(Object.keys(content).map((name) => [name, {}]));
  const schema = { type: "object", properties };
  const cells = cellBriefs({ type: "json", content, basis: [] }, outputColumns(schema), schema);
  assertEquals(cells.map(({ text, shown }) => [text, shown]), [
    ["2014-03-14", "14 Mar 2014"],
    ["true", "Yes"],
    ["https://www.acme.example/about", "acme.example/about"],
    ["1386000.5", "1,386,000.50"],
    ["2014", undefined],
    ["Acme", undefined],
    ["[]", undefined],
  ]);
});

Deno.test("a text result is one cell, with the confidence of its only basis entry", () => {
  const text: TaskRunOutput = {
    type: "text",
    content: `${"x".repeat(299)}😀 more`,
    basis: [{ field: "output", reasoning: "", confidence: "low", citations: [] }],
  };
  assertEquals(cellBriefs(text, outputColumns(null)), [
    { text: `${"x".repeat(299)}…`, confidence: "low" },
  ]);
  assertStrictEquals(confidenceByPath([])(["a"]), null);
});

Deno.test("the row query round-trips through the URL", () => {
  const text = "status=failed&q=acme+inc&confidence=low&empty=1&sort=-name&page=3";
  const query = readRowQuery(new URLSearchParams(text));
  assertStrictEquals(writeRowQuery(query).toString(), text);
  assertStrictEquals(
    writeRowQuery(readRowQuery(new URLSearchParams("page=-1&sort=&confidence=x&empty=2"))).size,
    0,
  );
});

const VIEW = folded([
  rowsEvent(done(1, 1, "low"), done(2), done(3), sent(4)),
  rowsEvent({ row: 5, attempt: 1, status: "failed", reason: "Page not found" }),
  rowsEvent({ ...done(3), cells: [{ text: " ", confidence: null }] }),
], 6);
const ROWS = ["Beta 10", "alpha 9", "", "-3", "2", "Beta 9"].map((name, at) => ({
  row: { line: at + 2, cells: [name] },
  view: rowView(VIEW, at + 1),
}));

const COLUMNS = { inputs: ["name"], outputs: ["answer"] };

const SELECTED: readonly (readonly [search: string, rows: readonly number[]])[] = [
  ["", [1, 2, 3, 4, 5, 6]],
  ["sort=name", [4, 5, 2, 6, 1, 3]],
  ["sort=-name", [1, 6, 2, 5, 4, 3]],
  ["sort=-row", [6, 5, 4, 3, 2, 1]],
  ["sort=answer", [1, 2, 3, 4, 5, 6]],
  ["status=failed", [5]],
  ["status=running", [4]],
  ["status=waiting", [6]],
  ["status=completed", [1, 2, 3]],
  ["confidence=low", [1]],
  ["empty=1", [3]],
  ["q=BETA+9", [6]],
  ["q=answer", [1, 2]],
  ["q=not+found", [5]],
  ["sort=nothing", [1, 2, 3, 4, 5, 6]],
];

for (const [search, rows] of SELECTED) {
  Deno.test(`?${search} shows rows ${rows}`, () => {
    const query = readRowQuery(new URLSearchParams(search));
    const found = atOnce(selectRows(ROWS, query, COLUMNS));
    assertEquals(found.map(({ view }) => view.row), [...rows]);
  });
}

Deno.test("words are found in any spelling, as in the list of tasks", () => {
  const cells = ["Łódź, Großstraße", "1,234,567 km", "re\u00adsearch"];
  const rows = cells.map((cell, at) => ({
    row: { line: at + 2, cells: [cell] },
    view: rowView(VIEW, at + 4),
  }));
  const finds = [["lodz STRASSE", [4]], ["1234567", [5]], ["Research", [6]], [
    "lodz km",
    [],
  ]] as const;
  for (const [q, found] of finds) {
    const query = readRowQuery(new URLSearchParams({ q }));
    const selected = atOnce(selectRows(rows, query, COLUMNS));
    assertEquals(selected.map(({ view }) => view.row), [...found], q);
  }
});

Deno.test("a row of megabytes is searched cell by cell, and sorted by the beginnings of its cells", () => {
  const long = "é".repeat(100_000);
  const cells = [`${long} Łódź`, ...Array<string>(20).fill(long), `${long} 1,234`];
  const rows = [cells, [`${long}b`], [`${long}a`], ["a"]].map((cells, at) => ({
    row: { line: at + 2, cells },
    view: rowView(VIEW, at + 1),
  }));
  const select = (search: string) => {
    const steps = selectRows(rows, readRowQuery(new URLSearchParams(search)), COLUMNS);
    for (let taken = 1;; taken++) {
      const { done, value } = steps.next();
      if (done) return { taken, found: value.map(({ view }) => view.row) };
    }
  };
  const { taken, found } = select("q=lodz+1234");
  assertEquals(found, [1]);
  assert(taken > cells.length, `${taken} steps`);
  assertEquals(select("q=lodz+1235").found, []);
  assertEquals(select("sort=name").found, [4, 1, 2, 3]);
});

Deno.test("a filter word covers several statuses", () => {
  for (const status of ["failed", "cancelled", "action_required", "lost"]) {
    assert(hasStatus({ status }, "failed"));
  }
  for (const status of ["sent", "queued", "running", "cancelling", "anything new"]) {
    assert(hasStatus({ status }, "running"));
  }
});
