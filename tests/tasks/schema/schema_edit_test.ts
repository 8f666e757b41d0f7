/** Field rows and JSON are two views of one schema: rows keep what they do not show. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { Validator } from "@cfworker/json-schema";
import fc from "fast-check";
import { EXAMPLES } from "../../../lib/tasks/fields/examples.ts";
import { atPointer, isObject, type JsonObject, readVerbatim } from "../../../lib/base/mod.ts";
import {
  addField,
  EMPTY_SCHEMA,
  moveField,
  removeField,
  renameField,
  setDescription,
  setRequired,
  setShape,
  ShapeMemory,
} from "../../../lib/tasks/schema/edit.ts";
import { type FieldRow, KINDS, rowsOf, shapeOf } from "../../../lib/tasks/schema/rows.ts";
import { checkOutputSchema } from "../../../lib/tasks/schema/rules.ts";
import { sampleOf } from "../../../lib/tasks/schema/sample.ts";

const name = fc.oneof(
  fc.stringMatching(/^[a-z]{1,6}$/),
  fc.constantFrom("a/b", "~", "constructor", "__proto__", "häuser", " "),
);
const more = fc.dictionary(
  fc.constantFrom("title", "default", "examples", "x-own"),
  fc.jsonValue(),
);
const { schema } = fc.letrec<{ schema: JsonObject; field: JsonObject }>((tie) => ({
  field: fc.oneof(
    { maxDepth: 3, depthIdentifier: "schema" },
    fc.tuple(
      fc.record({
        type: fc.constantFrom("string", "integer", "number", "boolean", ["string", "null"]),
        description: fc.string(),
      }, { requiredKeys: ["type"] }),
      more,
    ).map(([one, rest]) => ({ ...rest, ...one })),
    fc.constantFrom({ $ref: "#/properties" }, { anyOf: [{ type: "string" }, { type: "null" }] }, {
      type: "string",
      enum: ["a", "b"],
    }, { type: ["string", "integer"] }),
    tie("field").map((items) => ({ type: "array", items })),
    tie("schema"),
  ),
  schema: fc.tuple(fc.dictionary(name, tie("field"), { maxKeys: 4 }), more, fc.boolean()).map(
    ([properties, rest, strict]) => ({
      ...rest,
      type: "object",
      properties,
      ...strict ? { required: Object.keys(properties), additionalProperties: false } : {},
    }),
  ),
}));

function allRows(rows: readonly FieldRow[]): FieldRow[] {
  return rows.flatMap((row) => [row, ...allRows(row.fields)]);
}

/** Any schema as it comes out of a JSON text: plain objects, nothing shared. */
const written = schema.map((each): JsonObject => JSON.parse(JSON.stringify(each)));

/** Any schema and one of its rows. */
const picked = fc.tuple(written, fc.nat()).map(([root, n]) => {
  const rows = allRows(rowsOf(root));
  return { root, row: rows[n % Math.max(1, rows.length)] };
}).filter((each): each is { root: JsonObject; row: FieldRow } => each.row !== undefined);

/** The root without what lies at a pointer. */
const without = (root: JsonObject, pointer: string) =>
  JSON.stringify(root, function (this: unknown, _key, value) {
    return value === atPointer(root, pointer) && isObject(value) ? "cut" : value;
  });

Deno.test("rows show every field of the objects they cover, in order", () => {
  fc.assert(fc.property(written, (root) => {
    for (const row of allRows(rowsOf(root))) {
      assert(atPointer(root, row.path) !== undefined, row.path);
      if (row.inside === null) continue;
      const { properties = {} } = atPointer(root, row.inside) as { properties?: JsonObject };
      assertEquals(row.fields.map((each) => each.name), Object.keys(properties));
    }
  }));
});

Deno.test("setting a row to its current value changes nothing", () => {
  fc.assert(fc.property(picked, ({ root, row }) => {
    const { path } = row;
    const same = setShape(
      setRequired(renameField(root, path, row.name), path, row.required),
      path,
      row,
    );
    assertStrictEquals(JSON.stringify(same), JSON.stringify(root));
  }));
});

