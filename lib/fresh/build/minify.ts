/**
 * Minifies static scripts that are certainly modules. Pages may use the top-level names of others.
 */
import { join } from "node:path";
import { readOutputs, runBundler } from "./bundle.ts";

/** The statement that makes a script a module if it has no other import or export. */
const MODULE = /^export \{\};$/m;

/** Minifies every static script that contains `export {};`. */
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
