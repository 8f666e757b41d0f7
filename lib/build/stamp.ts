/**
 * Tells whether the build output still belongs to the sources: by their content, for a clone or a
 * checkout moves every modification time.
 */
import { join } from "node:path";

/** What the build output is made of, relative to the root. */
const SOURCES = [
  "components",
  "islands",
  "lib",
  "routes",
  "static",
  "deno.json",
  "deno.lock",
  "dev.ts",
  "fresh.config.ts",
  "main.ts",
];

/** Generated into the sources by the build itself. */
const GENERATED = new Set(["static/styles.css"]);

/** A build's stamp lies beside its output. */
const stampPath = (root: string, outDir: string) => join(root, outDir, "stamp");

/** The stamp of the build output, or `null` where there is none. */
export async function readStamp(root: string, outDir: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(stampPath(root, outDir));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Stamps the build output with the hash that the sources had before it was made. */
export async function writeStamp(root: string, outDir: string, hash: string): Promise<void> {
  await Deno.writeTextFile(stampPath(root, outDir), hash);
}

/** What the sources are now: the same for the same content, names and Deno version. */
export async function hashSources(root: string): Promise<string> {
  const paths: string[] = [];
  for (const source of SOURCES) await collect(root, source, paths);
  paths.sort();
  const contents = await Promise.all(paths.map((path) => Deno.readFile(join(root, path))));
  const lengths = paths.map((path, at) => `${path} ${contents[at]?.byteLength}\n`).join("");
  const blob = new Blob([Deno.version.deno, "\n", lengths, ...contents]);
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return new Uint8Array(digest).toHex();
}

async function collect(root: string, path: string, into: string[]): Promise<void> {
  if (GENERATED.has(path)) return;
  const { isDirectory } = await Deno.stat(join(root, path));
  if (!isDirectory) {
    into.push(path);
    return;
  }
  for await (const entry of Deno.readDir(join(root, path))) {
    await collect(root, `${path}/${entry.name}`, into);
  }
}
