import { Validator } from "@cfworker/json-schema";
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { isObject } from "../../lib/base/mod.ts";
import { checkOutputSchema } from "../../lib/tasks/schema/rules.ts";
import type { TaskRunInput, TaskRunOutput } from "../../lib/parallel/types.ts";
import { valueFor } from "../../lib/sandbox/output/schema_value.ts";
import { Random } from "../../lib/sandbox/random.ts";
import { topicOf } from "../../lib/sandbox/script/topic.ts";
import { timelineOf } from "../../lib/sandbox/timeline.ts";
import { outputSchema } from "./schemas.ts";
import { NOON } from "./support.ts";

const TOPIC = topicOf("Which companies make electric ferries in Norway?");

/** The output of a run with this request. */
function outputOf(input: TaskRunInput, runId = "trun_1"): TaskRunOutput {
  const seed = { runId, input, createdMs: NOON, speed: 1 };
  const output = timelineOf({ ...seed, follows: null, followsUnknown: false, resumedUs: null })
    .output();
  assert(output);
  return output;
}

Deno.test("a generated value satisfies every schema that passes the rules", () => {
  fc.assert(
    fc.property(outputSchema, fc.string(), (schema, seed) => {
      fc.pre(checkOutputSchema(schema).errors.length === 0);
      const value = valueFor({ schema, topic: TOPIC, random: new Random(seed), year: 2026 });
      const { valid, errors } = new Validator(schema, "2020-12").validate(value);
      assert(valid, `${JSON.stringify(value)}: ${JSON.stringify(errors.at(-1))}`);
    }),
    { numRuns: 400 },
  );
});

Deno.test("most generated schemas pass the rules", () => {
  const drawn = fc.sample(outputSchema, 300);
  const kept = drawn.filter((schema) => checkOutputSchema(schema).errors.length === 0);
  assert(kept.length > 200, `${kept.length} of 300`);
});

const AWKWARD: readonly (readonly [string, Record<string, unknown>])[] = [
  ["alternatives beside properties", {
    properties: {
      a: { type: "string" },
      b: { type: "object", properties: { c: { type: "integer" } } },
    },
    required: ["a", "b"],
  }],
  ["a reference with members beside it", {
    properties: { a: { $ref: "#/$defs/n", description: "here" } },
    required: ["a"],
    $defs: { n: { type: ["integer", "null"] } },
  }],
  ["a chain of references", {
    properties: { a: { $ref: "#/$defs/one" } },
    required: ["a"],
    $defs: {
      one: { $ref: "#/$defs/two" },
      two: { type: "array", items: { $ref: "#/$defs/three" } },
      three: { enum: [3] },
    },
  }],
  ["an intersection of enums and types", {
    properties: { a: { allOf: [{ enum: ["x", "y", 1] }, { enum: ["y", 1] }, { type: "string" }] } },
    required: ["a"],
  }],
  ["exactly one of two overlapping types", {
    properties: { a: { oneOf: [{ type: "number" }, { type: "string", const: "none" }] } },
    required: ["a"],
  }],
  ["a map of anything to numbers", {
    properties: { a: { type: "object", additionalProperties: { type: "number" } } },
    required: ["a"],
  }],
  ["an object that says nothing of itself", {
    properties: { a: { type: "object" }, b: {} },
    required: ["a", "b"],
  }],
  ["not", {
    properties: { a: { type: ["string", "integer"], not: { type: "string" } } },
    required: ["a"],
  }],
];
for (const [name, rest] of AWKWARD) {
  Deno.test(`a value satisfies a schema with ${name}`, () => {
    const schema: Record<string, unknown> = {
      type: "object",
      additionalProperties: false,
      ...rest,
    };
    for (let seed = 0; seed < 20; seed++) {
      const value = valueFor({
        schema,
        topic: TOPIC,
        random: new Random(String(seed)),
        year: 2026,
      });
      assert(new Validator(schema, "2020-12").validate(value).valid, JSON.stringify(value));
    }
  });
}

Deno.test("a JSON result has a basis for every field and every list element", () => {
  const json_schema = {
    type: "object",
    properties: {
      ceo: { type: "string" },
      yards: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } },
    },
    required: ["ceo", "yards"],
    additionalProperties: false,
  };
  const output = outputOf({
    input: "Which companies make electric ferries?",
    processor: "core",
    task_spec: { output_schema: { type: "json", json_schema } },
  });
  assert(output.type === "json" && Array.isArray(output.content.yards));
  const fields = output.content.yards.map((_, index) => `yards.${index}`);
  assertEquals(output.basis.map(({ field }) => field), ["ceo", "yards", ...fields]);
  assertStrictEquals(output.output_schema, undefined);
  assertGrounded(output);
});

