import { assertStrictEquals } from "@std/assert";
import { beginning, cut } from "../../lib/base/mod.ts";

Deno.test("a text that is cut ends before half a character", () => {
  assertStrictEquals(beginning("ab😀", 4), "ab😀");
  assertStrictEquals(beginning("ab😀", 3), "ab");
  assertStrictEquals(cut("ab😀", 4), "ab😀");
  assertStrictEquals(cut("ab😀c", 3), "ab… (5 B in all, see result.json)");
});
