/** The schema editor's findings: errors apart from warnings, each at its line. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { readSchema } from "../../components/form/live/findings.ts";
import { checkOutputSchema } from "../../lib/tasks/schema/rules.ts";
import { SCHEMA_TEMPLATES } from "../../lib/tasks/schema/templates.ts";

const TEXT = `{
  "type": "object",
  "properties": {
    "name": { "type": "text" },
    "sources": {
      "type": "string",
      "minLength": 3
    }
  },
  "required": ["name", "gone"],
  "additionalProperties": false
}`;

Deno.test("each finding has its line, and errors come before warnings", () => {
  const { notes, editable, schema } = readSchema(TEXT, "lite");
  assert(editable && schema !== null);
  assertEquals(notes.map(({ severity, line }) => [severity, line]), [
    ["refused", 4],
    ["refused", 7],
    ["noted", 5],
    ["noted", 5],
    ["noted", 10],
  ]);
});

Deno.test("a text that is not valid JSON is rejected at its line and cannot become rows", () => {
  const { notes, editable, schema } = readSchema('{\n  "type": "object",\n  oops\n}', "pro");
  assertStrictEquals(schema, null);
  assert(!editable);
  assertEquals(notes.map(({ severity, line }) => [severity, line]), [["refused", 3]]);
});

Deno.test("white space of files and web pages around a schema changes nothing, and neither do its lines", () => {
  const { notes } = readSchema(TEXT, "lite");
  for (const [before, after] of [["\ufeff", ""], ["\u00a0", "\u00a0\n"], ["", "\u3000\ufeff"]]) {
    const read = readSchema(before + TEXT + after, "lite");
    assert(read.editable && read.schema !== null);
    assertEquals(read.notes, notes);
  }
  assertEquals(
    readSchema(`\u00a0\n${TEXT}`, "lite").notes.map(({ line }) => line),
    notes.map(({ line }) => line && line + 1),
  );
});

Deno.test("a character that cannot be seen is reported as such", () => {
  for (const char of ["\u200b", "\u00a0", "\0"]) {
    for (const text of [`{${char}"type": "object"}`, `{"a":${char} 1}`]) {
      const [note] = readSchema(text, "pro").notes;
      assertMatch(note!.message, /Delete the invisible character there$/);
    }
  }
  assertNotMatch(readSchema("{\n😀}", "pro").notes[0]!.message, /invisible/);
});

Deno.test("an empty text has no findings and can become rows", () => {
  assertEquals(readSchema(" \n", "pro"), {
    schema: null,
    editable: true,
    notes: [],
  });
});

Deno.test("the API's wrapper is looked through, but can be edited only as JSON", () => {
  const wrapped = `{"type": "json",\n"json_schema": ${TEXT}}`;
  const { notes, editable } = readSchema(wrapped, "lite");
  assert(!editable);
  assertStrictEquals(notes[0]?.line, 5);
});

Deno.test("a duplicate name is reported at its last position, and prevents rows", () => {
  const { notes, editable } = readSchema('{"type":"object",\n"type":"object"}', "pro");
  assert(!editable);
  assert(notes.some(({ line, message }) => line === 2 && message.includes("twice")));
});

Deno.test("more fields than the processor handles well are reported, for that processor only", () => {
  const [company] = SCHEMA_TEMPLATES.filter(({ id }) => id === "company");
  const text = JSON.stringify(company?.schema);
  assertMatch(
    readSchema(text, "lite").notes[0]?.message ?? "",
    /6 output fields are many for lite/,
  );
  assertEquals(readSchema(text, "pro").notes, []);
});

for (const { id, schema } of SCHEMA_TEMPLATES) {
  Deno.test(`the template ${id} gets no errors or warnings from the API`, () => {
    assertEquals(checkOutputSchema(schema), { errors: [], warnings: [] });
  });
}
