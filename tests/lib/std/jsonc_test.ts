/** `@std/jsonc` as its documentation says, whatever it resolves to. */
import assert from "node:assert/strict";
import { parse } from "@std/jsonc";

const READ: readonly (readonly [text: string, value: unknown])[] = [
  ['{"a": "b"}', { a: "b" }],
  ['{"a": "b",}', { a: "b" }],
  ["[1, 2 , ]", [1, 2]],
  ["[1, // one\n]", [1]],
  ['{"a": 1} /* end */', { a: 1 }],
  ['/* "a": */ {"b": 1 /* , */, "c": [ /* none */ ]}', { b: 1, c: [] }],
  ['{"url": "https://a.example/*", "b": "*/ // \\" ,]"}', {
    "url": "https://a.example/*",
    b: '*/ // " ,]',
  }],
  ["// first\r\n1", 1],
  [' "a" ', "a"],
];

const REFUSED = [
  "",
  "{",
  "[,]",
  "{,}",
  "[1,,]",
  "[1 /* ]",
  "1/**/2",
  '{"a": "b" // }',
  "{a: 1}",
  "'a'",
];

Deno.test("JSON with comments and trailing commas is read", () => {
  for (const [text, value] of READ) assert.deepEqual(parse(text), value, text);
});

Deno.test("what is neither JSON nor JSON with comments is refused", () => {
  for (const text of REFUSED) assert.throws(() => parse(text), SyntaxError, text);
});
