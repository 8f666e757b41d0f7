/**
 * Tells whether the build output still belongs to the sources: by their content, for a clone or a
 * checkout moves every modification time. And to the framework that is to serve it: a build holds the
 * chunks and the server of the one that made it, whatever configuration that came from.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

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

/** There is no build, or none that this process can serve. The message is a line for its user. */
export class BuildError extends Error {
  override name = "BuildError";
}

/** What a build was made of. */
export interface Stamp {
  /** Of the sources, see {@linkcode hashSources}. */
  readonly hash: string;
  /** Where the framework came from, see {@linkcode frameworkAt}. */
  readonly framework: string;
}

/** The framework that `fresh` resolves to (`import.meta.resolve`), wherever the project is. */
export function frameworkAt(root: string, resolved: string): string {
  return resolved.replace(`${pathToFileURL(root)}/`, "./");
}

/** Throws a {@linkcode BuildError} where there is no build, or another framework made it. */
export async function checkBuild(root: string, outDir: string, framework: string): Promise<void> {
  const built = await Deno.stat(join(root, outDir, "bundle.js")).then(() => true, () => false);
  if (!built) throw new BuildError("There is no build to serve: run `deno task build` first");
  const stamp = await readStamp(root, outDir);
  // Stamps of earlier versions name no framework.
  if (stamp === null || stamp.framework === "" || stamp.framework === framework) return;
  throw new BuildError(
    `The build was made with ${stamp.framework}, not ${framework}: run \`deno task build\` again`,
  );
}

/** Returns whether the build output was made of the sources as they are now, with this framework. */
export async function isCurrent(root: string, outDir: string, framework: string): Promise<boolean> {
  const stamp = await readStamp(root, outDir);
  return stamp?.framework === framework && stamp.hash === await hashSources(root);
}

/** Builds in a process of its own if the build is missing, stale, or another framework's. */
export async function buildIfStale(root: string, outDir: string, framework: string): Promise<void> {
  if (await isCurrent(root, outDir, framework)) return;
  const build = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "dev.ts", "build"],
    cwd: root,
  });
  const { success } = await build.spawn().status;
  if (!success) throw new BuildError("The build failed, so there is nothing to serve");
}

/** The stamp of the build output, or `null` where there is none. */
export async function readStamp(root: string, outDir: string): Promise<Stamp | null> {
  try {
    const text = await Deno.readTextFile(stampPath(root, outDir));
    const [hash = "", framework = ""] = text.split("\n");
    return { hash, framework };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Stamps the build output with the hash that the sources had before it was made. */
export async function writeStamp(root: string, outDir: string, stamp: Stamp): Promise<void> {
  await Deno.writeTextFile(stampPath(root, outDir), `${stamp.hash}\n${stamp.framework}\n`);
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
