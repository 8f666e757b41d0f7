import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { appraise, indexBasis, strayBasis } from "../../lib/results/basis_index.ts";
import { FIRST_ROOM, WHOLE_ROOM } from "../../lib/results/trim_basis.ts";
import { pathKey } from "../../lib/results/schema.ts";
import { fitOf } from "../../lib/results/fit.ts";
import type { ResultMode } from "../../components/result/reading.ts";
import { ResultView } from "../../components/result/ResultView.tsx";
import { tableColumns } from "../../lib/results/table.ts";
import { MAX_COUNTED, trimValue } from "../../lib/results/trim.ts";
import type { JsonObject } from "../../lib/base/mod.ts";
import type { FieldBasis, TaskRunInput, TaskRunOutput } from "../../lib/parallel/types.ts";
import { cite, HOSTILE, htmlOf } from "./fixtures.ts";

const INPUT: TaskRunInput = { input: "Which?", processor: "core" };

const view = (output: TaskRunOutput, input = INPUT, mode: ResultMode = "read") => {
  const room = mode === "all" ? WHOLE_ROOM : FIRST_ROOM;
  return htmlOf(
    <ResultView
      input={input}
      output={output}
      {...appraise(input, output, room)}
      room={room}
      mode={mode}
      base="/tasks/x"
      read={null}
    />,
  );
};

const json = (
  content: Record<string, unknown>,
  basis: FieldBasis[] = [],
  schema?: JsonObject,
  mode?: ResultMode,
) =>
  view(
    { type: "json", content, basis },
    schema && { ...INPUT, task_spec: { output_schema: { type: "json", json_schema: schema } } },
    mode,
  );

Deno.test("the reasoning of many fields goes last, and the page says where it is", () => {
  const fields = (count: number, reasoning: string) => {
    const names = Array.from({ length: count }, (_, at) => `fact_${at + 1}`);
    return json(
      Object.fromEntries(names.map((name) => [name, "Known"])),
      names.map((field, at) => ({
        field,
        reasoning,
        confidence: "high",
        citations: [cite(at % 3), cite((at + 1) % 3)],
      })),
    );
  };
  const hundred = fields(96, "Only one page touches on it, and it names no source of its own.");
  assertStrictEquals([...hundred.matchAll(/class="why"/g)].length, 96);
  assertNotMatch(hundred, /left out/);
  const many = fields(110, "Several pages agree. ".repeat(40));
  assertNotMatch(many, /class="why"/);
  assertMatch(many, /\(the reasoning left out\)\. <a href="\?view=all#result-title">/);
  assertNotMatch(fields(110, ""), /left out/);
});

Deno.test("each field shows its value, confidence and numbered sources", () => {
  const html = json({ name: "Nile", length_km: 6650 }, [
    { field: "name", reasoning: "All agree.", confidence: "high", citations: [cite(1), cite(2)] },
    { field: "length_km", reasoning: "", confidence: "low", citations: [cite(2)] },
  ]);
  assertMatch(html, /<dt>Name<\/dt><dd class="value"><bdi>Nile<\/bdi><\/dd><dd class="evidence">/);
  assertMatch(html, /<dt>Length<\/dt><dd class="value">6,650 <small>km<\/small>/);
  assertMatch(html, /high <span class="sr-only">confidence/);
  assertMatch(html, /low <span/);
  assertMatch(html, /href="#source-1"[\s\S]*href="#source-2"/);
  assertMatch(html, /All agree\./);
  assertMatch(html, /<q dir="auto" class="clamp-4">Excerpt 1<\/q>/);
  assertStrictEquals(
    html.match(/id="source-\d+"/g)?.length,
    2,
    "a page cited twice is listed once",
  );
});

Deno.test("a missing confidence is shown as unknown, not as low", () => {
  for (const confidence of ["", null, undefined]) {
    const html = json({ a: 1 }, [{ field: "a", reasoning: "x", confidence, citations: [] }]);
    assertMatch(html, /– <span class="sr-only">confidence/);
  }
});

