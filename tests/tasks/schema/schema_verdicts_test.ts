/**
 * Schemas with their verdicts by the API's documented rules ("specify a task", "warnings and errors"):
 * rejected, accepted with a warning, or accepted. Tests each limit below, at and above.
 */
import { assert, assertStrictEquals } from "@std/assert";
import { BASIS_FIELDS, UNSUPPORTED_KEYWORDS } from "../../../lib/parallel/limits.ts";
import { checkOutputSchema } from "../../../lib/tasks/schema/rules.ts";

const text = { type: "string" };
const closed = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const one = (schema: unknown) => closed({ a: schema });
const list = (items: unknown) => ({ type: "array", items });
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, text]));
const deep = (levels: number): unknown => levels === 0 ? text : one(deep(levels - 1));
const listed = (levels: number): unknown =>
  levels === 1 ? one(text) : one(list(listed(levels - 1)));
const values = (count: number, chars: number) =>
  Array.from({ length: count }, (_, i) => String(i).padStart(5, "v")).map((value, i) =>
    i === 0 ? value.padEnd(chars - 5 * (count - 1), "x") : value
  );
const enums = (...counts: number[]) =>
  closed(Object.fromEntries(counts.map((count, i) => [`e${i}`, { enum: values(count, 5000) }])));

type Verdict = "refused" | "noted" | "fine";
const VERDICTS: readonly (readonly [Verdict, string, unknown])[] = [
  // The root.
  ["fine", "an object with one field", one(text)],
  ["refused", "no object at all", "string"],
  ["refused", "a list of schemas", [one(text)]],
  ["refused", "true", true],
  ["refused", "an empty object", {}],
  ["refused", "a root that is a string", text],
  ["refused", "a root that is a list", list(one(text))],
  ["refused", "a root that may be null", { ...one(text), type: ["object", "null"] }],
  ["refused", "a root without a type", { ...one(text), type: undefined }],
  ["refused", "a root without properties", { type: "object", additionalProperties: false }],
  ["refused", "a root with empty properties", closed({})],
  ["refused", "a root of anyOf alone", { anyOf: [one(text), one(list(text))] }],
  ["refused", "a root with anyOf beside", { ...one(text), anyOf: [one(text)] }],
  ["refused", "a root that is a reference", { $ref: "#/$defs/a", $defs: { a: one(text) } }],
  ["fine", "a root with a title and a description", { ...one(text), title: "T", description: "D" }],
  ["fine", "a root with $schema", {
    ...one(text),
    $schema: "https://json-schema.org/draft/2020-12/schema",
  }],
  // Types.
  ...["string", "number", "integer", "boolean"].map((type) =>
    ["fine", `a field of type ${type}`, one({ type })] as const
  ),
  ["fine", "a list of texts", one(list(text))],
  ["fine", "a list of lists", one(list(list(text)))],
  ["fine", "a list of objects", one(list(one(text)))],
  ["fine", "an object in an object", one(one(text))],
  ["refused", "a field that is only null", one({ type: "null" })],
  ["refused", "a list of nothing but null", one(list({ type: "null" }))],
  ["refused", "a nested field that is only null", one(one({ type: "null" }))],
  ["refused", "a list of types with null alone", one({ type: ["null"] })],
  ["fine", "a text or null", one({ type: ["string", "null"] })],
  ["fine", "an object or null", one({ ...one(text), type: ["object", "null"] })],
  ["fine", "null as one of anyOf", one({ anyOf: [text, { type: "null" }] })],
  ["refused", "a type that JSON does not have", one({ type: "date" })],
  ["refused", "a type in capitals", one({ type: "String" })],
  ["refused", "a type that is a number", one({ type: 7 })],
  ["refused", "a list of types with a wrong one", one({ type: ["string", "text"] })],
  // Unions, references, fixed values.
  ["fine", "anyOf below the root", one({ anyOf: [text, { type: "integer" }] })],
  ["fine", "anyOf of objects", one({ anyOf: [one(text), closed({ b: text })] })],
  ["refused", "anyOf that is no list", one({ anyOf: text })],
  ["refused", "an empty anyOf", one({ anyOf: [] })],
  ["refused", "anyOf with a text among its schemas", one({ anyOf: ["string"] })],
  [
    "fine",
    "a reference to $defs",
    closed({ a: { $ref: "#/$defs/b" } }, { $defs: { b: one(text) } }),
  ],
  [
    "fine",
    "a reference to definitions",
    closed({ a: { $ref: "#/definitions/b" } }, { definitions: { b: text } }),
  ],
  ["refused", "a reference to nowhere", one({ $ref: "#/$defs/b" })],
  ["refused", "a reference to the web", one({ $ref: "https://example.com/schema.json" })],
  ["refused", "a reference that is no text", one({ $ref: 1 })],
  ["fine", "a const", one({ const: "x" })],
  ["fine", "an enum", one({ type: "string", enum: ["x", "y"] })],
  ["fine", "an enum of numbers", one({ enum: [1, 2] })],
  ["refused", "an empty enum", one({ enum: [] })],
  ["refused", "an enum that is no list", one({ enum: "x" })],
  // Shapes.
  ["refused", "properties that are a list", { ...one(text), properties: ["a"] }],
  ["refused", "a property that is a type's name", one("string")],
  ["refused", "a property that is null", one(null)],
  ["refused", "items that are text", one({ type: "array", items: "string" })],
  ["refused", "a description that is a list", one({ ...text, description: ["x"] })],
  ["refused", "required that is a text", { ...one(text), required: "a" }],
  ["noted", "required that names no property", { ...one(text), required: ["a", "b"] }],
  // Schemas that are JSON Schema, and that no documented rule forbids.
  ["fine", "a property that is true", one(true)],
  ["fine", "a property that is false", one(false)],
  ["fine", "alternatives of which one is true", one({ anyOf: [true, text] })],
  ["fine", "items that are true", one(list(true))],
  ["fine", "a reference to true", closed({ a: { $ref: "#/$defs/x" } }, { $defs: { x: true } })],
  [
    "fine",
    "a reference to an anchor",
    closed({ a: { $ref: "#name" } }, { $defs: { x: { $anchor: "name", type: "string" } } }),
  ],
  [
    "fine",
    "a reference to an $id",
    closed({ a: { $ref: "name.json#/$defs/y" } }, {
      $defs: { x: { $id: "name.json", $defs: { y: text } } },
    }),
  ],
  ["fine", "null as what a field must not be", one({ type: "string", not: { type: "null" } })],
  ["fine", "null as one of several values", one({ enum: ["a", null] })],
  [
    "fine",
    "dependencies that are names",
    closed({ a: text, b: text }, { dependencies: { a: ["b"] } }),
  ],
  ["fine", "5 levels, the inner ones said twice", one({ allOf: [deep(4), { type: "object" }] })],
  ["fine", "5 levels whose root has conditions", { ...one(deep(4)), if: { type: "object" } }],
  [
    "refused",
    "6 levels through dependentSchemas",
    closed({ a: text }, {
      dependentSchemas: { a: deep(6) },
    }),
  ],
  // Depth: at most 5 objects in objects.
  ["fine", "4 levels", deep(4)],
  ["fine", "5 levels", deep(5)],
  ["refused", "6 levels", deep(6)],
  ["fine", "5 levels through lists", listed(5)],
  ["refused", "6 levels through lists", listed(6)],
  ["refused", "6 levels through anyOf", one({ anyOf: [text, deep(5)] })],
  [
    "refused",
    "6 levels through a reference",
    closed({ a: { $ref: "#/$defs/d" } }, {
      $defs: { d: deep(5) },
    }),
  ],
  ["refused", "a schema that contains itself", one({ $ref: "#" })],
  // Properties: at most 100 in all.
  ["fine", "99 properties", closed(many(99))],
  ["fine", "100 properties", closed(many(100))],
  ["refused", "101 properties", closed(many(101))],
  ["fine", "100 properties on two levels", closed({ ...many(49), x: closed(many(50)) })],
  ["refused", "101 properties on two levels", closed({ ...many(50), x: closed(many(50)) })],
  // Names and values: at most 25,000 characters.
  ["fine", "names of 24,999 characters", closed({ ["n".repeat(24_999)]: text })],
  ["fine", "names of 25,000 characters", closed({ ["n".repeat(25_000)]: text })],
  ["refused", "names of 25,001 characters", closed({ ["n".repeat(25_001)]: text })],
  ["refused", "a const of 25,001 characters", one({ const: "v".repeat(25_001) })],
  [
    "refused",
    "names and values of 25,001 together",
    closed({
      ["n".repeat(13_000)]: { enum: ["v".repeat(12_001)] },
    }),
  ],
  ["fine", "a description of 30,000 characters", one({ ...text, description: "d".repeat(30_000) })],
  // Enums: at most 500 values in all; beyond 250 in one at most 7,500 characters.
  ["fine", "499 enum values", enums(249, 250)],
  ["fine", "500 enum values", enums(250, 250)],
  ["refused", "501 enum values", enums(250, 250, 1)],
  ["fine", "250 enum values of 9,000 characters", one({ enum: values(250, 9_000) })],
  ["fine", "251 enum values of 7,499 characters", one({ enum: values(251, 7_499) })],
  ["fine", "251 enum values of 7,500 characters", one({ enum: values(251, 7_500) })],
  ["refused", "251 enum values of 7,501 characters", one({ enum: values(251, 7_501) })],
  // Keywords.
  ...UNSUPPORTED_KEYWORDS.map((keyword) =>
    ["refused", `the keyword ${keyword}`, one({ ...text, [keyword]: 1 })] as const
  ),
  ["refused", "an unsupported keyword at the root", { ...one(text), minProperties: 1 }],
  [
    "refused",
    "an unsupported keyword in $defs",
    closed({ a: text }, {
      $defs: { b: { type: "string", pattern: "x" } },
    }),
  ],
  ["fine", "unsupported keywords as names", closed({ format: text, pattern: text, minimum: text })],
  ["fine", "a keyword that nobody knows", one({ ...text, "x-order": 1 })],
  // Notes.
  ["noted", "a field that is not required", { ...closed({ a: text, b: text }), required: ["a"] }],
  ["noted", "no required at all", {
    type: "object",
    properties: { a: text },
    additionalProperties: false,
  }],
  ["noted", "a nested field that is not required", one({ ...one(text), required: [] })],
  ["noted", "an open root", { ...one(text), additionalProperties: undefined }],
  ["noted", "a root that is open on purpose", { ...one(text), additionalProperties: true }],
  ["noted", "an open object in a list", one(list({ ...one(text), additionalProperties: true }))],
  ...BASIS_FIELDS.map((name) =>
    ["noted", `a field called ${name}`, closed({ [name]: text })] as const
  ),
  ["fine", "a nested field called sources", one(closed({ sources: text }))],
];

Deno.test("the table has at least 80 different schemas", () => {
  assert(VERDICTS.length >= 80, String(VERDICTS.length));
  assertStrictEquals(new Set(VERDICTS.map(([, name]) => name)).size, VERDICTS.length);
});

for (const [verdict, name, schema] of VERDICTS) {
  Deno.test(`a schema with ${name} is ${verdict}`, () => {
    const { errors, warnings } = checkOutputSchema(schema);
    const given: Verdict = errors.length > 0 ? "refused" : warnings.length > 0 ? "noted" : "fine";
    assertStrictEquals(given, verdict, JSON.stringify([...errors, ...warnings]));
  });
}
