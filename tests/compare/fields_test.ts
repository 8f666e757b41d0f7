import { assertEquals, assertStrictEquals } from "@std/assert";
import { compareFields } from "../../lib/results/compare.ts";
import { compareInputs } from "../../routes/compare/(_parts)/input.ts";
import { readOutputText } from "../../lib/parallel/read.ts";
import { askedFields, isShared } from "../../routes/compare/(_parts)/asked.ts";
import { verdictOf } from "../../routes/compare/(_parts)/verdict.ts";
import { differingWords, WORK_PER_PAGE } from "../../routes/compare/(_parts)/Difference.tsx";
import type { TaskRunInput, TaskRunOutput } from "../../lib/parallel/types.ts";

const json = (content: Record<string, unknown>, basis: TaskRunOutput["basis"] = []) =>
  ({ type: "json", content, basis }) as TaskRunOutput;

const basisOf = (field: string, confidence: string, url: string) => ({
  field,
  reasoning: "",
  confidence,
  citations: [{ url }],
});

Deno.test("fields of all results are side by side, nested ones by path, with differences marked", () => {
  const fields = compareFields([
    json({ name: "Lyon", size: { people: 500_000, area: [1, 2] } }),
    json({ name: "Lyon", size: { people: 520_000 }, mayor: null }),
  ]);
  assertEquals(
    fields.map(({ path, values, differs }) => [path, values.map(({ text }) => text), differs]),
    [
      ["name", ["Lyon", "Lyon"], false],
      ["size.people", ["500000", "520000"], true],
      ["size.area", ["1\n2", null], true],
      ["mayor", [null, "null"], true],
    ],
  );
});

Deno.test("values that are only written differently do not differ", () => {
  const outputs = (...contents: string[]) =>
    contents.map((content) => readOutputText(`{"type":"json","content":${content},"basis":[]}`));
  const differing = (...contents: string[]) =>
    compareFields(outputs(...contents)).filter(({ differs }) => differs).map(({ path }) => path);
  assertEquals(
    differing(
      '{"a": 1.0, "b": [12.50, -0], "c": [{"x": 1, "y": [1e3]}], "d": 12345678901234567890}',
      '{"a": 1, "b": [12.5, 0], "c": [{"y": [1000.0], "x": 1}], "d": 12345678901234567890.0}',
    ),
    [],
  );
  assertEquals(
    differing(
      '{"a": 12345678901234567890, "b": "1.0", "c": [{"x": 1}], "d": [1, 2], "e": 1e400, "f": 0}',
      '{"a": 12345678901234567891, "b": "1", "c": [{"x": 1, "y": 1}], "d": [2, 1], "e": 1e401, "f": null}',
    ),
    ["a", "b", "c", "d", "e", "f"],
  );
});

Deno.test("a run without a result shows no differences", () => {
  const [field] = compareFields([json({ a: 1 }), null, json({ a: 1 })]);
  assertStrictEquals(field?.differs, false);
  assertEquals(field?.values.map(({ text }) => text), ["1", null, "1"]);
  assertEquals(compareFields([null, null]), []);
});

Deno.test("each value has the API's confidence in it and all citations of it and its parts, once", () => {
  const [cities] = compareFields([
    json({ cities: [{ n: 1 }] }, [
      basisOf("cities", "high", "https://a.example/"),
      basisOf("cities[0].n", "low", "https://b.example/"),
      basisOf("cities.0", "low", "https://a.example/"),
      basisOf("other", "low", "https://c.example/"),
    ]),
  ]);
  assertEquals(cities?.values[0]?.confidence, "high");
  assertEquals(cities?.values[0]?.urls, ["https://a.example/", "https://b.example/"]);
  const text = {
    type: "text",
    content: "T",
    basis: [basisOf("output", "medium", "https://x.example/")],
  };
  const [field] = compareFields([text as TaskRunOutput]);
  assertEquals([field?.path, field?.values[0]?.confidence], ["", "medium"]);
});

Deno.test("a result without text shows no citations for another run's text", () => {
  const text = { type: "text", content: "T", basis: [] };
  const fields = compareFields([
    json({ a: 1 }, [basisOf("a", "high", "https://a.example/")]),
    text as unknown as TaskRunOutput,
  ]);
  assertEquals(
    fields.find(({ path }) => path === "")?.values.map(({ confidence, urls }) => ({
      confidence,
      urls,
    })),
    [{ confidence: null, urls: [] }, { confidence: null, urls: [] }],
  );
});

Deno.test("a basis is read once, for any number of fields", () => {
  const names = Array.from({ length: 200 }, (_, n) => `f${n}`);
  let reads = 0;
  const basis = names.map((name) => ({
    get field() {
      reads++;
      return name;
    },
    reasoning: "",
    confidence: "high",
    citations: [{ url: `https://${name}.example/` }],
  }));
  const content = Object.fromEntries(names.map((name) => [name, name]));
  const fields = compareFields([json(content, basis), json(content)]);
  assertEquals(
    fields.map(({ values: [first, second] }) => [first?.confidence, first?.urls, second?.urls]),
    names.map((name) => ["high", [`https://${name}.example/`], []]),
  );
  assertStrictEquals(reads, names.length);
});