Deno.test("a basis finds list elements and nested fields in either notation", () => {
  assertStrictEquals(pathKey("a[0].b"), "a.0.b");
  const html = json({ list: [{ deep: { x: "found here" } }], words: ["one", "two"] }, [
    { field: "list.0.deep.x", reasoning: "nested", confidence: "medium", citations: [] },
    { field: "words[1]", reasoning: "element", confidence: "high", citations: [] },
  ]);
  assertMatch(html, /found here[\s\S]*?nested/);
  assertMatch(html, /two[\s\S]*?element/);
  assertNotMatch(html, /Also reported/);
});

Deno.test("a basis for a missing field is shown separately", () => {
  const basis = [{ field: "ghost", reasoning: "orphaned", citations: [cite(1)] }];
  assertEquals(strayBasis(basis, { a: 1 }), basis);
  assertMatch(json({ a: 1 }, basis), /Also reported[\s\S]*ghost[\s\S]*orphaned/);
});

Deno.test("objects of short values become a table, with a column for each row's basis", () => {
  const html = json({ rivers: [{ name: "Nile", km: 6650 }, { name: "Amazon", source: "Andes" }] }, [
    { field: "rivers.1", reasoning: "", confidence: "medium", citations: [cite(1)] },
  ]);
  assertMatch(
    html,
    /<th scope="col" class="record-title">Name<\/th><th scope="col" class="number record-amount">Km<\/th><th scope="col" class="">Source<\/th>/,
  );
  assertMatch(html, /<th scope="col" class="evidence-cell">Evidence<\/th>/);
  assertMatch(html, /Amazon[\s\S]*medium/);
  assertStrictEquals(html.match(/<tr[ >]/g)?.length, 4, "a head, two rows, the reasons of one");
});

Deno.test("lists that would be hard to read as a table stay lists", () => {
  assertStrictEquals(tableColumns([{ a: 1 }]), null, "one row is no table");
  assertStrictEquals(tableColumns([{ a: 1 }, { a: [{}] }]), null);
  assertStrictEquals(tableColumns([{ a: 1 }, "text"]), null);
  assertStrictEquals(tableColumns([{ a: "x".repeat(500) }, { a: "y" }]), null);
  assertEquals(tableColumns([{ a: 1 }, { b: null }]), ["a", "b"]);
  assertEquals(tableColumns([{ a: 1 }, { a: ["x", "y"] }]), ["a"], "words fit a cell");
  assertEquals(
    tableColumns([{ a: 1, z: 2 }, { b: 3 }], ["z", "b", "nowhere"]),
    ["z", "b", "a"],
    "columns come in the order of the schema",
  );
});

Deno.test("deep nesting, empty values and null are labelled", () => {
  const html = json({ o: { l: [[1, 2], [{ x: [] }]] }, none: null, text: "", empty: {} });
  assertMatch(html, /1<\/li><li>2/);
  assertMatch(html, />none</);
  assertMatch(html, />empty</);
  assertMatch(html, /–/);
});

Deno.test("long strings are markdown, URLs are links, everything else is text", () => {
  const html = json({ report: "# Title\n\nText", site: "https://a.example/", word: "*plain*" });
  assertMatch(html, /<h3>Title<\/h3>/);
  assertMatch(html, /href="https:\/\/a\.example\/" rel="noopener noreferrer nofollow"/);
  assertMatch(html, /\*plain\*/);
});

Deno.test("a text result links [n] to its n-th citation, unless its own list differs", () => {
  const basis = [{ field: "output", reasoning: "", citations: [cite(1), cite(2)] }];
  const text = (content: string) => view({ type: "text", content, basis });
  assertMatch(text("Long [2]."), /href="#source-2" class="chip"><i>\[<\/i>2<i>\]/);
  assertNotMatch(
    text("Long [2].\n\n## References\n\n1. elsewhere"),
    /href="#source-2" class="chip"><i>\[<\/i>2<i>\]<\/i><\/a>\./,
  );
});

