import assert from "node:assert/strict";
import { compareFields } from "../../components/compare/fields.ts";
import { inputLines } from "../../components/compare/input.ts";
import type { TaskRunInput, TaskRunOutput } from "../../lib/parallel/types.ts";

const json = (content: Record<string, unknown>, basis: TaskRunOutput["basis"] = []) =>
  ({ type: "json", content, basis }) as TaskRunOutput;

const basisOf = (field: string, confidence: string, url: string) => ({
  field,
  reasoning: "",
  confidence,
  citations: [{ url }],
});

Deno.test("fields of all results stand side by side, nested ones by their path, and differences are told", () => {
  const fields = compareFields([
    json({ name: "Lyon", size: { people: 500_000, area: [1, 2] } }),
    json({ name: "Lyon", size: { people: 520_000 }, mayor: null }),
  ]);
  assert.deepEqual(
    fields.map(({ path, values, differs }) => [path, values.map(({ text }) => text), differs]),
    [
      ["name", ["Lyon", "Lyon"], false],
      ["size.people", ["500000", "520000"], true],
      ["size.area", ["1\n2", null], true],
      ["mayor", [null, "null"], true],
    ],
  );
});

Deno.test("a run without a result yet differs from nobody", () => {
  const [field] = compareFields([json({ a: 1 }), null, json({ a: 1 })]);
  assert.equal(field?.differs, false);
  assert.deepEqual(field?.values.map(({ text }) => text), ["1", null, "1"]);
  assert.deepEqual(compareFields([null, null]), []);
});

Deno.test("each value carries the API's confidence in it, and what it and its parts cite, once", () => {
  const [cities] = compareFields([
    json({ cities: [{ n: 1 }] }, [
      basisOf("cities", "high", "https://a.example/"),
      basisOf("cities[0].n", "low", "https://b.example/"),
      basisOf("cities.0", "low", "https://a.example/"),
      basisOf("other", "low", "https://c.example/"),
    ]),
  ]);
  assert.deepEqual(cities?.values[0]?.confidence, "high");
  assert.deepEqual(cities?.values[0]?.urls, ["https://a.example/", "https://b.example/"]);
  const text = {
    type: "text",
    content: "T",
    basis: [basisOf("output", "medium", "https://x.example/")],
  };
  const [field] = compareFields([text as TaskRunOutput]);
  assert.deepEqual([field?.path, field?.values[0]?.confidence], ["", "medium"]);
});

Deno.test("a result that has no text cites nothing for the text of another", () => {
  const text = { type: "text", content: "T", basis: [] };
  const fields = compareFields([
    json({ a: 1 }, [basisOf("a", "high", "https://a.example/")]),
    text as unknown as TaskRunOutput,
  ]);
  assert.deepEqual(
    fields.find(({ path }) => path === "")?.values.map(({ confidence, urls }) => ({
      confidence,
      urls,
    })),
    [{ confidence: null, urls: [] }, { confidence: null, urls: [] }],
  );
});

Deno.test("what was asked is compared with its options and without its processor", () => {
  const task: TaskRunInput = { input: "Why?", processor: "lite", enable_events: true };
  assert.equal(inputLines(task), "Why?\n\nenable_events: true");
  assert.equal(inputLines({ ...task, processor: "pro" }), inputLines(task));
});
