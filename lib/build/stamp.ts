/**
 * Tells whether the build still matches its sources and its framework.
 *
 * Sources are compared by content, because a clone or a checkout changes every modification time. A file is
 * only read if its size or times changed. The framework counts too: a build contains the chunks and the
 * server of the framework that made it, and another one can't serve them.
 *
 * `main.ts` runs this at each start, so it imports nothing: `node:path` alone would take 3 ms.
 */

/** The sources of a build, relative to the root. */
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

/** Sources that the build generates. */
const GENERATED = new Set(["static/styles.css"]);

/** The stamp is stored with the build. */
const stampPath = (root: string, outDir: string) => `${root}/${outDir}/stamp`;
/** A file that changed less than this ago (ms) may change again without new times. */
const SETTLED_MS = 2_000;

/** Thrown if there is no build that this process can serve. The message is one line for the user. */
export class BuildError extends Error {
  override name = "BuildError";
}

/** The state of the sources. */
export interface Sources {
  /** A hash of content, names and Deno version. */
  readonly hash: string;
  /** A hash of sizes and times. Empty if a file changed too recently to tell. */
  readonly times: string;
}

/** The sources and the framework that a build was made from. */
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
  // Synchronous: no other work waits yet, and a thread for the call takes longer.
  if (statIfPresent(`${root}/${outDir}/bundle.js`) === null) {
    throw new BuildError("There is no build to serve: run `deno task build` first");
  }
  const stamp = await readStamp(root, outDir);
  // Stamps of earlier versions name no framework.
  if (stamp === null || stamp.framework === "" || stamp.framework === framework) return;
  throw new BuildError(
    `The build was made with ${stamp.framework}, not ${framework}: run \`deno task build\` again`,
  );
}

/** Returns whether the build matches the current sources and this framework. */
export async function isCurrent(root: string, outDir: string, framework: string): Promise<boolean> {
  const stamp = await readStamp(root, outDir);
  if (stamp?.framework !== framework) return false;
  const sources = await lookAtSources(root, stamp);
  if (sources.hash !== stamp.hash) return false;
  if (sources.times !== stamp.times) {
    // The next check need not read the files again. In a read-only folder it does.
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

/** Returns the build's stamp, or `null` if there is none. */
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

/** Stamps the build with the state of the sources before it was made. */
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
  // Read the times before the content, so that the next check sees a change in between.
  // Join the texts: a Blob of a thousand parts takes as long as reading all file times.
  const times = newest > now - SETTLED_MS
    ? ""
    : await digest(new TextEncoder().encode(`${Deno.version.deno}\n${lines.join("")}`));
  if (known !== null && times !== "" && known.times === times) return known;
  const contents = await Promise.all(files.map(({ path }) => Deno.readFile(`${root}/${path}`)));
  const lengths = files.map(({ path }, at) => `${path} ${contents[at]?.byteLength}\n`);
  const content = new Blob([Deno.version.deno, "\n", ...lengths, ...contents]);
  return { hash: await digest(await content.bytes()), times };
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
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
    const stat = statIfPresent(`${root}/${path}`);
    if (stat === null) return;
    const { isDirectory, size, ctime, mtime } = stat;
    if (isDirectory) addAll(path);
    else {files.push({
        path,
        size,
        changed: ctime?.getTime() ?? 0,
        modified: mtime?.getTime() ?? 0,
      });}
  };
  const addAll = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(`${root}/${path}`)) {
      if (isDirectory) addAll(`${path}/${name}`);
      else add(`${path}/${name}`);
    }
  };
  for (const path of SOURCES) add(path);
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** An editor may remove a file while it is listed, and a lock file is optional. */
function statIfPresent(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
