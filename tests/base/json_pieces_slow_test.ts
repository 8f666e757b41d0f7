/** JSON written in pieces equals JSON.stringify's, and every piece is short. */
import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { readVerbatim } from "../../lib/base/mod.ts";
import {
  cutJson,
  jsonBeginning,
  jsonLength,
  jsonPieces,
  JsonText,
} from "../../lib/base/json_pieces.ts";

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

Deno.test("the beginning of a value is that of its JSON, and what follows is not looked at", () => {
  const value = fc.jsonValue({ stringUnit: "binary" });
  fc.assert(fc.property(value, fc.nat(40), fc.constantFrom(0, 2), (value, chars, space) => {
    const whole = JSON.stringify(value, null, space);
    assertStrictEquals(jsonBeginning(value, chars, space), whole.slice(0, chars));
  }));
  const late = {
    first: "x".repeat(50_000),
    get late() {
      throw new Error("It is not shown");
    },
  };
  assertStrictEquals(jsonBeginning(late, 14), '{"first":"xxxx');
});

Deno.test("a long value is cut, and the text says about how long it is", () => {
  assertStrictEquals(cutJson({ a: [1] }, 100), JSON.stringify({ a: [1] }, null, 2));
  const value = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, n) => [`k${n}`, "v".repeat(90)]),
  );
  assertMatch(cutJson(value, 10), /^\{\n {2}"k0": … \(about \d\.\d MB in all, see result\.json\)$/);
  const length = JSON.stringify(value).length;
  assert(Math.abs(jsonLength(value) - length) < length / 20);
});
