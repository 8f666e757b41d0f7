import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { atPointer, isObject, pointerStep } from "../../lib/base/mod.ts";
import { lineAt, lineOf, locateJson } from "../../lib/base/json_positions.ts";

function pointersOf(value: unknown, at = ""): string[] {
  const members: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : isObject(value)
    ? Object.entries(value)
    : [];
  return [
    at,
    ...members.flatMap(([step, member]) => pointersOf(member, at + pointerStep(String(step)))),
  ];
}

Deno.test("every value of any JSON text is located", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, 4), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const { offsets, repeated, lossless } = locateJson(text);
      assertEquals([...offsets.keys()].sort(), pointersOf(JSON.parse(text)).sort());
      for (const [pointer, offset] of offsets) {
        const rest = text.slice(offset);
        const step = pointer.slice(pointer.lastIndexOf("/") + 1);
        const name = JSON.stringify(step.replaceAll("~1", "/").replaceAll("~0", "~"));
        const parent = atPointer(JSON.parse(text), pointer.slice(0, pointer.lastIndexOf("/")));
        if (isObject(parent) && pointer !== "") {
          assert(rest.startsWith(`${name}:`), `${pointer} at ${offset}`);
        } else {
          const own = JSON.stringify(atPointer(JSON.parse(text), pointer), null, indent);
          assertStrictEquals(rest[0], own[0]);
        }
      }
      assertEquals(repeated, []);
      assert(lossless);
    }),
    { numRuns: 1_000 },
  );
});

const LOSSY: readonly (readonly [string, string, boolean])[] = [
  ["a number of 20 digits", '{"const": 12345678901234567890}', true],
  ["a number beyond a double", '{"const": 1e400}', true],
  ["a number in another spelling", '{"const": [1.50, 1E3, -0.0, 100]}', true],
  ["a name twice", '{"a": 1, "a": 2}', false],
  ["numbers as names out of order", '{"b": 1, "2": 1, "1": 1}', true],
  ["escapes", '{"\\u0061\\/": "\\ud83d\\ude00"}', true],
];
for (const [name, text, expected] of LOSSY) {
  Deno.test(`${name} ${expected ? "is kept" : "is not kept"} by reading and writing`, () => {
    assertStrictEquals(locateJson(text).lossless, expected);
  });
}

Deno.test("a duplicate name is reported", () => {
  assertEquals(locateJson('{"x": {"a": 1, "b": 2, "a": 3}}').repeated, ["/x/a"]);
});

Deno.test("a missing value is reported at its parent", () => {
  const text = '{\n  "properties": {\n    "a": {}\n  }\n}';
  const positions = locateJson(text);
  assertStrictEquals(lineOf(text, positions, "/properties/a"), 3);
  assertStrictEquals(lineOf(text, positions, "/properties/a/type"), 3);
  assertStrictEquals(lineOf(text, positions, "/type"), 1);
  assertStrictEquals(lineAt(text, text.length), 5);
});

Deno.test("invalid JSON throws like JSON.parse", () => {
  assertThrows(() => locateJson("{"), SyntaxError);
});
