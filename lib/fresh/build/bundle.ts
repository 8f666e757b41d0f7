/**
 * Bundles the browser's code: one chunk per island file, shared chunks, and names with content hashes.
 *
 * It uses Deno's own bundler, which resolves import maps, npm packages and TypeScript exactly as the
 * server does. `deno bundle` runs in its own process, because `Deno.bundle` cannot have another
 * configuration: this app compiles JSX with `precompile`, which is for servers, and an island compiled
 * that way does not respond after hydration. The process costs about 50 ms.
 */
import { dirname, join, parse } from "node:path";
import { pathToFileURL } from "node:url";
import type { BootChunks, Chunk } from "../attached.ts";
import { leadPastFaces } from "./faces.ts";
import type { DenoConfig } from "./project.ts";
import { hashOf } from "./statics.ts";

/** An island module and those of its exports that are islands. */
export interface IslandModule {
  file: string;
  exports: readonly string[];
}

/** The scripts of a build. */
export interface Bundle {
  /** Scripts by URL. */
  scripts: Map<string, Uint8Array<ArrayBuffer>>;
  boot: BootChunks;
  /** One per island module, in their order. */
  islands: Chunk[];
}

/** The path of the scripts' URLs. */
const JS = "/_fresh/js/";

const clientModule = (name: string) => new URL(`../client/${name}.ts`, import.meta.url).href;
/** The framework's own modules in the scripts of every page with an island. */
export const CLIENT_MODULES = ["islands", "types", "signals"].map(clientModule);

/** Bundles islands and boot scripts. Throws an error with the bundler's message. */
export async function bundleIslands(
  islands: readonly IslandModule[],
  config: DenoConfig,
  mode: "development" | "production",
): Promise<Bundle> {
  const dir = await Deno.makeTempDir({ prefix: "fresh-bundle-" });
  try {
    const names = uniqueNames(islands.map(({ file }) => parse(file).name));
    const entries = new Map<string, string>();
    const debug = mode === "development" ? 'import "preact/debug";\n' : "";
    const client = (name: string) => JSON.stringify(clientModule(name));
    entries.set("boot", `${debug}import ${client("islands")};\n`);
    for (const name of ["types", "signals"]) {
      entries.set(
        `boot-${name}`,
        `${debug}import { boot } from ${client("islands")};\n` +
          `import { makers } from ${client(name)};\nboot(makers);\n`,
      );
    }
    for (const [index, { file, exports }] of islands.entries()) {
      const source = JSON.stringify(pathToFileURL(file).href);
      entries.set(names[index]!, `export { ${exports.join(", ")} } from ${source};\n`);
    }
    for (const [name, text] of entries) await Deno.writeTextFile(join(dir, `${name}.ts`), text);
    const files = Array.from(entries.keys(), (name) => join(dir, `${name}.ts`));
    const scopes = await leadPastFaces(files.map((file) => pathToFileURL(file).href), config, dir);
    await writeConfig(dir, { ...config, scopes });
    await runBundler(dir, [
      `--config=${join(dir, "deno.json")}`,
      config.lock === null ? "--no-lock" : `--lock=${join(dir, "deno.lock")}`,
      "--code-splitting",
      mode === "production" ? "--minify" : "--sourcemap=inline",
      ...files,
    ], "The islands");
    const outputs = await readOutputs(join(dir, "out"));
    const renamed = await rename(outputs);
    const chunkOf = (name: string) => renamed.chunk(`${name}.js`);
    return {
      scripts: renamed.scripts,
      boot: {
        plain: chunkOf("boot"),
        types: chunkOf("boot-types"),
        signals: chunkOf("boot-signals"),
      },
      islands: names.map(chunkOf),
    };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(["boot", "boot-types", "boot-signals"]);
  return names.map((name) => {
    const base = name.replaceAll(/[^\w-]/g, "_");
    let unique = base;
    for (let n = 2; taken.has(unique); n++) unique = `${base}-${n}`;
    taken.add(unique);
    return unique;
  });
}

async function writeConfig(dir: string, config: DenoConfig): Promise<void> {
  const { imports } = config;
  const preact = imports.preact ?? "npm:preact";
  const jsx = config.compilerOptions.jsxImportSource ?? "preact";
  const generated = {
    nodeModulesDir: "none",
    imports: {
      ...imports,
      "preact/debug": imports["preact/debug"] ?? `${preact}/debug`,
      "fresh/islands/jsx-runtime": clientModule("islands"),
    },
    scopes: config.scopes,
    compilerOptions: {
      jsx: "react-jsx",
      jsxImportSource: jsx === "preact" ? "fresh/islands" : jsx,
    },
  };
  await Deno.writeTextFile(join(dir, "deno.json"), JSON.stringify(generated));
  // Copy it, because the bundler may add to it.
  if (config.lock !== null) await Deno.copyFile(config.lock, join(dir, "deno.lock"));
  // `.npmrc` names the registry of packages.
  if (config.path === null) return;
  await Deno.copyFile(join(dirname(config.path), ".npmrc"), join(dir, ".npmrc")).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/** Runs `deno bundle`. Throws an error with its message. */
export async function runBundler(
  dir: string,
  args: readonly string[],
  what: string,
): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--no-check",
      "--platform=browser",
      `--outdir=${join(dir, "out")}`,
      ...args,
    ],
    cwd: dir,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    const output = new TextDecoder().decode(stderr).trim();
    throw new Error(`${what} could not be bundled:\n${output}`);
  }
}

