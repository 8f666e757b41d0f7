import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { FieldBasis } from "../../lib/parallel/mod.ts";
import { htmlBytes } from "../../lib/results/mod.ts";
import { FIRST_ROOM, trimBasis, WHOLE_ROOM } from "../../lib/results/trim_basis.ts";

/** Fields that each cite so many pages of their own. */
function basisOf(fields: number, citations: number, reasoning = 900): FieldBasis[] {
  return Array.from({ length: fields }, (_, field) => ({
    field: `field_${field}`,
    reasoning: "r".repeat(reasoning),
    confidence: "high",
    citations: Array.from({ length: citations }, (_, n) => ({
      url: `https://site-${n}.example/reports/${field}`,
      title: "A report of the national register of companies",
      excerpts: ["e".repeat(1_500)],
    })),
  }));
}

const numbers = (basis: readonly FieldBasis[]) =>
  basis.map(({ citations }) => (citations ?? []).length);

Deno.test("of a thousand citations each field keeps its confidence, its reasoning and its first source", () => {
  const { basis, entriesLeft, citationsLeft, quotes } = trimBasis(basisOf(40, 25), FIRST_ROOM);
  assertStrictEquals(entriesLeft, 0);
  assert(Math.min(...numbers(basis)) >= 1, numbers(basis).join());
  assert(Math.max(...numbers(basis)) - Math.min(...numbers(basis)) <= 1, "in turn");
  assertStrictEquals(citationsLeft, 1_000 - numbers(basis).reduce((sum, n) => sum + n));
  assert(quotes.reasoning > 0);
  assertEquals(basis[39]?.citations?.[0], basisOf(40, 25)[39]?.citations?.[0]);
});

Deno.test("the reasoning is left out only if the entries do not fit with it", () => {
  const { entriesLeft, quotes } = trimBasis(basisOf(150, 1), FIRST_ROOM);
  assertStrictEquals(entriesLeft, 0);
  assertStrictEquals(quotes.reasoning, 0);
});

Deno.test("a basis that fits is kept as it is, with its longest quotes", () => {
  const basis = basisOf(3, 2);
  const trimmed = trimBasis(basis, FIRST_ROOM);
  assertEquals(trimmed.basis, basis);
  assertStrictEquals(trimmed.quotes, FIRST_ROOM.quotes[0]);
});

Deno.test("no page quotes more than 400 characters of an excerpt", () => {
  for (const room of [FIRST_ROOM, WHOLE_ROOM]) {
    for (const { excerpt } of room.quotes) assert(excerpt <= 400);
  }
});

Deno.test("a text's bytes are not counted beyond the room that there is for it", () => {
  assertStrictEquals(htmlBytes("aé<"), 1 + 3 + 6);
  assertStrictEquals(htmlBytes("aé<", 3), 10);
  assertStrictEquals(htmlBytes("aé<", 2), Infinity);
  assertStrictEquals(htmlBytes("aé<", 2, 1), 1);
});
