/** Arbitrary output schemas within the API's rules. */
import fc from "fast-check";

type Schema = Record<string, unknown>;

const NAME = fc.constantFrom(
  "name",
  "company",
  "founded_year",
  "revenue",
  "website",
  "summary",
  "ceo",
  "country",
  "is_public",
  "tags",
  "price_usd",
  "published_date",
  "x",
  "constructor",
  "__proto__",
  "a/b~c",
  "größe",
);

const scalar: fc.Arbitrary<Schema> = fc.oneof(
  fc.constantFrom("string", "number", "integer", "boolean").map((type) => ({ type })),
  fc.constantFrom("string", "number", "integer", "boolean").map((type) => ({
    type: [type, "null"],
  })),
  fc.uniqueArray(fc.constantFrom("string", "integer", "boolean", "null", "number"), {
    minLength: 2,
  }).map((type) => ({ type })),
  fc.uniqueArray(fc.constantFrom<unknown>("a", "b", 1, 2.5, null, true), { minLength: 1 })
    .map((values) => ({ enum: values })),
  fc.record({ type: fc.constant("string"), enum: fc.constant(["low", "high"]) }),
  fc.constantFrom<unknown>("fixed", 7, false).map((value) => ({ const: value })),
  fc.constant({ $ref: "#/$defs/thing" }),
);

function object(child: fc.Arbitrary<Schema>): fc.Arbitrary<Schema> {
  return fc.tuple(
    fc.uniqueArray(fc.tuple(NAME, child), {
      selector: ([name]) => name,
      minLength: 1,
      maxLength: 4,
    }),
    fc.boolean(),
    fc.boolean(),
  ).map(([entries, closed, all]) => ({
    type: "object",
    properties: Object.fromEntries(entries),
    required: all ? entries.map(([name]) => name) : [],
    ...(closed ? { additionalProperties: false } : {}),
  }));
}

function nested(depth: number): fc.Arbitrary<Schema> {
  if (depth === 0) return scalar;
  const child = nested(depth - 1);
  return fc.oneof(
    { weight: 3, arbitrary: scalar },
    { weight: 2, arbitrary: object(child) },
    { weight: 2, arbitrary: child.map((items) => ({ type: "array", items })) },
    {
      weight: 1,
      arbitrary: fc.array(child, { minLength: 1, maxLength: 3 })
        .map((anyOf) => ({ anyOf: [...anyOf, { type: "null" }] })),
    },
    {
      weight: 1,
      arbitrary: fc.constant({ oneOf: [{ type: "string" }, { type: "integer" }] }),
    },
    {
      weight: 1,
      arbitrary: object(child).map((schema) => ({ allOf: [schema, { type: "object" }] })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(child, child).map((prefixItems) => ({
        type: "array",
        prefixItems,
        items: false,
      })),
    },
  );
}

/** Schemas of objects in objects, lists, enums, unions and references. */
export const outputSchema: fc.Arbitrary<Schema> = object(nested(3)).map((schema) => ({
  ...schema,
  $defs: {
    thing: {
      type: "object",
      properties: { label: { type: "string" }, score: { type: ["number", "null"] } },
      required: ["label", "score"],
      additionalProperties: false,
    },
  },
}));
