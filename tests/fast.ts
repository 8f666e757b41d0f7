/**
 * `deno task test:fast`: runs the tests that use no browser and no process, and do not wait. The files of a
 * folder share an isolate: loading the app for each file takes longer than its tests. Further arguments go
 * to `deno test`.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = join(import.meta.dirname!, "..");
/** Folders of slow tests; elsewhere their names end in `_slow_test`. */
const SLOW_FOLDERS = ["tests/browser/", "tests/campaign/", "tests/process/"];

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

async function run(): Promise<number> {
  const paths = (await Array.fromAsync(sources("tests"))).sort();
  const fast = paths.filter((path) => /_test\.tsx?$/.test(path) && !isSlow(path));
  const folder = await Deno.makeTempDir();
  try {
    const groups = Object.entries(Object.groupBy(fast, (path) => path.split("/")[1] ?? ""));
    const entries = await Promise.all(groups.map(async ([name, files = []]) => {
      const entry = join(folder, `${name.replace(/_test\.tsx?$/, "")}_test.ts`);
      const imports = files.map((file) => `import "${pathToFileURL(join(ROOT, file))}";\n`);
      await Deno.writeTextFile(entry, imports.join(""));
      return entry;
    }));
    const flags = ["-A", "--parallel", "--no-check", "--preload", "tests/deadline.ts"];
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", ...flags, ...Deno.args, ...entries],
      cwd: ROOT,
      // Many tests wait for a moment: two groups for each core keep it busy.
      env: { DENO_JOBS: `${2 * navigator.hardwareConcurrency}` },
    }).spawn().status;
    return code;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await run());