Deno.test("requests are compared option by option, without the processor", () => {
  const task: TaskRunInput = {
    input: "Why?",
    processor: "lite",
    metadata: { team: "blue", page: 7 },
    mcp_servers: null,
  };
  const options = compareInputs([task, {
    ...task,
    processor: "pro",
    metadata: { team: "red" },
    enable_events: true,
  }]);
  assertEquals(options, [
    { name: "input", texts: ["Why?", "Why?"], differs: false },
    { name: "metadata.team", texts: ["blue", "red"], differs: true },
    { name: "metadata.page", texts: ["7", null], differs: true },
    { name: "enable_events", texts: [null, "true"], differs: true },
  ]);
  const [input] = compareInputs([task, { ...task, input: { question: "Why?" } }]);
  assertEquals(input?.texts, ["Why?", '{\n  "question": "Why?"\n}']);
});

const marked = (text: string, base: string, workLeft = { ...WORK_PER_PAGE }) =>
  differingWords(text, base, workLeft)?.filter(({ isNew }) => isNew).map((stretch) =>
    stretch.text
  ) ?? null;

Deno.test("new words are marked, unless the texts have little in common", () => {
  assertEquals(marked("The rivers of Peru", "The rivers of France"), ["Peru"]);
  assertEquals(marked("Italy", "France"), ["Italy"], "a short value is marked whole");
  const base = "Which cities host the most data centres?";
  assertStrictEquals(marked("Name three painters who lived in Lyon before 1800.", base), null);
  assertEquals(marked(`${base} Since when?`, base), [" Since when?"]);
  assertStrictEquals(marked("x ".repeat(10_000), "y"), null, "too long to be compared");
  assertStrictEquals(
    differingWords("The rivers of Peru", "The rivers of France", { characters: 100 })?.map((
      { text },
    ) => text).join(""),
    "The rivers of Peru",
  );
});

Deno.test("word comparison is limited, and unrelated texts are not compared", () => {
  const workLeft = { characters: 100, marks: 100 };
  const [text, base] = ["The rivers of Peru", "The rivers of France"];
  const length = text.length + base.length;
  assertEquals(marked(text, base, workLeft), ["Peru"]);
  assertStrictEquals(workLeft.characters, 100 - length);
  assertStrictEquals(marked("one two three four five six seven", "something else", workLeft), null);
  assertStrictEquals(workLeft.characters, 100 - length, "that cost nothing");
  marked(text, base, workLeft);
  assertStrictEquals(marked(text, base, workLeft), null);
});

Deno.test("fields whose paths look alike are compared separately, and numbers by their digits", () => {
  const read = (text: string) => readOutputText(`{"type":"json","content":${text},"basis":[]}`);
  const fields = compareFields([
    read('{"a.b":1,"a":{"b":2},"n":1234567890123456789,"l":[1.0,2]}'),
    read('{"a.b":1,"a":{"b":3},"n":1234567890123456788,"l":[1.0,2]}'),
  ]);
  assertEquals(
    fields.map(({ path, values, differs }) => [path, values.map(({ text }) => text), differs]),
    [
      ['"a.b"', ["1", "1"], false],
      ['"a"."b"', ["2", "3"], true],
      ["n", ["1234567890123456789", "1234567890123456788"], true],
      ["l", ["1.0\n2", "1.0\n2"], false],
    ],
  );
});

Deno.test("of three runs, the two that agree most are named, unless all agree", () => {
  const verdict = (...contents: (Record<string, unknown> | null)[]) =>
    verdictOf(
      compareFields(contents.map((content) => content && json(content))),
      ["base", "pro", "ultra"],
    );
  assertStrictEquals(
    verdict({ a: 1, b: 2 }, { a: 3, b: 4 }, { a: 3, b: 4 }),
    "pro and ultra agree on 2.",
  );
  assertStrictEquals(verdict({ a: 1 }, { a: 1 }, { a: 1 }), "");
  assertStrictEquals(verdict({ a: 1 }, null, { a: 1 }), "base and ultra agree on 1.");
});

Deno.test("a field that one run was asked for differs from nothing, and is not empty in the others", () => {
  const asked = (names: readonly string[], content: Record<string, unknown> | string) => {
    const properties = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
    const json_schema = { type: "object", properties };
    const input = {
      input: "Halden",
      processor: "base",
      task_spec: { output_schema: { type: "json", json_schema } },
    } as TaskRunInput;
    const output = typeof content === "string"
      ? { type: "text", content, basis: [] } as TaskRunOutput
      : json(content);
    return { run: { input }, output };
  };
  const compared = (...runs: ReturnType<typeof asked>[]) => {
    const fields = askedFields(runs);
    const shown = fields.map((field) => [field.path, isShared(field), field.differs]);
    return [shown, verdictOf(fields, ["base", "pro", "ultra"].slice(0, runs.length))];
  };
  const [name, founded] = [{ name: "Halden" }, { founded: "2014" }];
  assertEquals(compared(asked(["name"], name), asked(["founded"], founded)), [
    [["name", false, false], ["founded", false, false]],
    "",
  ]);
  // What a run was asked for and has not is empty, and differs.
  assertEquals(
    compared(asked(["name", "founded"], name), asked(["name", "founded"], { ...name, ...founded })),
    [[["name", true, false], ["founded", true, true]], "base left 1 empty."],
  );
  // A text has no fields, and a record no text.
  assertEquals(compared(asked(["name"], name), asked(["name"], name), asked([], "A report")), [
    [["name", true, false], ["", false, false]],
    "base and pro agree on 1.",
  ]);
});
