import { assert } from "@std/assert";
import fc from "fast-check";
import { serialize } from "node:v8";
import { valueBytes } from "../../lib/store/sizes.ts";

Deno.test("a value is never larger in KV than the committer counts", () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    stringUnit: fc.constantFrom("a", "é", "日", "😀", "\0"),
  });
  fc.assert(
    fc.property(anything, (value) => {
      // In an array, since KV stores a lone Uint8Array as it is.
      assert(valueBytes([value]) >= serialize([value]).byteLength, fc.stringify(value));
    }),
    { numRuns: 700 },
  );
});

Deno.test("the count is only a little higher than what large values take", () => {
  for (
    const value of [
      "x".repeat(10_000),
      "日".repeat(10_000),
      new Uint8Array(10_000),
      Array.from({ length: 1_000 }, (_, n) => ({ id: n, name: `name ${n}` })),
    ]
  ) {
    assert(valueBytes(value) <= 3 * serialize(value).byteLength);
  }
});
