/**
 * Keeps files of earlier builds, because a running server loads its routes and its pages' scripts on first
 * request.
 */

/** The file in a build that lists the kept files. */
const LIST = "previous.json";
/** How long files of earlier builds are kept (ms): there may be several builds while one server runs. */
const KEPT_MS = 24 * 60 * 60_000;
/** Files with a hash of their content in their names, which never collide: scripts of pages, and of the server. */
const HASHED = /-(?:[\da-f]{12}|[\dA-Z]{8})\.js$/;

/**
 * Runs `build`, which replaces `outDir` and writes every file of the new build. Then adds the files of earlier builds
 * that it did not write: also if it fails, because a server may still run.
 */
export async function keepPrevious(
  outDir: string,
  build: () => Promise<void>,
  now: () => number = Date.now,
): Promise<void> {
  const aside = `${outDir}.previous`;
  await remove(aside);
  try {
    const older = await previousFiles(outDir);
    for await (const path of filesIn(outDir)) {
      if (!HASHED.test(path)) continue;
      const { mtime } = await Deno.stat(`${outDir}/${path}`);
      const isOld = mtime !== null && now() - mtime.getTime() > KEPT_MS;
      if (!(isOld && older.has(path))) await link(`${outDir}/${path}`, `${aside}/${path}`);
    }
    const kept: string[] = [];
    try {
      await build();
    } finally {
      for await (const path of filesIn(aside)) {
        if (await link(`${aside}/${path}`, `${outDir}/${path}`)) kept.push(path);
      }
    }
    await Deno.writeTextFile(`${outDir}/${LIST}`, JSON.stringify(kept));
  } finally {
    await remove(aside);
  }
}

/** Yields the paths of all files in a folder, which may not exist. */
export async function* filesIn(folder: string, below = ""): AsyncGenerator<string> {
  const entries = await Array.fromAsync(Deno.readDir(`${folder}/${below}`)).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  });
  for (const { name, isDirectory } of entries) {
    if (isDirectory) yield* filesIn(folder, `${below}${name}/`);
    else yield below + name;
  }
}

/** Gives a file a second name. Keeps its time. Returns `false` if the name is taken. */
async function link(from: string, to: string): Promise<boolean> {
  await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
  try {
    await Deno.link(from, to);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    // Some file systems have no hard links.
    const { atime, mtime } = await Deno.stat(from);
    await Deno.copyFile(from, to);
    await Deno.utime(to, atime ?? 0, mtime ?? 0);
  }
  return true;
}

/** Returns the paths of the files that a build keeps from earlier builds. */
export async function previousFiles(outDir: string): Promise<ReadonlySet<unknown>> {
  try {
    return new Set(JSON.parse(await Deno.readTextFile(`${outDir}/${LIST}`)));
  } catch {
    return new Set();
  }
}

async function remove(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
