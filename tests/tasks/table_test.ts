/** Properties of every row of the table of fields, including future ones. */
import { assert, assertEquals } from "@std/assert";
import {
  FIELDS,
  FORM_FIELDS,
  formValuesFrom,
  hasKnownTypes,
  validateTaskInput,
} from "../../lib/tasks/fields/mod.ts";
import { withMember } from "../../lib/tasks/fields/request.ts";

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
