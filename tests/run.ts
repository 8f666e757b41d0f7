/**
 * Runs the tests: all of them, or with a first argument `fast` or `slow` one half. Further arguments go to
 * `deno test`. Fast tests use no browser and no process, and do not wait. Many of their files share an
 * isolate: loading the app for each file takes longer than its tests. So do the files of browser tests: each
 * would load Playwright, and start a browser and a server.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = join(import.meta.dirname!, "..");
const BROWSER_FOLDER = "tests/browser/";
/** Folders of slow tests; elsewhere their names end in `_slow_test`. */
const SLOW_FOLDERS = [BROWSER_FOLDER, "tests/campaign/", "tests/process/"];
/**
 * How many isolates the fast tests share. Each loads and warms up the app again, which takes about two seconds of
 * processor time. With fewer, the longest would end last and alone.
 */
const BUNDLES = 6;
/** How many isolates the browser tests share: enough that no long one ends last and alone. */
const BROWSER_BUNDLES = 10;
/** Folders with an isolate of their own: `asset()` names the files of the build that was attached last. */
const ALONE = new Set(["lib", "fresh"]);

/** Whether a test file is for `deno task test:slow`. */
export const isSlow = (path: string) =>
  /_slow_test\.tsx?$/.test(path) || SLOW_FOLDERS.some((folder) => path.startsWith(folder));

/** Every source file below a folder of the project, relative to the project. */
export async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    if (isDirectory) yield* sources(`${folder}/${name}`);
    else if (/\.tsx?$/.test(name)) yield `${folder}/${name}`;
  }
}

interface Bundle {
  readonly files: string[];
  bytes: number;
}

async function bundleOf(files: string[]): Promise<Bundle> {
  const stats = await Promise.all(files.map((file) => Deno.stat(join(ROOT, file))));
  return { files, bytes: stats.reduce((sum, { size }) => sum + size, 0) };
}

/** Joins bundles to so many of about the same size, the largest first. */
function packed(parts: Bundle[], count: number): Bundle[] {
  const bundles = Array.from({ length: count }, (): Bundle => ({ files: [], bytes: 0 }));
  for (const { files, bytes } of parts.sort((a, b) => b.bytes - a.bytes)) {
    const smallest = bundles.reduce((a, b) => b.bytes < a.bytes ? b : a);
    smallest.files.push(...files);
    smallest.bytes += bytes;
  }
  return bundles.sort((a, b) => b.bytes - a.bytes);
}

/** Shares out fast files to bundles. The files of a folder stay together. */
async function fastBundles(paths: readonly string[]): Promise<Bundle[]> {
  const alone: Bundle[] = [], shared: Bundle[] = [];
  for (const [folder, files] of Map.groupBy(paths, (path) => path.split("/")[1] ?? "")) {
    (ALONE.has(folder) ? alone : shared).push(await bundleOf(files));
  }
  return [...packed(shared, BUNDLES), ...alone].sort((a, b) => b.bytes - a.bytes);
}

/** Writes a file for each bundle that imports its tests. */
async function writeBundles(
  name: string,
  bundles: readonly Bundle[],
  folder: string,
): Promise<string[]> {
  return await Promise.all(bundles.map(async ({ files }, at) => {
    const entry = join(folder, `${name}_${at + 1}_test.ts`);
    const imports = files.map((file) => `import "${pathToFileURL(join(ROOT, file))}";\n`);
    await Deno.writeTextFile(entry, imports.join(""));
    return entry;
  }));
}

/** Spreads the lists over the whole run, so that browsers and processes do not all start at once. */
function spread(...lists: readonly (readonly string[])[]): string[] {
  const placed = lists.flatMap((list) =>
    list.map((path, at) => ({ path, place: (at + 0.5) / list.length }))
  );
  return placed.sort((a, b) => a.place - b.place).map(({ path }) => path);
}

async function run(args: readonly string[]): Promise<number> {
  const half = args.find((arg) => arg === "fast" || arg === "slow");
  const tests = (await Array.fromAsync(sources("tests"))).sort()
    .filter((path) => /_test\.tsx?$/.test(path));
  const slow = half === "fast" ? [] : tests.filter(isSlow);
  const fast = half === "slow" ? [] : tests.filter((path) => !isSlow(path));
  const [inBrowser = [], others = []] = [true, false].map((wanted) =>
    slow.filter((path) => path.startsWith(BROWSER_FOLDER) === wanted)
  );
  const folder = await Deno.makeTempDir();
  try {
    const parts = await Promise.all(inBrowser.map((path) => bundleOf([path])));
    const entries = [
      fast.length > 0 ? await writeBundles("bundle", await fastBundles(fast), folder) : [],
      parts.length > 0 ? await writeBundles("browser", packed(parts, BROWSER_BUNDLES), folder) : [],
    ];
    // `deno task check` checks the types.
    const flags = new Set(["-A", "--parallel", "--no-check", "--preload=tests/deadline.ts"]);
    const more = args.filter((arg) => arg !== half && !flags.has(arg));
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", ...flags, ...more, ...spread(...entries, others)],
      cwd: ROOT,
      // Many tests wait for a moment: two files for each core keep it busy.
      env: { DENO_JOBS: Deno.env.get("DENO_JOBS") ?? `${2 * navigator.hardwareConcurrency}` },
    }).spawn().status;
    return code;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await run(Deno.args));
