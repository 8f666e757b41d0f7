import { assertEquals } from "@std/assert";

Deno.test("the icon file has exactly the names that components can use", async () => {
  const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
  const names = (text: string, each: RegExp) =>
    text.matchAll(each).map(([, name]) => name).toArray();
  assertEquals(
    names(await read("static/icons.svg"), /<symbol id="([^"]+)"/g),
    names(await read("components/ui/Icon.tsx"), /^ {2}\| "([^"]+)"/gm),
  );
});
