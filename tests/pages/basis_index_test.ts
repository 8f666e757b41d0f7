/** The basis of a result whose citations have no usable address. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { hasPlace, indexBasis, indexingBasis, strayBasis } from "../../lib/results/basis_index.ts";

const entry = (field: string) => ({ field, reasoning: "Because.", citations: [] });

Deno.test("a path of a hundred thousand steps is cut at the depth of pages, but not lost", () => {
  const endless = entry(`${"a.".repeat(100_000)}a`);
  const { depthBelow, byPath } = indexBasis([endless, entry("b.0.c")]);
  assertStrictEquals(depthBelow(""), 3);
  assertStrictEquals(depthBelow("a"), 0);
  assertStrictEquals(byPath.get("b.0.c")?.reasoning, "Because.");
  const content = { b: [{ c: 1 }] };
  assertStrictEquals(hasPlace(content, "b[0].c"), true);
  assertStrictEquals(hasPlace(content, endless.field), false);
  assertEquals(strayBasis([endless, entry("b.0.c")], content), [endless]);
});

/** The number of pages that citations of these addresses are of. */
const pages = (urls: string[]) =>
  indexBasis([{ field: "a", reasoning: "", citations: urls.map((url) => ({ url })) }]).sources
    .length;

Deno.test("routes after a hash count as separate pages, but anchors and text fragments do not", () => {
  const site = "https://app.example/";
  for (
    const [a, b] of [
      ["#/docs/a", "#/docs/b"],
      ["#!/docs/a", "#!/docs/b"],
      ["#!a", "#!b"],
      ["#docs/a", "#docs/b"],
      ["#?page=a", "#?page=b"],
      ["#%2Fdocs", "#%2fother"],
      ["#/docs/a:~:text=x", "#/docs/b:~:text=x"],
      ["", "#/docs/a"],
      ["#gid=0", "#gid=1204"],
      ["#id=a", "#id=b"],
    ]
  ) assertStrictEquals(pages([site + a, site + b]), 2, `${a} ${b}`);
  for (
    const [a, b] of [
      ["", "#intro"],
      ["#intro", "#method"],
      ["#:~:text=one", "#:~:text=two/three"],
      ["#/docs/a:~:text=one", "#/docs/a:~:text=two"],
      ["#intro:~:text=a/b", ""],
      ["#", ""],
      ["#page=2", "#page=40"],
      ["#page=2&zoom=100", ""],
      ["#t=90", "#t=10,20"],
      ["", "#utm_source=x"],
      ["", "#/"],
      ["", "#!"],
      ["#/docs/a", "#/docs/a#install"],
      ["%e8%9c", "%E8%9c"],
      ["#/docs/%c3%a9", "#/docs/é"],
    ]
  ) assertStrictEquals(pages([site + a, site + b]), 1, `${a} ${b}`);
});

Deno.test("the percent-encoding of an address of megabytes is not looked at", () => {
  const site = "https://site.example/";
  assertStrictEquals(pages([site + "%e8".repeat(33_000), site + "%E8".repeat(33_000)]), 1);
  assertStrictEquals(pages([site + "%e8".repeat(34_000), site + "%E8".repeat(34_000)]), 2);
});

Deno.test("many pages are indexed in steps, their list as well", () => {
  const citations = Array.from(
    { length: 1_024 },
    (_, n) => ({ url: `https://site-${n}.example/` }),
  );
  const steps = [...indexingBasis([{ field: "a", reasoning: "", citations }])].length;
  assert(steps >= 8, `${steps} steps`);
});
