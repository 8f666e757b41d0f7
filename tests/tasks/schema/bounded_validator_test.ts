/** Untrusted schemas: applied by the standard, in bounded time. */
import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import {
  BoundedValidator,
  type BoundedValidatorOptions,
  UnboundedSchemaError,
} from "../../../lib/tasks/schema/bounded_validator.ts";
import { misfitsOf, schemaOfInput } from "../../../lib/tasks/schema/input_fit.ts";
import { isObject, type JsonObject, readVerbatim } from "../../../lib/base/mod.ts";
import { assertError } from "../../assert_error.ts";

const fits = (schema: JsonObject, value: unknown, options?: BoundedValidatorOptions) =>
  new BoundedValidator(schema, options).errorsIn(value).length === 0;

/** A few lines that stand for 2^levels visits. */
function doubling(keyword: string, levels: number, more: JsonObject = {}): JsonObject {
  const ref = (level: number) => ({ $ref: `#/$defs/d${level}`, ...more });
  const defs = Array.from({ length: levels }, (_, level) => [
    `d${level}`,
    { [keyword]: [ref(level + 1), ref(level + 1)], ...more },
  ]);
  return { ...ref(0), $defs: Object.fromEntries([...defs, [`d${levels}`, { type: "number" }]]) };
}

const ORDINARY: readonly [schema: JsonObject, value: unknown, fits: boolean][] = [
  [{ type: "string" }, "a", true],
  [{ type: "string" }, 1, false],
  [{ type: "object", required: ["a"] }, {}, false],
  [{ properties: { a: { enum: ["x", { y: 1 }] } } }, { a: { y: 1 } }, true],
  [{ properties: { a: { enum: ["x", { y: 1 }] } } }, { a: { y: 2 } }, false],
  [{ anyOf: [{ type: "null" }, { $ref: "#/$defs/a" }], $defs: { a: { const: 3 } } }, 3, true],
  [{ anyOf: [{ type: "null" }, { $ref: "#/$defs/a" }], $defs: { a: { const: 3 } } }, 4, false],
  [{ properties: { pattern: { type: "number" } } }, { pattern: 1 }, true],
  [{ properties: { pattern: { type: "number" } } }, { pattern: "1" }, false],
  [{ properties: { $recursiveAnchor: { type: "number" } } }, { $recursiveAnchor: "1" }, false],
  [{ properties: { __proto__x: true }, additionalProperties: false }, { b: 1 }, false],
];

for (const [schema, value, fit] of ORDINARY) {
  Deno.test(`${JSON.stringify(value)} ${fit ? "fits" : "does not fit"} ${JSON.stringify(schema)}`, () => {
    assertStrictEquals(fits(schema, value), fit);
  });
}

for (const keyword of ["anyOf", "allOf", "oneOf"]) {
  Deno.test(`references that double through ${keyword} sixty times are rejected`, () => {
    for (const stopAtFirst of [true, false]) {
      // In its place the count would be lost.
      for (const more of [{}, { $recursiveAnchor: false }]) {
        const schema = doubling(keyword, 60, more);
        assertThrows(() => fits(schema, 1, { stopAtFirst, visits: 5_000 }), UnboundedSchemaError);
      }
    }
    assertThrows(() => fits(doubling(keyword, 60), 1), UnboundedSchemaError);
    assertStrictEquals(fits(doubling(keyword, 3), "x"), false, "a few are nothing");
  });
}

Deno.test("visits are counted over all values of one validator, long enums by length", () => {
  const validator = new BoundedValidator({ type: "number" }, { visits: 3 });
  for (let n = 0; n < 3; n++) assertStrictEquals(validator.errorsIn(n).length, 0);
  assertThrows(() => validator.errorsIn(3), UnboundedSchemaError);
  const long = new BoundedValidator({ enum: Array(64_000).fill("x") }, { visits: 1_000 });
  assertThrows(() => long.errorsIn("y"), UnboundedSchemaError);
  for (
    const schema of [
      { enum: Array.from({ length: 1_000 }, (_, n) => ({ n })) },
      { required: Array.from({ length: 64_000 }, (_, n) => `f${n}`) },
      { properties: Object.fromEntries(Array.from({ length: 64_000 }, (_, n) => [`f${n}`, true])) },
    ]
  ) {
    assertThrows(() => fits(schema, {}, { visits: 1_000 }), UnboundedSchemaError);
  }
});

Deno.test("uniqueItems is rejected: its cost is quadratic", () => {
  const schema = { type: "array", uniqueItems: true };
  assertError(assertThrows(() => fits(schema, [1, 2])), { message: /unique items/ });
  assertStrictEquals(fits({ ...schema, uniqueItems: false }, [1, 1]), true);
});

Deno.test("patterns are rejected: ten characters can run forever", () => {
  const value = `${"a".repeat(60)}!`;
  for (
    const schema of [
      { pattern: "^(a+)+$" },
      { properties: { a: { type: "string", pattern: "^(a|a)*$" } } },
      { patternProperties: { "^(a+)+$": {} } },
    ]
  ) {
    assertError(assertThrows(() => fits(schema, "properties" in schema ? { a: value } : value)), {
      name: "UnboundedSchemaError",
      message: /pattern/,
    });
  }
});

Deno.test("an unresolved reference is an error, and the given schema is not modified", () => {
  const schema = { $ref: "#/$defs/none", properties: { a: { $ref: "#" } } };
  assertMatch(String(assertThrows(() => fits(schema, 1))), /Unresolved \$ref/);
  assertEquals(Object.getOwnPropertyNames(schema), ["$ref", "properties"]);
  assertEquals(Object.getOwnPropertyNames(schema.properties.a), ["$ref"]);
});

Deno.test("numbers that a double cannot hold count as numbers in schemas and values", () => {
  const read = (text: string) => {
    const value = readVerbatim(text);
    assert(isObject(value));
    return value;
  };
  const schema = read(
    '{"properties":{"id":{"type":"integer","enum":[1234567890123456789]},"x":{"type":"number","minimum":1.0}}}',
  );
  for (
    const [text, isFit] of [
      ['{"id":1234567890123456789,"x":1e400}', true],
      ['{"id":1234567890123456789,"x":1.50}', true],
      ['{"id":12345678901234567890,"x":2}', false],
      ['{"id":1234567890123456789,"x":0.50}', false],
    ] as const
  ) {
    assertStrictEquals(fits(schema, read(text)), isFit, text);
    assertStrictEquals(misfitsOf(schema, read(text))?.length === 0, isFit, text);
  }
  assertStrictEquals(
    JSON.stringify(schemaOfInput(read('{"id":1234567890123456789,"x":1.5}'))),
    JSON.stringify({
      type: "object",
      properties: { id: { type: "integer" }, x: { type: "number" } },
      required: ["id", "x"],
      additionalProperties: false,
    }),
  );
});
