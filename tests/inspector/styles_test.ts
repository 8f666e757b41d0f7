import { assertEquals } from "@std/assert";

const STYLES = new URL("../../lib/styles/", import.meta.url);

/** The classes a sheet gives a look of their own, wherever they stand. */
const owned = (css: string) =>
  new Set([...css.matchAll(/^\s*\.([\w-]+)\s*[{,]/gm)].map(([, name]) => name));

Deno.test("no other sheet gives a look to a class of the inspector's", async () => {
  const own = owned(await Deno.readTextFile(new URL("inspector.css", STYLES)));
  for await (const { name } of Deno.readDir(STYLES)) {
    if (!name.endsWith(".css") || name === "inspector.css") continue;
    const shared = [...owned(await Deno.readTextFile(new URL(name, STYLES)))]
      .filter((other) => own.has(other));
    assertEquals(shared, [], name);
  }
});
