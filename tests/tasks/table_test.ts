/** Properties of every row of the table of fields, including future ones. */
import { assert, assertEquals } from "@std/assert";
import {
  emptyForm,
  FIELDS,
  FORM_FIELDS,
  formValuesFrom,
  hasKnownTypes,
  parseTaskForm,
  validateTaskInput,
} from "../../lib/tasks/fields/mod.ts";
import { withMember } from "../../lib/tasks/fields/request.ts";
import { leftOutOf } from "../../lib/tasks/paste/mod.ts";
import { posted } from "./request_forms.ts";

const LEAST = { input: "What?", processor: "base" };

for (const name of FORM_FIELDS) {
  const { path } = FIELDS[name];
  if (path === null) continue;
  Deno.test(`a wrong type at ${path} is rejected, and the form can still be shown`, () => {
    const request = { ...LEAST, ...withMember(LEAST, path, [[]]) };
    assert(!hasKnownTypes(request));
    const validation = validateTaskInput(request);
    assert(!validation.ok);
    assert(
      validation.problems.some(({ field }) => field.startsWith(path) || path.startsWith(field)),
      JSON.stringify(validation.problems),
    );
    for (const value of Object.values(formValuesFrom(request))) {
      assertEquals(typeof value, "string");
    }
  });
}

Deno.test("no two fields write the same member", () => {
  const paths = FORM_FIELDS.flatMap((name) => FIELDS[name].path ?? []);
  assertEquals([...new Set(paths)], paths);
});

Deno.test("multi-line text is sent and read back from the request", () => {
  const lines = FORM_FIELDS.filter((name) => FIELDS[name].control.kind === "line");
  const typed: Readonly<Record<string, string>> = {
    after_date: "2026-01-31",
    location: "de",
    webhook_url: "https://hooks.mysite.com/x",
  };
  for (const name of lines) {
    const value = typed[name] ?? "some text";
    const parsed = parseTaskForm(posted({ ...emptyForm(), input: "What?", [name]: value }));
    assert(parsed.ok, `${name}: ${JSON.stringify(parsed)}`);
    assertEquals(formValuesFrom(parsed.input)[name], value);
    assertEquals(leftOutOf(parsed.input), []);
  }
});
