import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { UNSUPPORTED_KEYWORDS } from "../../../lib/parallel/limits.ts";
import { checkOutputSchema } from "../../../lib/tasks/schema/rules.ts";

const text = { type: "string" };
const closed = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const many = (count: number, value: unknown = text) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, value]));
const strings = (count: number, length: number) =>
  Array.from({ length: count }, (_, i) => String(i).padStart(length, "x"));
const deep = (levels: number): unknown => levels === 0 ? text : closed({ a: deep(levels - 1) });

type Expected = readonly (readonly [rule: string, path: string])[];
const ERRORS: readonly (readonly [string, unknown, Expected])[] = [
  ["text", "an object", [["schema-object", ""]]],
  ["null", null, [["schema-object", ""]]],
  ["a list", [], [["schema-object", ""]]],
  ["nothing", {}, [["root-type", "/type"], ["root-properties", "/properties"]]],
  ["a list at the root", { type: "array", items: text }, [
    ["root-type", "/type"],
    ["root-properties", "/properties"],
  ]],
  ["no properties", { type: "object" }, [["root-properties", "/properties"]]],
  ["empty properties", closed({}), [["root-properties", "/properties"]]],
  ["properties that are a list", { type: "object", properties: [] }, [
    ["root-properties", "/properties"],
    ["shape", "/properties"],
  ]],
  ["anyOf at the root", { ...closed({ a: text }), anyOf: [closed({ b: text })] }, [[
    "root-any-of",
    "/anyOf",
  ]]],
  ["a field that is only null", closed({ a: { type: "null" } }), [[
    "null-type",
    "/properties/a/type",
  ]]],
  ["a field that is a list of only null", closed({ a: { type: ["null"] } }), [[
    "null-type",
    "/properties/a/type",
  ]]],
  ["a type that does not exist", closed({ a: { type: "text" } }), [["type", "/properties/a/type"]]],
  ["an empty list of types", closed({ a: { type: [] } }), [["type", "/properties/a/type"]]],
  ["a property that is no schema", closed({ a: "text" }), [["schema-object", "/properties/a"]]],
  ["a slash and a tilde in a name", closed({ "a/~": { type: 1 } }), [[
    "type",
    "/properties/a~1~0/type",
  ]]],
  ["an empty enum", closed({ a: { enum: [] } }), [["shape", "/properties/a/enum"]]],
  ["an empty anyOf", closed({ a: { anyOf: [] } }), [["shape", "/properties/a/anyOf"]]],
  ["required that is no list", { ...closed({ a: text }), required: "a" }, [["shape", "/required"]]],
  ["an enum of only null", closed({ a: { enum: [null] } }), [["null-type", "/properties/a/enum"]]],
  ["a const that is null", closed({ a: { const: null } }), [["null-type", "/properties/a/const"]]],
  [
    "a field that refers to a definition of null",
    closed({ a: { $ref: "#/$defs/none" } }, { $defs: { none: { type: "null" } } }),
    [["null-type", "/properties/a/$ref"]],
  ],
  [
    "alternatives that are all null",
    closed({ a: { anyOf: [{ type: "null" }, { enum: [null] }] } }),
    [
      ["null-type", "/properties/a/anyOf"],
    ],
  ],
  [
    "a mistake in dependentSchemas",
    closed({ a: text }, { dependentSchemas: { a: { properties: { b: { format: "date" } } } } }),
    [["unsupported-keyword", "/dependentSchemas/a/properties/b/format"]],
  ],
  ["a mistake in a tuple", closed({ a: { items: [text, { type: "text" }] } }), [
    ["type", "/properties/a/items/1/type"],
  ]],
  ["an anchor that is nowhere", closed({ a: { $ref: "#no" } }), [["ref", "/properties/a/$ref"]]],
  ["a description that is no text", closed({ a: { ...text, description: 1 } }), [
    ["shape", "/properties/a/description"],
  ]],
  ["a reference that leads nowhere", closed({ a: { $ref: "#/$defs/no" } }), [[
    "ref",
    "/properties/a/$ref",
  ]]],
  ["a reference to elsewhere", closed({ a: { $ref: "https://x.example/s.json" } }), [[
    "ref",
    "/properties/a/$ref",
  ]]],
  ["six levels of objects", deep(6), [["depth", ""]]],
  ["a schema that contains itself", closed({ a: { $ref: "#" } }), [["depth", ""]]],
  ["101 properties", closed(many(101)), [["properties", ""]]],
  ["101 properties on two levels", closed({ ...many(50), deep: closed(many(50)) }), [[
    "properties",
    "",
  ]]],
  ["501 enum values", closed({ a: { enum: strings(250, 4) }, b: { enum: strings(251, 4) } }), [[
    "enum-values",
    "",
  ]]],
  ["a large enum of long values", closed({ a: { enum: strings(251, 40) } }), [[
    "enum-chars",
    "/properties/a/enum",
  ]]],
  ["names beyond 25,000 characters", closed({ ["n".repeat(25_001)]: text }), [[
    "string-chars",
    "",
  ]]],
];
for (const [name, schema, expected] of ERRORS) {
  Deno.test(`a schema with ${name} is rejected`, () => {
    const { errors } = checkOutputSchema(schema);
    assertEquals<unknown>(errors.map(({ rule, path }) => [rule, path]), expected);
    for (const { message } of errors) assertMatch(message, /^["A-Z$]/);
  });
}

for (const keyword of UNSUPPORTED_KEYWORDS) {
  Deno.test(`the keyword ${keyword} is rejected anywhere, but allowed as a property name`, () => {
    const inside = closed({
      list: { type: "array", items: { anyOf: [{ ...text, [keyword]: 1 }] } },
    });
    const [error, ...others] = checkOutputSchema(inside).errors;
    assertStrictEquals(error?.path, `/properties/list/items/anyOf/0/${keyword}`);
    assertStrictEquals(error?.rule, "unsupported-keyword");
    assertEquals(others, []);
    assertEquals(checkOutputSchema(closed({ [keyword]: text })).errors, []);
  });
}

const FINE: readonly (readonly [string, unknown])[] = [
  ["five levels of objects", deep(5)],
  ["100 properties", closed(many(100))],
  ["500 enum values", closed({ a: { enum: strings(250, 30) }, b: { enum: strings(250, 30) } })],
  ["a large enum of short values", closed({ a: { enum: strings(300, 20) } })],
  [
    "null as an alternative",
    closed({ a: { anyOf: [text, { type: "null" }] }, b: { type: ["string", "null"] } }),
  ],
  ["references", { ...closed({ a: { $ref: "#/$defs/b" } }), $defs: { b: closed({ c: text }) } }],
  [
    "a definition of null that is an alternative",
    closed({ a: { anyOf: [text, { $ref: "#/$defs/none" }] } }, {
      $defs: { none: { type: "null" } },
    }),
  ],
  ["names that every object has", closed({ constructor: text, hasOwnProperty: text })],
];
for (const [name, schema] of FINE) {
  Deno.test(`a schema with ${name} is accepted without warnings`, () => {
    assertEquals(checkOutputSchema(schema), { errors: [], warnings: [] });
  });
}

const WARNINGS: readonly (readonly [string, unknown, Expected])[] = [
  ["a property that is not required", { ...closed({ a: text }), required: [] }, [[
    "required",
    "/properties/a",
  ]]],
  ["open objects", { type: "object", properties: { a: closed({ b: text }) }, required: ["a"] }, [
    ["additional-properties", ""],
  ]],
  [
    "fields that the basis has anyway",
    closed({ sources: text, confidence: text, inner: closed({ source: text }) }),
    [
      ["basis-field", "/properties/sources"],
      ["basis-field", "/properties/confidence"],
    ],
  ],
];
for (const [name, schema, expected] of WARNINGS) {
  Deno.test(`a schema with ${name} is accepted with a warning`, () => {
    const { errors, warnings } = checkOutputSchema(schema);
    assertEquals(errors, []);
    assertEquals<unknown>(warnings.map(({ rule, path }) => [rule, path]), expected);
  });
}

Deno.test("the check handles any input", () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 6 }),
      fc.constantFrom("properties", "anyOf", "enum", "required", "$ref", "type"),
      (value, key) => {
        checkOutputSchema(value);
        checkOutputSchema({ type: "object", properties: { a: { [key]: value } } });
      },
    ),
    { numRuns: 500 },
  );
});
