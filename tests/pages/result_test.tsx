import assert from "node:assert/strict";
import fc from "fast-check";
import { groundsOf, pathKey, strayBasis } from "../../components/result/grounds.ts";
import { ResultView } from "../../components/result/ResultView.tsx";
import { tableColumns } from "../../components/result/table.ts";
import { trimValue } from "../../components/result/trim.ts";
import type { FieldBasis, TaskRunOutput } from "../../lib/parallel/types.ts";
import { cite, HOSTILE, htmlOf } from "./fixtures.ts";

const view = (output: TaskRunOutput) =>
  htmlOf(<ResultView output={output} jsonHref="/tasks/x/result.json" />);

const json = (content: Record<string, unknown>, basis: FieldBasis[] = []) =>
  view({ type: "json", content, basis });

Deno.test("each field shows its value, how sure the API is, and its numbered sources", () => {
  const html = json({ name: "Nile", length_km: 6650 }, [
    { field: "name", reasoning: "All agree.", confidence: "high", citations: [cite(1), cite(2)] },
    { field: "length_km", reasoning: "", confidence: "low", citations: [cite(2)] },
  ]);
  assert.match(html, /<dt>Name<\/dt><dd class="value">Nile<\/dd><dd class="note">/);
  assert.match(html, /high<span class="sr-only">confidence/);
  assert.match(html, /low<span/);
  assert.match(html, /href="#source-1"[\s\S]*href="#source-2"/);
  assert.match(html, /All agree\./);
  assert.match(html, /<blockquote>Excerpt 1<\/blockquote>/);
  assert.equal(html.match(/id="source-\d+"/g)?.length, 2, "a page cited twice is listed once");
});

Deno.test("a confidence that the API leaves out is unknown, not low", () => {
  for (const confidence of ["", null, undefined]) {
    const html = json({ a: 1 }, [{ field: "a", reasoning: "x", confidence, citations: [] }]);
    assert.match(html, /–<span class="sr-only">confidence/);
  }
});

Deno.test("a basis finds list elements and nested fields in either spelling", () => {
  assert.equal(pathKey("a[0].b"), "a.0.b");
  const html = json({ list: [{ deep: { x: "found here" } }], words: ["one", "two"] }, [
    { field: "list.0.deep.x", reasoning: "nested", confidence: "medium", citations: [] },
    { field: "words[1]", reasoning: "element", confidence: "high", citations: [] },
  ]);
  assert.match(html, /found here[\s\S]*?nested/);
  assert.match(html, /two[\s\S]*?element/);
  assert.doesNotMatch(html, /Also reported/);
});

Deno.test("a basis for a field that is not there is shown apart, not lost", () => {
  const basis = [{ field: "ghost", reasoning: "orphaned", citations: [cite(1)] }];
  assert.deepEqual(strayBasis(basis, { a: 1 }), basis);
  assert.match(json({ a: 1 }, basis), /Also reported[\s\S]*ghost[\s\S]*orphaned/);
});

Deno.test("objects of short values become a table, with a column for what rows rest on", () => {
  const html = json({ rivers: [{ name: "Nile", km: 6650 }, { name: "Amazon", source: "Andes" }] }, [
    { field: "rivers.1", reasoning: "", confidence: "medium", citations: [cite(1)] },
  ]);
  assert.match(
    html,
    /<th scope="col" class="">Name<\/th><th scope="col" class="number">Km<\/th><th scope="col" class="">Source<\/th>/,
  );
  assert.match(html, /<th scope="col">Basis<\/th>/);
  assert.match(html, /Amazon[\s\S]*medium/);
  assert.equal(html.match(/<tr>/g)?.length, 3);
});

Deno.test("lists that would not read as a table stay lists", () => {
  assert.equal(tableColumns([{ a: 1 }]), null, "one row is no table");
  assert.equal(tableColumns([{ a: 1 }, { a: [1] }]), null);
  assert.equal(tableColumns([{ a: 1 }, "text"]), null);
  assert.equal(tableColumns([{ a: "x".repeat(500) }, { a: "y" }]), null);
  assert.deepEqual(tableColumns([{ a: 1 }, { b: null }]), ["a", "b"]);
});

Deno.test("deep nesting, empty values and null all say what they are", () => {
  const html = json({ o: { l: [[1, 2], [{ x: [] }]] }, none: null, text: "", empty: {} });
  assert.match(html, /1<\/li><li>2/);
  assert.match(html, />none</);
  assert.match(html, />empty</);
  assert.match(html, /–/);
});

Deno.test("long strings are markdown, addresses are links, the rest is text", () => {
  const html = json({ report: "# Title\n\nText", site: "https://a.example/", word: "*plain*" });
  assert.match(html, /<h3>Title<\/h3>/);
  assert.match(html, /href="https:\/\/a\.example\/" rel="noopener noreferrer nofollow"/);
  assert.match(html, /\*plain\*/);
});

Deno.test("a text result links [n] to its n-th citation, unless it has references of its own", () => {
  const basis = [{ field: "output", reasoning: "", citations: [cite(1), cite(2)] }];
  const text = (content: string) => view({ type: "text", content, basis });
  assert.match(text("Long [2]."), /href="#source-2" class="cite">\[2\]/);
  assert.doesNotMatch(
    text("Long [2].\n\n## References\n\n1. elsewhere"),
    /href="#source-2" class="cite">\[2\]<\/a>\./,
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
  for (const html of pages) assert.doesNotMatch(html, /<img|<script|href="javascript|style=/i);
});

Deno.test("a result of megabytes is cut at a limit, and says where the rest is", () => {
  const rows = Array.from({ length: 50_000 }, (_, i) => ({ id: i, text: `row ${i}` }));
  const html = json({ rows });
  assert.ok(html.length < 2_000_000, `${html.length}`);
  assert.match(html, /too long to show whole/);
  assert.match(html, /href="\/tasks\/x\/result\.json"/);
});

Deno.test("reasons and excerpts of megabytes are cut too", () => {
  const long = "x".repeat(2_000_000);
  const html = json({ a: 1 }, [{
    field: "a",
    reasoning: long,
    citations: [{ url: "https://a.example/", title: "A", excerpts: [long, `${long}y`] }],
  }]);
  assert.ok(html.length < 20_000, `${html.length}`);
  assert.match(html, /2\.0 MB in all, see result\.json/);
});

Deno.test("trimming counts every scalar it leaves out or cuts", () => {
  const limits = { values: 2, chars: 5 };
  assert.deepEqual(trimValue({ a: 1, b: 2, c: [3, 4] }, limits), {
    value: { a: 1, b: 2 },
    omitted: 2,
  });
  assert.deepEqual(trimValue("1234567", limits), { value: "12345", omitted: 1 });
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assert.deepEqual(trimValue(value, { values: 1e6, chars: 1e6 }).omitted, 0);
  }));
});

Deno.test("any JSON object renders", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (content) => {
    assert.equal(typeof json(content), "string");
  }));
});

Deno.test("sources are numbered in order of first use, text fragments aside", () => {
  const { sources, numberOf } = groundsOf([
    { field: "a", reasoning: "", citations: [{ url: "https://x.example/p#:~:text=one" }, cite(1)] },
    { field: "b", reasoning: "", citations: [{ url: "https://x.example/p#:~:text=two" }] },
  ]);
  assert.deepEqual(sources.map((source) => source.fields), [["a", "b"], ["a"]]);
  assert.equal(numberOf("https://x.example/p"), 1);
  assert.equal(numberOf("https://nowhere.example/"), null);
});