Deno.test("undoing an edit restores the schema", () => {
  fc.assert(fc.property(picked, fc.string({ minLength: 1 }), ({ root, row }, text) => {
    const { path } = row;
    const same = (changed: JsonObject) => assertEquals(changed, root);
    const free = `${row.name}-new`;
    const there = path.slice(0, path.lastIndexOf("/") + 1) +
      free.replaceAll("~", "~0").replaceAll("/", "~1");
    fc.pre(!Object.hasOwn(atPointer(root, path.slice(0, path.lastIndexOf("/"))) as object, free));
    same(renameField(renameField(root, path, free), there, row.name));
    same(moveField(moveField(root, path, 1), path, -1));
    if (row.description !== "") {
      same(setDescription(setDescription(root, path, text), path, row.description));
    }
    const own = atPointer(root, path);
    if (row.kind !== "other" && !row.nullable && isObject(own) && typeof own.type === "string") {
      same(setShape(setShape(root, path, { ...row, nullable: true }), path, row));
      if (!row.list) same(setShape(setShape(root, path, { ...row, list: true }), path, row));
    }
  }));
});

Deno.test("an edit changes only its field", () => {
  const kinds = fc.constantFrom(...KINDS);
  fc.assert(fc.property(picked, kinds, fc.boolean(), ({ root, row }, kind, flag) => {
    const shape = { kind, list: flag, nullable: !flag };
    const shaped = setShape(root, row.path, shape);
    assertEquals(shapeOf(atPointer(shaped, row.path)), shape);
    assertStrictEquals(without(shaped, row.path), without(root, row.path));
    const described = setDescription(root, row.path, "new");
    const own = atPointer(described, row.path);
    if (isObject(own)) assertStrictEquals(own.description, "new");
    const before = atPointer(root, row.path) as JsonObject;
    for (const key of ["title", "default", "examples", "x-own"]) {
      if (isObject(own)) assertEquals(own[key], before[key], key);
    }
  }));
});

Deno.test("adding or removing a field affects no other field", () => {
  fc.assert(fc.property(picked, ({ root, row }) => {
    const names = (rows: readonly FieldRow[]) => allRows(rows).map(({ path }) => path);
    const gone = names(rowsOf(removeField(root, row.path)));
    const expected = names(rowsOf(root)).filter((path) =>
      path !== row.path && !path.startsWith(`${row.path}/`)
    );
    assertEquals(gone, expected);
    const added = names(rowsOf(addField(root, "")));
    assertStrictEquals(added.length, names(rowsOf(root)).length + 1);
  }));
});

Deno.test("a schema built only from rows has no errors or warnings", () => {
  let made = addField(addField(EMPTY_SCHEMA, ""), "");
  made = renameField(made, "/properties/field", "companies");
  made = setShape(made, "/properties/companies", { kind: "object", list: true, nullable: false });
  made = addField(made, "/properties/companies/items");
  made = setDescription(made, "/properties/field_2", "Why");
  made = setShape(made, "/properties/field_2", { kind: "string", list: false, nullable: true });
  assertEquals(checkOutputSchema(made), { errors: [], warnings: [] });
  assertEquals(made, {
    type: "object",
    properties: {
      companies: {
        type: "array",
        items: {
          type: "object",
          properties: { field: { type: "string" } },
          required: ["field"],
          additionalProperties: false,
        },
      },
      field_2: { type: ["string", "null"], description: "Why" },
    },
    required: ["companies", "field_2"],
    additionalProperties: false,
  });
});

Deno.test("taken or empty names and unknown paths change nothing", () => {
  const root = addField(addField(EMPTY_SCHEMA, ""), "");
  assertEquals(renameField(root, "/properties/field", "field_2"), root);
  assertEquals(renameField(root, "/properties/field", ""), root);
  for (const path of ["", "/properties", "/properties/none", "/items/properties/field"]) {
    assertEquals(removeField(root, path), root, path);
  }
});

