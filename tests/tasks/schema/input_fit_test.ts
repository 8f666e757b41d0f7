import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { misfitsOf, schemaOfInput } from "../../../lib/tasks/schema/input_fit.ts";

const SCHEMA = {
  type: "object",
  properties: { name: { type: "string" }, year: { type: "integer" } },
  required: ["name"],
  additionalProperties: false,
};

const MISFITS: readonly (readonly [string, unknown, readonly string[]])[] = [
  ["everything right", { name: "x", year: 1 }, []],
  ["a missing member", { year: 1 }, [""]],
  ["a wrong type", { name: 1 }, ["/name"]],
  ["a member too many", { name: "x", more: 1 }, ["/more"]],
  ["several at once", { name: 1, year: "x" }, ["/name", "/year"]],
];
for (const [name, input, paths] of MISFITS) {
  Deno.test(`an input with ${name} has mismatches at [${paths}]`, () => {
    const found = misfitsOf(SCHEMA, input);
    assertEquals(found?.map(({ path }) => path), paths, JSON.stringify(found));
  });
}

Deno.test("an unusable schema reports nothing", () => {
  assertStrictEquals(misfitsOf({ $ref: "#/nowhere" }, {}), null);
});

Deno.test("any input matches the schema derived from it", () => {
  const flat = fc.dictionary(
    fc.stringMatching(/^[a-z_]{1,8}$/),
    fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.constant(null),
    ),
  );
  fc.assert(fc.property(flat, fc.array(fc.string()), (inner, list) => {
    const input = { ...inner, inner, list };
    assertEquals(misfitsOf(schemaOfInput(input), input), []);
  }));
});
