/**
 * Static scripts, minified. Only those that are modules beyond doubt: the top-level names of any other
 * script belong to its page.
 */
import { readOutputs, runBundler } from "./bundle.ts";
import { join } from "./path.ts";

/** What makes a module of a script that neither imports nor exports anything. */
const MODULE = /^export \{\};$/m;

/** Replaces every static script that says `export {};` by its short form. */
export async function minifyModules(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const found = [...files].filter(([path, content]) =>
    path.endsWith(".js") && MODULE.test(new TextDecoder().decode(content))
  );
  const all = new Map(files);
  if (found.length === 0) return all;
  const dir = await Deno.makeTempDir({ prefix: "fresh-minify-" });
  try {
    const sources = found.map((_, index) => join(dir, `${index}.js`));
    for (const [index, [, content]] of found.entries()) {
      await Deno.writeFile(sources[index]!, content);
    }
    await runBundler(dir, ["--no-config", "--no-lock", "--minify", ...sources], "Static scripts");
    const outputs = await readOutputs(join(dir, "out"));
    for (const [index, [path]] of found.entries()) {
      all.set(path, new TextEncoder().encode(outputs.get(`${index}.js`)!));
    }
    return all;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
