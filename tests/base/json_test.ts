import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  checkJson,
  isLossy,
  isObject,
  JsonBoundsError,
  Numeral,
  readJson,
  readVerbatim,
  withDoubles,
} from "../../lib/base/mod.ts";
import { assertError } from "../assert_error.ts";

Deno.test("a number too large for a double keeps its digits anywhere", () => {
  for (
    const text of [
      "1234567890123456789",
      "-9007199254740993",
      '{"id":1234567890123456789}',
      '[[{"a":[1e400,-1e400]}]]',
      '{"__proto__":12345678901234567890,"1":98765432109876543210}',
      '{"pi":3.14159265358979323846264338327950288}',
      '{"a":"1234567890123456789","b":1234567890123456789,"c":"\\"1e400"}',
    ]
  ) {
    assertStrictEquals(JSON.stringify(readJson(text)), reordered(text), text);
  }
});

/** Integer-like names come first in JavaScript's objects. */
function reordered(text: string): string {
  return text === '{"__proto__":12345678901234567890,"1":98765432109876543210}'
    ? '{"1":98765432109876543210,"__proto__":12345678901234567890}'
    : text;
}

Deno.test("a number in an unusual spelling stays a number, unless asked otherwise", () => {
  assertEquals(readJson("[1.0, 1E3, 12345678901234567000, 0.30000000000000004]"), [
    1,
    1000,
    12345678901234567000,
    0.30000000000000004,
  ]);
  assertStrictEquals(
    JSON.stringify(readJson("[1.0,1E3,7]", { numerals: "respelled" })),
    "[1.0,1E3,7]",
  );
});

Deno.test("a numeral is not an object, and prints its digits", () => {
  const numeral = readJson("1234567890123456789");
  assert(numeral instanceof Numeral);
  assertStrictEquals(isObject(numeral), false);
  assertStrictEquals(String(numeral), "1234567890123456789");
});

Deno.test("any JSON text is read or rejected as JSON.parse does", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
    const text = JSON.stringify(value);
    assertEquals(readJson(text), JSON.parse(text));
    assertStrictEquals(
      JSON.stringify(readJson(text, { numerals: "respelled" })),
      text.replace(/-0(?=[,\]}]|$)/g, "0"),
    );
  }));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'[]{},:"\\-+.eE0123456789 a') }), (text) => {
      let parsed: unknown, failed = false;
      try {
        parsed = JSON.parse(text);
      } catch {
        failed = true;
      }
      if (failed) assertThrows(() => readJson(text), SyntaxError);
      else if (!text.match(/\d{15}|e/i)) assertEquals(readJson(text), parsed);
    }),
  );
});

Deno.test("computations get a copy with doubles, at any depth and under any name", () => {
  const text = '{"a":[[1.0,[12345678901234567890]],"x",null],"__proto__":{"constructor":1e400}}';
  const value = readVerbatim(text);
  assertEquals(withDoubles(value), JSON.parse(text));
  assertStrictEquals(JSON.stringify(value), text, "the original is as it was");
  assert(Array.isArray(withDoubles(JSON.parse("[".repeat(1e5) + "]".repeat(1e5)))));
});

Deno.test("the standard spelling of a double never counts as lossy", () => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
    assertStrictEquals(isLossy(JSON.stringify(value)), false);
  }));
});

Deno.test("a text beyond a limit is rejected before it is parsed", () => {
  const bounds = { maxChars: 100, maxDepth: 5, maxValues: 10 };
  const refused = (text: string, bound: string) =>
    assertError(
      assertThrows(() => readJson(text, { bounds })),
      (error: unknown) => error instanceof JsonBoundsError && error.bound === bound,
    );
  refused(`"${"x".repeat(99)}"`, "maxChars");
  refused("[[[[[[1]]]]]]", "maxDepth");
  refused('{"a":{"a":{"a":{"a":{"a":{}}}}}}', "maxDepth");
  refused("[1,1,1,1,1,1,1,1,1,1,1]", "maxValues");
  refused("[[],[],[],[],[],[],[],[],[],[]]", "maxValues");
  const digits = (text: string) =>
    assertError(assertThrows(() => readJson(text)), {
      name: "JsonBoundsError",
      bound: "maxDigits",
    });
  digits("1".repeat(10_001));
  digits(`[${"-1".padEnd(10_002, "0")}]`);
  digits(`{"a":[0.${"0".repeat(9_998)}1e9]}`);
  (() => readJson(`["${"1".repeat(20_000)}",${"1".repeat(10_000)}]`))();
  // Also where it would be no JSON.
  refused("[".repeat(50), "maxDepth");
  (() => checkJson('["[[[[[[[[[[", "\\"[[[[[[[[[[[[", ",,,,,,,,,,,,,,,"]', bounds))();
  (() => checkJson("[[[[[1]]]]]", bounds))();
});
