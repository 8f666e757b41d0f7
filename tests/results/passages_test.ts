import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { passageIn } from "../../lib/results/passages.ts";

const FOUND: readonly (readonly [excerpt: string, value: unknown, match: string])[] = [
  ["It was registered on 14 March 2014 in Trondheim.", "2014-03-14", "14 March 2014"],
  ["Registered March 14, 2014.", "2014-03-14", "March 14, 2014"],
  ["Registered 2014-03-14.", "2014-03-14", "2014-03-14"],
  ["The group employed 1,312 people.", 1312, "1,312"],
  ["The group employed 1312 people.", 1312, "1312"],
  ["The group employed 1 312 people.", 1312, "1 312"],
  ["The river NILE is long.", "Nile", "NILE"],
  ["The Niles are a family.", "Nile", ""],
  ["It has 11,312 members, 1,312.5 on average.", 1312, ""],
  ["Version 12 and 5.", 12, ""],
  ["anything", true, ""],
  ["anything", { a: 1 }, ""],
  ["see https://a.example/", "https://a.example/", ""],
];

Deno.test("an excerpt's passage is found in any spelling of the value, as whole words", () => {
  for (const [excerpt, value, match] of FOUND) {
    assertStrictEquals(passageIn(excerpt, value, 400).match, match, excerpt);
  }
});

Deno.test("an excerpt is cut around its passage", () => {
  const far = `${"x ".repeat(500)}the Nile is${" y".repeat(500)}`;
  const { before, match, after } = passageIn(far, "Nile", 200);
  assertEquals([before.slice(0, 3), match, after.at(-1)], ["…x ", "Nile", "…"]);
  assert(before.length + after.length <= 200);
  assertEquals(passageIn("abcdef", null, 4), { before: "abcd…", match: "", after: "" });
});

Deno.test("all parts of an excerpt come from it", () => {
  fc.assert(fc.property(fc.string(), fc.jsonValue(), fc.nat(60), (excerpt, value, limit) => {
    const { before, match, after } = passageIn(excerpt, value, limit);
    const bare = (before + match + after).replace(/^…|…$/g, "");
    assert(
      excerpt.toWellFormed().includes(bare.toWellFormed()) || excerpt.includes("…") ||
        excerpt !== excerpt.toWellFormed(),
    );
  }));
});
