/**
 * Bundles the built server: loading some thirty files takes half the time of loading several hundred modules.
 * Code that is imported on demand stays in its own files.
 */
import { keepPrevious } from "./previous.ts";

/** The bundle's entry. It is beside the build's `server.js`, so that paths relative to modules stay valid. */
const ENTRY = `export { default as server } from "./server.js";
export * as started from "../lib/start.ts";
`;

/** The file name of the entry. */
const WHOLE = "whole.js";

/**
 * Builds the app: `build` replaces `outDir`, this adds the server's bundle and the files of earlier builds. They come
 * last: a chunk that two builds share belongs to the new one.
 */
export async function buildApp(
  root: string,
  outDir: string,
  build: () => Promise<unknown>,
): Promise<void> {
  await keepPrevious(`${root}/${outDir}`, async () => {
    await build();
    await bundleServer(root, outDir);
  });
}

/** Writes `bundle.js`, and the chunks that it loads, into a build. Throws with the bundler's message. */
async function bundleServer(root: string, outDir: string): Promise<void> {
  const folder = `${root}/${outDir}`;
  const entry = `${folder}/${WHOLE}`;
  await Deno.writeTextFile(entry, ENTRY);
  const made = await Deno.makeTempDir({ dir: folder });
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "bundle",
        "--platform=deno",
        "--code-splitting",
        "--minify",
        "--sourcemap=linked",
        `--outdir=${made}`,
        entry,
      ],
      cwd: root,
      env: { NO_COLOR: "1" },
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) {
      throw new Error(`The server cannot be bundled:\n${new TextDecoder().decode(stderr)}`);
    }
    for await (const { name } of Deno.readDir(made)) {
      if (name.endsWith(".js")) await hideImports(`${made}/${name}`);
      await Deno.rename(`${made}/${name}`, `${folder}/${name}`);
    }
    await Deno.writeTextFile(`${folder}/bundle.js`, await faceOf(folder));
  } finally {
    await Deno.remove(made, { recursive: true });
  }
}

/**
 * Hides a chunk's dynamic imports from Deno, which would load every module that an `import()` names literally
 * before the first one runs.
 */
async function hideImports(path: string): Promise<void> {
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(
    path,
    text.replaceAll(/\bimport\(("\.\/[^"]+")\)/g, (_, specifier) => `import((0,${specifier}))`),
  );
}

/**
 * The text of `bundle.js`, which imports everything that the bundle loads, in the order of evaluation. Deno reads
 * the source map of each module that is the first to import another one. That takes 5 ms of the start, and only
 * stack traces need the maps. This module has no map, and imports every chunk first.
 */
async function faceOf(folder: string): Promise<string> {
  const order = new Set<string>(), above = new Set<string>();
  const visit = async (specifier: string): Promise<void> => {
    if (order.has(specifier) || above.has(specifier)) return;
    above.add(specifier);
    if (specifier.startsWith("./")) {
      const text = await Deno.readTextFile(`${folder}/${specifier}`);
      for (const [, imported = ""] of text.matchAll(STATIC_IMPORT)) await visit(imported);
    }
    order.add(specifier);
  };
  await visit(`./${WHOLE}`);
  const imports = Array.from(order, (specifier) => `import "${specifier}";\n`);
  return `${imports.join("")}export * from "./${WHOLE}";\n`;
}

/** `import … from "./x.js"`, `import "./x.js"` and `export … from "node:x"` of minified code. */
const STATIC_IMPORT = /\b(?:from|import)"((?:\.\/|node:)[\w./-]+)"/g;