/** Reads the bundler's scripts, by name. */
export async function readOutputs(dir: string): Promise<Map<string, string>> {
  const outputs = new Map<string, string>();
  for await (const { name } of Deno.readDir(dir)) {
    if (name.endsWith(".js")) outputs.set(name, await Deno.readTextFile(join(dir, name)));
  }
  return outputs;
}

/**
 * Names every output by the hash of its content, imports first. Unchanged scripts keep their URL from
 * build to build, and stay cached.
 */
async function rename(outputs: ReadonlyMap<string, string>) {
  const scripts = new Map<string, Uint8Array<ArrayBuffer>>();
  const done = new Map<string, { name: string; imports: readonly string[] }>();
  const visit = async (file: string, above: readonly string[]): Promise<string> => {
    const known = done.get(file);
    if (known) return known.name;
    // Only dynamic imports can form a circle. Keep the bundler's name within one.
    if (above.includes(file)) return file;
    let text = outputs.get(file) ?? "";
    const imports: string[] = [];
    for (const [, name = ""] of text.matchAll(/"\.\/([^"/]+\.js)"/g)) {
      if (!outputs.has(name)) continue;
      text = text.replaceAll(`"./${name}"`, `"./${await visit(name, [...above, file])}"`);
    }
    for (const [, name = ""] of (outputs.get(file) ?? "").matchAll(STATIC_IMPORT)) {
      if (outputs.has(name)) imports.push(name);
    }
    const base = file.replace(/\.js$/, "").replace(/^(chunk)-.*/, "$1");
    const name = `${base}-${await hashOf(text)}.js`;
    done.set(file, { name, imports });
    scripts.set(JS + name, new TextEncoder().encode(text));
    return name;
  };
  // Replace an entry that only imports one chunk by that chunk.
  const entryOf = (file: string) => ONLY_IMPORT.exec(outputs.get(file) ?? "")?.[1] ?? file;
  for (const file of outputs.keys()) if (entryOf(file) === file) await visit(file, []);
  const needed = (file: string, found: Set<string>): Set<string> => {
    if (found.has(file)) return found;
    found.add(file);
    for (const other of done.get(file)?.imports ?? []) needed(other, found);
    return found;
  };
  const urlOf = (file: string) => JS + (done.get(file)?.name ?? file);
  return {
    scripts,
    chunk: (file: string): Chunk => ({
      url: urlOf(entryOf(file)),
      chunks: [...needed(entryOf(file), new Set())].map(urlOf),
    }),
  };
}

/** Matches `import … from "./x.js"`, `import "./x.js"` and `export … from "./x.js"`, but not `import()`. */
const STATIC_IMPORT = /(?:\bfrom|\bimport)\s*"\.\/([^"/]+\.js)"/g;

const ONLY_IMPORT = /^\s*import\s*"\.\/([^"/]+\.js)";?\s*$/;
