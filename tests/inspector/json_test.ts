/** The JSON of an event as the inspector shows it. */
import { assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { render } from "preact-render-to-string";
import { h } from "preact";
import { readVerbatim as parseJson } from "../../lib/base/mod.ts";
import { JsonFold } from "../../routes/inspect/(_parts)/JsonFold.tsx";

/** What is to be read. */
const shown = (text: string) =>
  render(h(JsonFold, { value: parseJson(text), open: true })).replace(/<[^>]*>/g, " ");

Deno.test("numbers are shown with their original digits", () => {
  for (const number of ["12345678901234567890", "1.0", "1e400", "-0", "0.1", "7"]) {
    assertMatch(shown(`{"id":${number}}`), new RegExp(`id:\\s+${number}\\s*$`));
    assertStrictEquals(shown(number).trim(), number);
  }
});

Deno.test("other JSON stays unchanged, with any names", () => {
  const text = '{"__proto__":[1,null,true,"12345678901234567890"],"constructor":{"a":{}}}';
  assertStrictEquals(JSON.stringify(parseJson(text)), text);
});

Deno.test("invalid JSON is rejected", () => {
  assertThrows(() => parseJson('{"a":'), SyntaxError);
});
