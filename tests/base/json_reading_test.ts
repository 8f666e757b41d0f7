import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { atOnce, JsonBoundsError, readingVerbatim, readVerbatim } from "../../lib/base/mod.ts";

/** Reads in steps of a few characters, so that small texts have long values. */
const inSteps = (text: string, stepChars: number) => atOnce(readingVerbatim(text, {}, stepChars));

/** What `readVerbatim` makes of a text, written again; `null` if the text is not JSON. */
function written(read: () => unknown): string | null {
  try {
    return JSON.stringify(read());
  } catch (error) {
    assert(error instanceof SyntaxError, String(error));
    return null;
  }
}

function assertSame(text: string, stepChars: number): void {
  assertStrictEquals(
    written(() => inSteps(text, stepChars)),
    written(() => readVerbatim(text)),
    `${stepChars}: ${text}`,
  );
}

Deno.test("a text that is read in steps of any length has the same value", () => {
  const space = fc.constantFrom("", " ", "\n", "\t  ");
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 5, stringUnit: "grapheme" }),
      fc.integer({ min: 1, max: 40 }),
      space,
      (value, stepChars, indent) => assertSame(JSON.stringify(value, null, indent), stepChars),
    ),
    { numRuns: 500 },
  );
});

Deno.test("names made of digits keep their places in steps of any length", () => {
  const text =
    '{"b":1,"2024":[{"9":"long enough","8":2,"z":0,"7":3}],"2023":"longer than a step","a":1}';
  for (let stepChars = 1; stepChars < text.length; stepChars++) {
    assertStrictEquals(JSON.stringify(inSteps(text, stepChars)), text);
  }
});

Deno.test("a text that is not JSON is rejected in steps too", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'[]{},:"\\ntu-+.eE0123456789 a', '"a"', "null") }),
      fc.integer({ min: 1, max: 12 }),
      assertSame,
    ),
    { numRuns: 2_000 },
  );
  // One character of valid JSON is another.
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 4 }),
      fc.nat(),
      fc.constantFrom(...'[]{},:"\\ \n\u0001a1', ""),
      fc.integer({ min: 1, max: 12 }),
      (value, place, char, stepChars) => {
        const text = JSON.stringify(value);
        const at = place % text.length;
        assertSame(text.slice(0, at) + char + text.slice(at + 1), stepChars);
      },
    ),
    { numRuns: 2_000 },
  );
});

Deno.test("escapes are not cut, and names and numbers stay as they are", () => {
  const texts = [
    String.raw`{"a":"\u00e9\ud83d\ude00\\\\\"\\\u0022","b":["\\","\"","\\\\\\"]}`,
    '{"__proto__":{"a":[1.0,12345678901234567890]},"2":1,"1":2,"2":3.50}',
    '[ {"a" : "long long long"} , [ ] , { } , "" , 1e400 ]',
    '{"a long name of a member":"a long text","a long name of a member":[]}',
    '["\u{1f600}\u{1f600}\u{1f600}"]',
  ];
  for (const text of texts) {
    for (let stepChars = 1; stepChars <= text.length; stepChars++) assertSame(text, stepChars);
  }
  const proto = inSteps('{"__proto__":["a long text"]}', 3);
  assertEquals(Object.getPrototypeOf(proto), Object.prototype);
});

Deno.test("a long text has its bounds, and pauses within strings, lists and objects", () => {
  const deep = "[".repeat(300_000);
  assertThrows(() => atOnce(readingVerbatim(deep)), JsonBoundsError);
  const values: Record<string, unknown> = {
    "a string": "word ".repeat(60_000),
    "a string with escapes": '"\n'.repeat(100_000),
    "a list": Array.from({ length: 30_000 }, (_, n) => n + 0.5),
    "an object": Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, "value"])),
  };
  for (const [name, value] of Object.entries(values)) {
    const text = JSON.stringify({ a: [value] });
    assert([...readingVerbatim(text)].length >= text.length / 100_000, name);
    assertEquals(atOnce(readingVerbatim(text)), { a: [value] }, name);
  }
});