Deno.test("rows mark what they cannot show, and keep it", () => {
  const root = {
    type: "object",
    properties: {
      a: { type: "string", enum: ["x"], title: "A" },
      b: { anyOf: [{ type: "string" }] },
    },
  };
  const [a, b] = rowsOf(root);
  assertEquals([a?.kind, a?.also], ["string", ["enum", "title"]]);
  assertEquals([b?.kind, b?.also], ["other", ["anyOf"]]);
  const nullable = setShape(root, "/properties/a", { kind: "string", list: false, nullable: true });
  assertEquals(atPointer(nullable, "/properties/a"), {
    type: ["string", "null"],
    enum: ["x", null],
    title: "A",
  });
});

Deno.test("a sample is valid against its schema", () => {
  const whole = EXAMPLES.flatMap(({ input }) => {
    const output = input.task_spec?.output_schema;
    return typeof output === "object" && "json_schema" in output
      // The validator adds members to what it is given.
      ? [structuredClone(output.json_schema)]
      : [];
  });
  assert(whole.length >= 3);
  for (const each of whole) {
    const { valid, errors } = new Validator(each, "2020-12").validate(sampleOf(each));
    assert(valid, JSON.stringify(errors));
  }
  const tricky: JsonObject = {
    type: "object",
    properties: {
      self: { $ref: "#/$defs/node" },
      either: { anyOf: [{ type: "null" }, { type: "integer" }] },
      both: {
        allOf: [{ type: "object", properties: { x: { const: 3 } }, required: ["x"] }],
        properties: { y: { enum: [null, "y"] } },
      },
      pair: { type: "array", prefixItems: [{ type: "string" }, { type: "boolean" }] },
      none: { type: "null" },
    },
    required: ["self", "either", "both", "pair", "none"],
    $defs: { node: { type: "object", properties: { name: { type: "string" } } } },
  };
  assert(new Validator(tricky, "2020-12").validate(sampleOf(tricky)).valid);
});

Deno.test("the sample of any schema is finite JSON", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
    const schema = { type: "object", properties: { a: value, b: { $ref: "#" } } };
    JSON.stringify(sampleOf(schema));
  }));
});

const ordered = (text: string) => readVerbatim(text) as JsonObject;
const names = (schema: JsonObject) => rowsOf(schema).map(({ name }) => name);

Deno.test("a numeric name keeps its position among the fields", () => {
  const text =
    '{"properties":{"b":{},"2024":{},"\\u0031":{},"-1":{},"007":{}},"required":["1","b"]}';
  const schema = ordered(text);
  assertEquals(names(schema), ["b", "2024", "1", "-1", "007"]);
  assertStrictEquals(JSON.stringify(schema), text.replace("\\u0031", "1"));
  assertEquals(rowsOf(schema).map(({ required }) => required), [
    true,
    false,
    true,
    false,
    false,
  ]);
  const path = (at: number) => rowsOf(schema)[at]?.path ?? "";
  const renamed = renameField(schema, path(0), "0");
  assertEquals(names(renamed), ["0", "2024", "1", "-1", "007"]);
  assertMatch(JSON.stringify(renamed), /"required":\["1","0"\]/);
  assertEquals(names(moveField(schema, path(1), -1)), ["2024", "b", "1", "-1", "007"]);
  const removed = removeField(schema, path(2));
  assertEquals(names(removed), ["b", "2024", "-1", "007"]);
  assertMatch(JSON.stringify(removed), /"required":\["b"\]/);
  assertMatch(
    JSON.stringify(setRequired(schema, path(1), true)),
    /"required":\["1","b","2024"\]/,
  );
  assertEquals(renameField(schema, path(0), "1"), schema, "a taken name changes nothing");
});

