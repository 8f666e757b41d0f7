import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { beginning, cutJson } from "../../lib/base/mod.ts";
import { summaryOf } from "../../lib/results/summary.ts";
import { labelOf } from "../../lib/results/values.ts";
import { timeOf } from "../cpu_time.ts";

const text = (content: string) => summaryOf({ type: "text", content, basis: [] });
const json = (content: Record<string, unknown>) => summaryOf({ type: "json", content, basis: [] });

Deno.test("a preview is the start of the text without markup", () => {
  assertStrictEquals(
    text(
      "# Rivers\n\n> The **Nile** is [longest](https://x.example/) [1].\n\n| a | b |\n|---|---|\n",
    ),
    "Rivers The Nile is longest . a b",
  );
});

Deno.test("a preview of data names its fields", () => {
  assertStrictEquals(
    json({ longest_river: "Nile", km: 6650, list: [{ a: 1 }, { a: null }] }),
    "longest river: Nile · km: 6650 · list: a: 1, a: –",
  );
});

Deno.test("a preview is short, never cuts a character, and cuts between words if possible", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 2_000 }), (content) => {
    const summary = text(content);
    assert(summary.length <= 200 && summary.isWellFormed());
  }));
  assertMatch(text("word ".repeat(100)), / word…$/);
  assertStrictEquals(text("数".repeat(500)).length, 200);
});

Deno.test("a preview of many long texts reads each once", () => {
  for (const unit of ["[", "[a](", "\n ", "\n#"]) {
    const leaf = unit.repeat(2_000 / unit.length);
    const wide = (inside: unknown) =>
      Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`f${n}`, inside]));
    const content = wide(wide(wide(wide(leaf))));
    const ms = timeOf(() => assert(json(content).length <= 200));
    // It took ten seconds while every mark began another look at the rest of its text.
    assert(ms < 4_000, `${JSON.stringify(unit)}: ${ms} ms`);
  }
  assertStrictEquals(text("See [a page](https://a.example/b_(c)) now."), "See a page now.");
});

Deno.test("what is cut ends with a whole character", () => {
  for (const before of ["", "a"]) {
    const long = before + "😀".repeat(40_000);
    const cuts = [
      summaryOf({ type: "text", content: long, basis: [] }),
      labelOf(long),
      cutJson(long, 100),
      cutJson(long, 101),
      beginning(long, 100),
      beginning(long, 101),
    ];
    for (const each of cuts) assert(each.isWellFormed() && !each.includes("\ufffd"), each);
  }
});