Deno.test("nothing in a result becomes markup or a script link", () => {
  const basis: FieldBasis[] = [{
    field: HOSTILE,
    reasoning: HOSTILE,
    confidence: HOSTILE,
    citations: [{ url: "javascript:alert(1)", title: HOSTILE, excerpts: [HOSTILE] }],
  }];
  const pages = [
    json({ [HOSTILE]: HOSTILE, list: [HOSTILE, { [HOSTILE]: `${HOSTILE}\n\n${HOSTILE}` }] }, basis),
    view({ type: "text", content: HOSTILE, basis }),
  ];
  for (const html of pages) assertNotMatch(html, /<img|<script|href="javascript|style=/i);
});

Deno.test("a result of megabytes is cut at a limit, with a link to the rest", () => {
  const rows = Array.from({ length: 50_000 }, (_, i) => ({ id: i, text: `row ${i}` }));
  const html = json({ rows });
  assert(html.length < 2_000_000, `${html.length}`);
  assertMatch(html, /too long to show whole/);
  assertMatch(html, /href="\?view=all#result-title">Show the whole result, [\d.]+ MB/);
  const whole = json({ rows }, [], undefined, "all");
  assertMatch(whole, /too long to show whole[\s\S]*href="\/tasks\/x\/result\.json"/);
});

Deno.test("a text too long for the page shows a first part, up to a line's end, and says how much", () => {
  const text = "Heat pumps move heat instead of making it.\n\n".repeat(7_000);
  const report = (length: number) =>
    view({ type: "text", content: text.slice(0, length), basis: [] });
  const html = report(text.length);
  assertMatch(
    html,
    /too long to show whole \(this is the first 59,\d\d\d of 308,000 characters\)/,
  );
  assertNotMatch(html, /[^.]<\/p>\n<\/div>/, "ends with a sentence");
  assertNotMatch(report(100_000), /too long/);
});

Deno.test("a text with a thousand numbered sources opens as a part that its links do not make large", () => {
  const sources = Array.from({ length: 1_000 }, (_, n) => ({
    url: `https://site-${n}.example/reports/2025/a-long-path-of-a-page-that-nobody-would-type/${n}`,
    title: `Report ${n}`,
    excerpts: ["The operator spent more than in any year before. ".repeat(20)],
  }));
  const said = sources.map((_, n) => `Region ${n} spent more than in any year before [${n + 1}].`);
  const list = sources.map(({ url }, n) => `${n + 1}. ${url}`);
  const content = `${said.join("\n\n")}\n\n## References\n\n${list.join("\n")}`;
  const basis = [{ field: "output", reasoning: "", citations: sources }];
  const html = view({ type: "text", content, basis });
  assert(html.length < 230_000, `${html.length}`);
  assertMatch(html, /this is the first [\d,]+ of [\d,]+ characters/);
});

Deno.test("a list that is cut ends with a whole item", () => {
  const names = Array.from({ length: 2_000 }, (_, n) => `Company ${n}`);
  assertMatch(json({ names }), /<ul class="words"/);
});

Deno.test("reasons and excerpts of megabytes are cut too", () => {
  const long = "x".repeat(2_000_000);
  const html = json({ a: 1 }, [{
    field: "a",
    reasoning: long,
    citations: [{ url: "https://a.example/", title: "A", excerpts: [long, `${long}y`] }],
  }]);
  assert(html.length < 20_000, `${html.length}`);
  assertMatch(
    html,
    /x{400}<span class="hidden print:inline">…<\/span><span class="print:hidden">x/,
  );
  assertMatch(html, /Show all 2,000,000 characters/);
});

Deno.test("trimming counts every scalar it leaves out or cuts", () => {
  const limits = { values: 2, chars: 5 };
  assertEquals(trimValue({ a: 1, b: 2, c: [3, 4] }, limits), {
    value: { a: 1, b: 2 },
    omitted: 2,
  });
  assertEquals(trimValue("1234567", limits), { value: "12345", omitted: 1 });
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assertEquals(trimValue(value, { values: 1e6, chars: 1e6 }).omitted, 0);
  }));
});

