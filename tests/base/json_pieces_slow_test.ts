/** JSON written in pieces equals JSON.stringify's, and every piece is short. */
import { assert, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { readVerbatim } from "../../lib/base/mod.ts";
import { jsonPieces, JsonText } from "../../lib/base/json_pieces.ts";

const LONGEST_PIECE = 100_000;

Deno.test("any value is serialized like JSON.stringify, indented or not", () => {
  const value = fc.jsonValue({ stringUnit: "binary" });
  fc.assert(fc.property(value, fc.constantFrom(0, 2), (value, space) => {
    const whole = JSON.stringify(value, null, space);
    assertStrictEquals([...jsonPieces(value, space)].join(""), whole);
  }));
});

const LARGE: Readonly<Record<string, unknown>> = {
  "one long text": { a: '\u{1F30D}\n\ud800"'.repeat(1_000_000) },
  "many values": Array.from({ length: 200_000 }, (_, n) => ({ n, a: [n, null, {}, []] })),
  "depth": JSON.parse(`${"[".repeat(500)}${"]".repeat(500)}`),
  "numbers as they were written": readVerbatim("[1.0, 1234567890123456789, 1e400]"),
  "members that are not there": { a: undefined, b: [undefined], c: { d: undefined } },
  "odd names": JSON.parse('{"__proto__": 1, "constructor": {"": 2}, "10": 3}'),
};

for (const [name, value] of Object.entries(LARGE)) {
  Deno.test(`${name} is written in short pieces, with the same text as JSON.stringify`, () => {
    for (const space of [0, 2]) {
      let text = "";
      for (const piece of jsonPieces(value, space)) {
        assert(piece.length < LONGEST_PIECE * 6, `a piece of ${piece.length}`);
        text += piece;
      }
      assert(text === JSON.stringify(value, null, space));
    }
  });
}

Deno.test("JSON text is written verbatim, and a getter is read when it is reached", () => {
  let asked = 0;
  const value = {
    long: "x".repeat(100_000),
    get late() {
      return ++asked;
    },
    text: new JsonText('{"a" :1.0}'),
  };
  const pieces = jsonPieces(value);
  pieces.next();
  assertStrictEquals(asked, 0);
  const rest = [...pieces].join("");
  assert(rest.endsWith('"late":1,"text":{"a" :1.0}}'), rest.slice(-50));
});
