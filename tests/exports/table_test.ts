import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { tableCsv } from "../../lib/exports/table.ts";
import type { FieldBasis, TaskRunOutput } from "../../lib/parallel/types.ts";
import { cite, runPage, state } from "../pages/fixtures.ts";
import { parseCsv } from "./parse_csv.ts";
import { reportMarkdown } from "./whole.ts";

const rowsOf = (output: TaskRunOutput, simulated = false) =>
  parseCsv(
    [...tableCsv(runPage([state(1, "completed")], { output, ended: true, simulated }), output)]
      .join(""),
  );

const json = (content: Record<string, unknown>, basis: FieldBasis[] = []) =>
  rowsOf({ type: "json", content, basis });

Deno.test("a text result is one row with the API's confidence and its sources", () => {
  const basis = [{
    field: "output",
    reasoning: "",
    confidence: "high",
    citations: [cite(1), cite(2)],
  }];
  assertEquals(rowsOf({ type: "text", content: "# Two\nlines, and more", basis }), [
    ["output", "basis.confidence", "basis.sources"],
    ["# Two\nlines, and more", "high", "https://site1.example/ https://site2.example/"],
  ]);
});

Deno.test("the longest list of objects becomes the rows; other values repeat in each row", () => {
  const content = {
    year: 2026,
    small: [{ x: 1 }],
    firms: [{ name: "A", at: { city: "Lyon" } }, { name: "B", tags: ["p", "q"] }],
  };
  const basis: FieldBasis[] = [
    { field: "firms.0", reasoning: "", confidence: "low", citations: [cite(1)] },
    { field: "firms[0].name", reasoning: "", confidence: "high", citations: [cite(2)] },
    { field: "year", reasoning: "", confidence: "high", citations: [cite(3)] },
  ];
  assertEquals(json(content, basis), [
    ["name", "at.city", "tags", "year", "small", "at", "basis.confidence", "basis.sources"],
    [
      "A",
      "Lyon",
      "",
      "2026",
      '[{"x":1}]',
      "",
      "low",
      "https://site1.example/ https://site2.example/",
    ],
    ["B", "", "p; q", "2026", '[{"x":1}]', "", "", ""],
  ]);
});

Deno.test("an object without a list becomes one row, with paths for nested fields", () => {
  assertEquals(json({ a: { b: 1, c: {} }, d: [1, 2], e: null, f: false }), [
    ["a.b", "a.c", "d", "e", "f", "basis.confidence", "basis.sources"],
    ["1", "{}", "1; 2", "", "false", "", ""],
  ]);
});

Deno.test("a field of the whole does not hide a row's field of the same name", () => {
  assertEquals(json({ name: "all", rows: [{ name: "one" }] }).slice(0, 2), [
    ["name", "(name)", "basis.confidence", "basis.sources"],
    ["one", "all", "", ""],
  ]);
});

Deno.test("every row of a simulated result says so", () => {
  const output = { type: "json" as const, content: { rows: [{ a: 1 }, { a: 2 }] }, basis: [] };
  const [head, ...rows] = rowsOf(output, true);
  assertStrictEquals(head?.[0], "simulated");
  assertStrictEquals(rows.length, 2);
  for (const row of rows) assertMatch(row[0] ?? "", /^Simulated by the Taskstream sandbox/);
});

Deno.test("rows out of proportion to the result become one row", () => {
  const ragged = { l: Array.from({ length: 2_000 }, (_, n) => ({ [`k${n}`]: 1 })) };
  const nested = { l: ragged.l.map((at) => ({ at })) };
  const repeated = { note: "x".repeat(100_000), l: Array.from({ length: 200 }, () => ({ a: 1 })) };
  for (const content of [ragged, nested, repeated]) {
    const rows = json(content);
    assertStrictEquals(rows.length, 2);
    const [head = [], row = []] = rows;
    assertStrictEquals(row[head.indexOf("l")], JSON.stringify(content.l), "and nothing is lost");
  }
  const long = { note: "once", l: Array.from({ length: 2_000 }, (_, n) => ({ a: n })) };
  assertStrictEquals(json(long).length, 2_001);
});

Deno.test("a basis with an endless path is ignored", () => {
  const endless = { field: "a.".repeat(100_000), reasoning: "", citations: [cite(1)] };
  assertEquals(json({ a: 1 }, [endless])[1], ["1", "", ""]);
});

Deno.test("values whose paths look alike have separate columns", () => {
  const [head, row] = json({ "a.b": 1, a: { b: 2 }, "x.y": 3, simulated: 4, "basis.sources": 5 });
  assertEquals(head, [
    '"a.b"',
    "a.b",
    "x.y",
    "simulated (2)",
    "basis.sources (2)",
    "basis.confidence",
    "basis.sources",
  ]);
  assertEquals(row?.slice(0, 5), ["1", "2", "3", "4", "5"]);
  const beside = json({ name: 1, "(name)": 2, rows: [{ name: 3, "(name)": 4 }] });
  assertStrictEquals(new Set(beside[0]).size, beside[0]?.length);
  for (const value of ["1", "2", "3", "4"]) assert(beside[1]?.includes(value), value);
});

Deno.test("a field may have any name, and rows may lack it", () => {
  const names = ["constructor", "toString", "hasOwnProperty", "__proto__"];
  const item = JSON.parse(`{${names.map((name) => `"${name}":"v ${name}"`).join()}}`);
  const [head, first, second] = json({ rows: [item, { other: 1 }] });
  assertEquals(head?.slice(0, 5), [...names, "other"]);
  assertEquals(first?.slice(0, 5), [...names.map((name) => `v ${name}`), ""]);
  assertEquals(second?.slice(0, 5), ["", "", "", "", "1"]);
  const page = reportMarkdown(runPage([], {
    output: { type: "json", content: { rows: [item, { other: 1 }] }, basis: [] },
    ended: true,
  }));
  assertNotMatch(page, /native code/);
  assertMatch(page, /\| – \| – \| – \| – \| 1 \|/);
});

Deno.test("different lists in cells stay distinguishable", () => {
  const cells = (value: unknown) => json({ a: value })[1]?.[0];
  assertStrictEquals(cells(["a", "b; c"]), '["a","b; c"]');
  assertStrictEquals(cells(["a; b", "c"]), '["a; b","c"]');
  assertStrictEquals(cells(["", "a"]), '["","a"]');
  assertStrictEquals(cells([null]), "[null]");
  assertStrictEquals(cells([]), "[]");
  assertStrictEquals(cells(["a", "b"]), "a; b");
});

Deno.test("no value of any result is lost in its table", () => {
  const name = fc.constantFrom("a", "b", "a.b", '"a.b"', "(a)", "constructor", "__proto__");
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.nat().map((n) => `value${n}`),
      fc.dictionary(name, tie("any"), { maxKeys: 4 }),
      fc.array(fc.dictionary(name, tie("any"), { maxKeys: 3 }), { maxLength: 3 }),
    ),
  })).any;
  fc.assert(fc.property(fc.dictionary(name, value, { maxKeys: 5 }), (content) => {
    const rows = json(content);
    assertStrictEquals(
      new Set(rows[0]).size,
      rows[0]?.length,
      "every column has a name of its own",
    );
    const text = rows.flat().join("\n");
    for (const [found] of JSON.stringify(content).matchAll(/value\d+/g)) {
      assert(text.includes(found), found);
    }
  }));
});