Deno.test("any JSON object renders", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (content) => {
    assertStrictEquals(typeof json(content), "string");
  }));
});

Deno.test("sources are numbered in order of first use, ignoring text fragments", () => {
  const { sources, numberOf } = indexBasis([
    { field: "a", reasoning: "", citations: [{ url: "https://x.example/p#:~:text=one" }, cite(1)] },
    { field: "b", reasoning: "", citations: [{ url: "https://x.example/p#:~:text=two" }] },
  ]);
  assertEquals(sources.map((source) => source.fields), [["a", "b"], ["a"]]);
  assertStrictEquals(numberOf("https://x.example/p"), 1);
  assertStrictEquals(numberOf("https://nowhere.example/"), null);
});

const SCHEMA = {
  type: "object",
  properties: {
    total: { type: "integer", description: "All of them" },
    companies: { type: "array", items: { $ref: "#/$defs/company" } },
  },
  required: ["total", "companies"],
  additionalProperties: false,
  $defs: {
    company: {
      type: "object",
      properties: { name: { type: "string" }, revenue: { type: ["number", "null"] } },
      required: ["name", "revenue"],
    },
  },
};

Deno.test("fields and columns have the order and descriptions of the schema", () => {
  const companies = [{ revenue: 1, name: "A" }, { revenue: null, name: "B" }];
  const html = json({ companies, total: 2 }, [], SCHEMA);
  assertMatch(html, /<dt title="All of them">Total<\/dt>[\s\S]*<dt>Companies<small> 2</);
  assertMatch(html, /<th[^>]*>Name<\/th><th[^>]*>Revenue<\/th>/);
  assertNotMatch(html, /does not fit|class="misfit"/);
});

Deno.test("schema mismatches are listed at the top, with links, and marked in place", () => {
  const html = json({ companies: [{ name: 7, revenue: 1 }, { name: "B" }], extra: 1 }, [], SCHEMA);
  assertMatch(html, /4 places do not fit the requested schema/);
  assertMatch(
    html,
    /<a href="#f-companies\.0\.name"><code>companies\.0\.name<\/code><\/a> is of type number, not string/,
  );
  assertMatch(html, /<code>companies\.1\.revenue<\/code> is missing/);
  assertMatch(html, /<code>total<\/code> is missing/);
  assertMatch(html, /extra<\/code><\/a> is not in the schema/);
  assertMatch(html, /7<p class="misfit">is of type number, not string/);
});

Deno.test("an unusable schema gives no verdict", () => {
  const html = json({ a: 1 }, [], { $ref: "#/$defs/nowhere" });
  assertMatch(html, /cannot be applied[\s\S]*nowhere/);
});

Deno.test("a list with a basis deeper than a cell stays a list", () => {
  const html = json({ list: [{ tags: ["a", "b"] }, { tags: ["c"] }] }, [
    { field: "list.0.tags.1", reasoning: "deep ground", citations: [] },
  ]);
  assertMatch(html, /deep ground/);
  assertNotMatch(html, /<table/);
});

Deno.test("a long text has a table of contents that links to its headings", () => {
  const part = (n: number) => `## Part ${n} *of* it\n\n${"words ".repeat(150)}\n\n`;
  const text = (content: string) => view({ type: "text", content, basis: [] });
  const html = text([1, 2, 3, 4].map(part).join(""));
  assertMatch(html, /<nav class="contents"[\s\S]*<a href="#part-4">Part 4 of it<\/a>/);
  assertMatch(html, /<h3 id="part-4">/);
  assertNotMatch(text(part(1)), /<nav/);
});

