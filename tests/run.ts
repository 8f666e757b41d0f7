/**
 * Runs the tests: all of them, or with a first argument `fast` or `slow` one half. Further arguments go to
 * `deno test`. Fast tests use no browser and no process, and do not wait. Many of their files share an
 * isolate: loading the app for each file takes longer than its tests.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = join(import.meta.dirname!, "..");
/** Folders of slow tests; elsewhere their names end in `_slow_test`. */
const SLOW_FOLDERS = ["tests/browser/", "tests/campaign/", "tests/process/"];
/** How many isolates the fast tests share. With fewer, the longest would end last and alone. */
const BUNDLES = 12;
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

/** Shares out files to bundles of about the same size. The files of a folder stay together. */
async function bundlesOf(paths: readonly string[]): Promise<Bundle[]> {
  const alone: Bundle[] = [], shared: Bundle[] = [];
  for (const [folder, files] of Map.groupBy(paths, (path) => path.split("/")[1] ?? "")) {
    const stats = await Promise.all(files.map((file) => Deno.stat(join(ROOT, file))));
    const bytes = stats.reduce((sum, { size }) => sum + size, 0);
    (ALONE.has(folder) ? alone : shared).push({ files, bytes });
  }
  const bundles = Array.from({ length: BUNDLES }, (): Bundle => ({ files: [], bytes: 0 }));
  for (const { files, bytes } of shared.sort((a, b) => b.bytes - a.bytes)) {
    const smallest = bundles.reduce((a, b) => b.bytes < a.bytes ? b : a);
    smallest.files.push(...files);
    smallest.bytes += bytes;
  }
  return [...bundles, ...alone].sort((a, b) => b.bytes - a.bytes);
}

/** Writes a file for each bundle that imports its tests. */
async function writeBundles(bundles: readonly Bundle[], folder: string): Promise<string[]> {
  return await Promise.all(bundles.map(async ({ files }, at) => {
    const entry = join(folder, `bundle_${at + 1}_test.ts`);
    const imports = files.map((file) => `import "${pathToFileURL(join(ROOT, file))}";\n`);
    await Deno.writeTextFile(entry, imports.join(""));
    return entry;
  }));
}

/** Spreads both lists over the whole run, so that browsers and processes do not all start at once. */
function spread(a: readonly string[], b: readonly string[]): string[] {
  const placed = [a, b].flatMap((list) =>
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
  const folder = await Deno.makeTempDir();
  try {
    const entries = fast.length > 0 ? await writeBundles(await bundlesOf(fast), folder) : [];
    // `deno task check` checks the types.
    const flags = new Set(["-A", "--parallel", "--no-check", "--preload=tests/deadline.ts"]);
    const more = args.filter((arg) => arg !== half && !flags.has(arg));
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", ...flags, ...more, ...spread(entries, slow)],
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