Deno.test("a text result is markdown with headings, a table, reference marks and a reference list", () => {
  const output = outputOf({
    input: "Which companies make electric ferries?",
    processor: "pro",
    task_spec: { output_schema: "A report." },
  });
  assert(output.type === "text");
  assertMatch(output.content, /^# Which companies make electric ferries$/m);
  assertMatch(output.content, /^## Findings$/m);
  assertMatch(output.content, /^\|---\|/m);
  assertMatch(output.content, /\[\d\]/);
  assertMatch(output.content, /^1\. \[Simulated: .+\]\(https:\/\/\S+\.example\/\S+\)$/m);
  assertEquals(output.basis.map(({ field }) => field), ["output"]);
  assertGrounded(output);
});

Deno.test("every mark in a text has its reference", () => {
  for (let seed = 0; seed < 30; seed++) {
    const output = outputOf({
      input: "Which rivers are tidal?",
      processor: seed % 2 === 0 ? "lite" : "ultra",
      task_spec: { output_schema: { type: "text" } },
    }, `trun_${seed}`);
    assert(output.type === "text");
    const count = output.content.split("## References")[1]!.match(/^\d+\./gm)!.length;
    for (const [, mark] of output.content.matchAll(/\[(\d+)\]/g)) assert(Number(mark) <= count);
  }
});

Deno.test("an automatic result is nested research on pro and above, and one field below", () => {
  for (const processor of ["pro", "ultra", "ultra8x-fast"]) {
    const output = outputOf({ input: "Which rivers are tidal?", processor });
    assert(output.type === "json" && isObject(output.output_schema));
    const { valid, errors } = new Validator(output.output_schema).validate(output.content);
    assert(valid, JSON.stringify(errors));
    assert(output.basis.some(({ field }) => field === "landscape.current_state"));
    assertGrounded(output);
  }
  for (const processor of ["lite", "base-fast", "core2x"]) {
    const output = outputOf({ input: "Which rivers are tidal?", processor });
    assert(output.type === "json");
    assertEquals(Object.keys(output.content), ["output"]);
    assertEquals(output.output_schema, {});
    assertGrounded(output);
  }
});

Deno.test("sources stay within the included domains and after the given day", () => {
  const output = outputOf({
    input: "Which rivers are tidal?",
    processor: "core",
    source_policy: { include_domains: ["example.gov", ".edu"], after_date: "2026-09-01" },
  });
  for (const { citations = [] } of output.basis) {
    for (const { url } of citations) {
      assertMatch(url, /^https:\/\/(?:example\.gov|agency\.edu)\.example\/2026\/(?:09|10|11)\//);
    }
  }
});

const INPUTS: readonly (readonly [string, TaskRunInput["input"]])[] = [
  ["no word", "?!"],
  ["one word", "Lyon"],
  ["another script", "東京の人口は何人ですか？"],
  ["markdown", "Compare | a | b |\n|---|---|\n**bold** [x](y) <script>alert(1)</script>"],
  ["a template's own marks", "{k} {o} $& $1 {p}"],
  ["an empty object", {}],
  ["deep JSON", { a: { b: { c: ["Acme Corp", 3, null, { d: "Oslo" }] } } }],
];
for (const [name, input] of INPUTS) {
  Deno.test(`an input of ${name} gives a result of every kind`, () => {
    for (const output_schema of ["A text", { type: "auto" as const }]) {
      for (const processor of ["lite", "pro"]) {
        assertGrounded(outputOf({ input, processor, task_spec: { output_schema } }));
      }
    }
  });
}

/** What holds for every result: it is labelled, and rests on pages that cannot exist. */
function assertGrounded(output: TaskRunOutput): void {
  assertMatch(JSON.stringify(output.content), /[Ss]imulated/);
  assert(output.basis.length > 0);
  for (const { reasoning, confidence, citations = [] } of output.basis) {
    assertMatch(reasoning, /^Simulated by the Taskstream sandbox: /);
    assertMatch(confidence ?? "", /^(?:high|medium|low)$/);
    assert(citations.length > 0);
    for (const { url, title, excerpts } of citations) {
      assert(new URL(url).hostname.endsWith(".example"), url);
      assertMatch(title ?? "", /^Simulated: /);
      assert(excerpts !== null && excerpts !== undefined && excerpts.length > 0);
    }
  }
}
