/**
 * `deno task dev`: runs `dev.ts` so that most edits need no restart.
 *
 * `--watch-hmr` replaces changed functions in the running process, and restarts it if anything else changed.
 * Precompiled JSX keeps HTML in constants of a module, so an edit of HTML would restart the process, which
 * takes five times as long. The process therefore runs with a copy of deno.json that compiles JSX to calls.
 *
 * Many editors replace a file on save. Deno then stops watching that module, but not the folders that it is told
 * to watch.
 *
 * Fresh's own builder reloads pages only after a restart. With it, the process runs with `--watch`.
 */
import { parse } from "@std/jsonc";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The folders of modules. */
const FOLDERS = ["components", "islands", "lib", "routes"];
/** Files whose changes need no restart: the stylesheet's sources, and editors' temporary files. */
const NO_MODULES = ["**/*.css", "**/.*", "**/*~"];

/** What is read of deno.json. */
type DenoJson = {
  imports: Record<string, string>;
  compilerOptions: Record<string, string | string[]>;
  unstable?: string[];
  nodeModulesDir?: string;
};

/** Returns deno.json for a process that replaces functions. `root` is the base of its relative paths. */
export function developmentConfig(config: string, root: string): string {
  const { imports, compilerOptions, unstable, nodeModulesDir } = parse(config) as DenoJson;
  const { jsxPrecompileSkipElements: _, ...options } = compilerOptions;
  const base = pathToFileURL(`${root}/`);
  const absolute = ([name, target]: [string, string]) => [
    name,
    target.startsWith("./") ? new URL(target, base).href : target,
  ];
  return JSON.stringify({
    unstable,
    nodeModulesDir,
    imports: Object.fromEntries(Object.entries(imports).map(absolute)),
    compilerOptions: { ...options, jsx: "react-jsx" },
  });
}

/** Runs `dev.ts` until it ends or this process is asked to end. Returns its exit code. */
async function develop(root: string): Promise<number> {
  const isOwnFresh = import.meta.resolve("fresh/dev").startsWith("file:");
  const folder = await Deno.makeTempDir({ prefix: "taskstream-dev-" });
  try {
    const config = await Deno.readTextFile(join(root, "deno.json"));
    await Deno.writeTextFile(join(folder, "deno.json"), developmentConfig(config, root));
    // `.npmrc` names the registry of packages, and Deno may add to the lock file.
    for (const name of ["deno.lock", ".npmrc"]) await copyIfPresent(root, folder, name);
    const flags = isOwnFresh
      ? [
        `--watch-hmr=${FOLDERS.map((name) => join(root, name)).join()}`,
        `--watch-exclude=${NO_MODULES.join()}`,
        `--config=${join(folder, "deno.json")}`,
      ]
      : ["--watch"];
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", ...flags, join(root, "dev.ts")],
      stdin: "null",
    }).spawn();
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => child.kill(signal));
    }
    return (await child.status).code;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function copyIfPresent(from: string, to: string, name: string): Promise<void> {
  try {
    await Deno.copyFile(join(from, name), join(to, name));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

if (import.meta.main) Deno.exit(await develop(join(import.meta.dirname!, "..", "..")));