Deno.test("JSON keeps its member order, including names with digits", () => {
  const key = fc.oneof(
    fc.nat().map(String),
    fc.constantFrom("\ufdd0", '"', "a:", '"1":'),
  );
  const pairs = fc.uniqueArray(fc.tuple(key, fc.oneof(fc.jsonValue(), key)), {
    selector: ([name]) => name,
  });
  fc.assert(fc.property(pairs, (list) => {
    const text = `{${
      list.map((pair) => pair.map((each) => JSON.stringify(each)).join(":")).join()
    }}`;
    const again = JSON.stringify(ordered(text));
    assertEquals(JSON.parse(again), JSON.parse(text));
    const order = (json: string) => Object.keys(ordered(json));
    assertEquals(order(again), order(text));
  }));
});

const SHAPED: readonly (readonly [string, JsonObject])[] = [
  ["described lists of described items", {
    type: "array",
    description: "All of them",
    minItems: 1,
    items: { type: "string", description: "One of them", enum: ["a"] },
  }],
  ["lists whose items alone are described", {
    type: "array",
    items: { type: "string", description: "One" },
  }],
  ["objects", { type: "object", properties: { a: { type: "string" } }, required: ["a"] }],
  ["enums that may be null", { type: ["string", "null"], enum: ["a", null], description: "x" }],
];
for (const [name, field] of SHAPED) {
  Deno.test(`changing the shape back restores ${name}`, () => {
    const root: JsonObject = { type: "object", properties: { f: field } };
    const before = shapeOf(field);
    const memory = new ShapeMemory();
    const other = before.kind === "object" ? "string" as const : "object" as const;
    let schema = root;
    const to = (change: Partial<typeof before>) => {
      const now = shapeOf(atPointer(schema, "/properties/f"));
      schema = memory.setShape(schema, "/properties/f", { ...now, ...change });
    };
    for (
      const change of [{ list: !before.list }, { nullable: !before.nullable }, { kind: other }]
    ) {
      to(change);
    }
    to({ kind: before.kind });
    to({ nullable: before.nullable });
    to({ list: before.list });
    assertEquals(schema, root);
    to({ list: !before.list });
    schema = setDescription(schema, "/properties/f", "Said anew");
    to({ list: before.list });
    assertEquals(atPointer(schema, "/properties/f"), { ...field, description: "Said anew" });
  });
}

Deno.test("a renamed field, and those in it, keep what changing the shape back restores", () => {
  const inner: JsonObject = { type: "string", enum: ["a", "b"], description: "x" };
  const outer = (name: string): JsonObject => ({
    type: "object",
    properties: { [name]: { type: "object", properties: { f: inner } }, ab: inner },
  });
  const memory = new ShapeMemory();
  const text = { kind: "string", list: false, nullable: false } as const;
  const fields = ["/properties/a/properties/f", "/properties/ab"];
  let schema = outer("a");
  for (const field of fields) schema = memory.setShape(schema, field, { ...text, kind: "integer" });
  schema = renameField(schema, "/properties/a", "to/b");
  memory.rename("/properties/a", "/properties/to~1b");
  memory.keep(schema);
  for (const field of ["/properties/to~1b/properties/f", "/properties/ab"]) {
    schema = memory.setShape(schema, field, text);
  }
  assertEquals(schema, outer("to/b"));
});

Deno.test("a new field does not get what a removed field of its name had", () => {
  const plain: JsonObject = { type: "object", properties: { f: { type: "string" } } };
  const memory = new ShapeMemory();
  const text = { kind: "string", list: false, nullable: false } as const;
  let schema = memory.setShape(plain, "/properties/f", { ...text, kind: "object" });
  schema = addField(schema, "/properties/f");
  schema = memory.setShape(schema, "/properties/f", text);
  for (const removed of [removeField(schema, "/properties/f"), plain]) memory.keep(removed);
  schema = memory.setShape(plain, "/properties/f", { ...text, kind: "object" });
  assertEquals(rowsOf(schema)[0]?.fields, []);
});
