import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  checkJson,
  inOrder,
  isLossy,
  isObject,
  JsonBoundsError,
  jsonPieces,
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
    assertStrictEquals(JSON.stringify(readJson(text)), text);
  }
});

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
  const bounds = { maxChars: 100, maxDepth: 5, maxValues: 10, maxMembers: 3 };
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
  refused('{"a":1,"b":2,"c":3,"d":4}', "maxMembers");
  refused('[{"a":[1,1],"b":{"c":1},"e":1,"f":1}]', "maxMembers");
  (() => checkJson('{"a":[1,1,1,1],"b":1,"c":1}', bounds))();
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

Deno.test("names made of digits keep their places, however they are written", () => {
  for (
    const text of [
      '{"b":1,"2024":2,"2023":{"1":[{"a":0,"0":1}],"0":2},"a":3}',
      '{"4294967295":1,"4294967294":2,"10":3,"09":4,"9":5,"-1":6,"1.5":7}',
      '{"__proto__":{"2":1,"1":2},"2":1,"constructor":1,"1":2,"toJSON":3}',
      '{"2":1234567890123456789,"1":"2\\": 1","":0}',
    ]
  ) {
    assertStrictEquals(JSON.stringify(readVerbatim(text)), text);
    assertStrictEquals(JSON.stringify(readJson(text)), text);
    assertStrictEquals([...jsonPieces(readVerbatim(text))].join(""), text);
    assertEquals(readVerbatim(text), readVerbatim(JSON.stringify(readVerbatim(text), null, 3)));
  }
  const escaped = readVerbatim('{"a" : 1, "\\u0032" \n: 2, "1":3, "\\u0032":4}');
  assertStrictEquals(JSON.stringify(escaped), '{"a":1,"2":4,"1":3}');
  assertEquals(Object.entries(Object(escaped)), [["a", 1], ["2", 4], ["1", 3]]);
});

Deno.test("an object in order is changed like any other", () => {
  const object = inOrder([["b", 1], ["2", 2], ["1", 3], ["b", 4]]);
  object["0"] = 5;
  delete object["2"];
  object["b"] = 6;
  assertStrictEquals(JSON.stringify(object), '{"b":6,"1":3,"0":5}');
  assert(isObject(object) && Object.hasOwn(object, "1") && !Object.hasOwn(object, "2"));
  assertStrictEquals(JSON.stringify(Object.freeze(object)), '{"b":6,"1":3,"0":5}');
  // What JavaScript keeps in order anyway can be cloned.
  assertEquals(structuredClone(inOrder([["1", 3], ["a", 1]])), { 1: 3, a: 1 });
});
