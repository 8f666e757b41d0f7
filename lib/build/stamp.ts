/**
 * Tells whether the build output still belongs to the sources: by their content, for a clone or a
 * checkout moves every modification time. Content is only read where sizes or times changed. And to the
 * framework that is to serve it: a build holds the chunks and the server of the one that made it, whatever
 * configuration that came from.
 *
 * `main.ts` runs this at each start, so it imports nothing: `node:path` alone would take 3 ms.
 */

/** What the build output is made of, relative to the root. */
export const SOURCES = [
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
const stampPath = (root: string, outDir: string) => `${root}/${outDir}/stamp`;
/** A file that changed later than this before a look at it (ms) may change again without a trace. */
const SETTLED_MS = 2_000;

/** There is no build that this process can serve. The message is one line for the user. */
export class BuildError extends Error {
  override name = "BuildError";
}

/** The state of the sources. */
export interface Sources {
  /** Of their content: the same for the same content, names and Deno version. */
  readonly hash: string;
  /** Of their sizes and times. Empty if they changed too recently to tell. */
  readonly times: string;
}

/** What a build was made of. */
export interface Stamp extends Sources {
  /** Where the framework came from, see {@linkcode frameworkAt}. */
  readonly framework: string;
}

/** The framework that `fresh` resolves to (`import.meta.resolve`), wherever the project is (its URL). */
export function frameworkAt(root: string, resolved: string): string {
  return resolved.replace(root, "./");
}

/** @throws {BuildError} if there is no build, or another framework made it. */
export async function checkBuild(root: string, outDir: string, framework: string): Promise<void> {
  const built = await Deno.stat(`${root}/${outDir}/bundle.js`).then(() => true, () => false);
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
  if (stamp?.framework !== framework) return false;
  const sources = await lookAtSources(root, stamp);
  if (sources.hash !== stamp.hash) return false;
  if (sources.times !== stamp.times) {
    // The next look need not read them again. Where the folder cannot be written to, it does.
    await writeStamp(root, outDir, { ...stamp, ...sources }).catch(() => {});
  }
  return true;
}

/** Builds in its own process if the build is missing, stale, or another framework's. */
export async function buildIfStale(root: string, outDir: string, framework: string): Promise<void> {
  if (await isCurrent(root, outDir, framework)) return;
  const build = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "dev.ts", "build"],
    cwd: root,
  });
  const { success } = await build.spawn().status;
  if (!success) throw new BuildError("The build failed, so there is nothing to serve");
}

/** The stamp of the build output, or `null` if there is none. */
export async function readStamp(root: string, outDir: string): Promise<Stamp | null> {
  try {
    const text = await Deno.readTextFile(stampPath(root, outDir));
    const [hash = "", framework = "", times = ""] = text.split("\n");
    return { hash, framework, times };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Stamps the build output with the state that the sources had before it was made. */
export async function writeStamp(
  root: string,
  outDir: string,
  { hash, framework, times }: Stamp,
): Promise<void> {
  await Deno.writeTextFile(stampPath(root, outDir), `${hash}\n${framework}\n${times}\n`);
}

/** The state of the sources. Does not read them if their sizes and times are those of `known`. */
export async function lookAtSources(
  root: string,
  known: Sources | null = null,
  now = Date.now(),
): Promise<Sources> {
  const files = listSources(root);
  let newest = 0;
  const lines = files.map(({ path, size, changed, modified }) => {
    newest = Math.max(newest, changed, modified);
    return `${path} ${size} ${changed} ${modified}\n`;
  });
  // Taken before the content is read: a change meanwhile is seen the next time.
  const times = newest > now - SETTLED_MS ? "" : await digest([Deno.version.deno, "\n", ...lines]);
  if (known !== null && times !== "" && known.times === times) return known;
  const contents = await Promise.all(files.map(({ path }) => Deno.readFile(`${root}/${path}`)));
  const lengths = files.map(({ path }, at) => `${path} ${contents[at]?.byteLength}\n`);
  return { hash: await digest([Deno.version.deno, "\n", ...lengths, ...contents]), times };
}

async function digest(parts: BlobPart[]): Promise<string> {
  const bytes = await new Blob(parts).arrayBuffer();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

interface SourceFile {
  readonly path: string;
  readonly size: number;
  /** When its content or its place last changed, and when its content did (Unix ms). */
  readonly changed: number;
  readonly modified: number;
}

/** Lists every source file, sorted. Synchronous: a thread for each of a thousand calls takes longer. */
function listSources(root: string): SourceFile[] {
  const files: SourceFile[] = [];
  const add = (path: string) => {
    if (GENERATED.has(path)) return;
    const { isDirectory, size, ctime, mtime } = Deno.statSync(`${root}/${path}`);
    if (isDirectory) {
      for (const { name } of Deno.readDirSync(`${root}/${path}`)) add(`${path}/${name}`);
    } else {
      files.push({ path, size, changed: ctime?.getTime() ?? 0, modified: mtime?.getTime() ?? 0 });
    }
  };
  for (const path of SOURCES) add(path);
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}
