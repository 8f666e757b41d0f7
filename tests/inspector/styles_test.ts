import { assertEquals } from "@std/assert";

const STYLES = new URL("../../lib/styles/", import.meta.url);

/** The classes that a stylesheet styles, in any selector. */
const owned = (css: string) =>
  new Set([...css.matchAll(/^\s*\.([\w-]+)\s*[{,]/gm)].map(([, name]) => name));

Deno.test("no other stylesheet styles a class of the inspector", async () => {
  const own = owned(await Deno.readTextFile(new URL("inspector.css", STYLES)));
  for await (const { name } of Deno.readDir(STYLES)) {
    if (!name.endsWith(".css") || name === "inspector.css") continue;
    const shared = [...owned(await Deno.readTextFile(new URL(name, STYLES)))]
      .filter((other) => own.has(other));
    assertEquals(shared, [], name);
  }
});
