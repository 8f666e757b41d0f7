/** What a result rests on, where its basis names places that no page shows. */
import assert from "node:assert/strict";
import { groundsOf, hasPlace, strayBasis } from "../../lib/results/grounds.ts";

const entry = (field: string) => ({ field, reasoning: "Because.", citations: [] });

Deno.test("a path of a hundred thousand steps is read no further than pages go, and not lost", () => {
  const endless = entry(`${"a.".repeat(100_000)}a`);
  const { depthBelow, byPath } = groundsOf([endless, entry("b.0.c")]);
  assert.equal(depthBelow(""), 3);
  assert.equal(depthBelow("a"), 0);
  assert.equal(byPath.get("b.0.c")?.reasoning, "Because.");
  const content = { b: [{ c: 1 }] };
  assert.equal(hasPlace(content, "b[0].c"), true);
  assert.equal(hasPlace(content, endless.field), false);
  assert.deepEqual(strayBasis([endless, entry("b.0.c")], content), [endless]);
});