Deno.test("[n] links to the source that the text's own reference list names", () => {
  const basis = [{ field: "output", reasoning: "", citations: [cite(1), cite(2)] }];
  const lists = [
    "1. [Two](https://site2.example/)",
    "[1] Two, https://site2.example/",
    "[1]: https://site2.example/",
  ];
  for (const list of lists) {
    const html = view({
      type: "text",
      content: `Long [1], lost [9].\n\n## References\n\n${list}`,
      basis,
    });
    assertMatch(
      html,
      /Long <a href="#source-2" class="chip"><i>\[<\/i>1<i>\]<\/i><\/a>, lost \[9\]/,
      list,
    );
  }
});

Deno.test("sources link back to the fields that cite them", () => {
  const html = json({ "a b": [{ c: 1 }] }, [
    { field: "a b.0.c", reasoning: "", citations: [cite(1)] },
    { field: "gone", reasoning: "", citations: [cite(1)] },
  ]);
  const [, id] = /class="field" id="(f-[^"]*c)"/.exec(html) ?? [];
  const [, href] = /<a href="#([^"]*)" class="link">a b<\/a>/.exec(html) ?? [];
  assertStrictEquals(decodeURIComponent(href ?? ""), id);
  assertMatch(html, /, gone<\/p>/, "no link to what is not on the page");
});

Deno.test("a value nested deeper than the stack is cut without a crash", () => {
  const deep = JSON.parse("[".repeat(20_000) + "]".repeat(20_000));
  assertMatch(json({ deep }), /./);
  const full = JSON.parse("[".repeat(20_000) + "1" + "]".repeat(20_000));
  assertMatch(json({ full }), /too long to show whole \(1 values? left out/);
});

Deno.test("a result too large to check is checked partly, with a note", () => {
  const item = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
  const schema = { type: "object", properties: { list: { type: "array", items: item } } };
  const list: unknown[] = Array.from({ length: 30_000 }, (_, n) => ({ n }));
  assertEquals(fitOf({ list }, schema), { kind: "fits", whole: false });
  assertEquals(fitOf({ list: list.slice(0, 20_000) }, schema), { kind: "fits", whole: true });
  assertEquals(fitOf({ list: list.with(7, { n: "x" }) }, schema), {
    kind: "misfits",
    misfits: [{ path: "list.7.n", what: "is of type string, not integer" }],
    whole: false,
  });
});

Deno.test("every link within a result has a target", () => {
  const companies = [{ name: 7, revenue: 1 }, { name: "B", revenue: "x" }];
  const html = json({ companies, total: 2, tags: ["a", "b"], deep: { er: [[1], [{ x: 1 }]] } }, [
    { field: "companies.0.name", reasoning: "", citations: [cite(1)] },
    { field: "companies.1", reasoning: "", citations: [cite(1)] },
    { field: "tags.1", reasoning: "", citations: [cite(2)] },
    { field: "deep.er.1.0.x", reasoning: "", citations: [cite(2)] },
  ], SCHEMA);
  const links = [...html.matchAll(/<a href="#([^"]+)"/g)].map(([, id = ""]) =>
    decodeURIComponent(id)
  );
  assert(links.length > 6);
  for (const id of links) assert(html.includes(` id="${id}"`), id);
});

Deno.test("of an object with 100,000 members, those that are neither shown nor counted are not looked at", () => {
  const members = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n]));
  let looks = 0;
  const watched = new Proxy(members, {
    get(target, name) {
      looks++;
      return Reflect.get(target, name);
    },
  });
  const { value, omitted } = trimValue(watched, { values: 10, chars: 1_000 });
  assertEquals(Object.keys(Object(value)).length, 10);
  assert(omitted > MAX_COUNTED);
  assert(looks < 2 * MAX_COUNTED, String(looks));
});
