/** `deno deploy` as a process. */
import { join } from "node:path";
import type { Ran, RunCli } from "./cli.ts";

/**
 * Runs `deno deploy` for the project at `root`, whose deno.json stays as it is: `deno deploy` writes the
 * organisation and the app into it even when it is only asked, and some versions leave nothing else under
 * `deploy`. `cli` is the URL of another command line than Deno Deploy's own.
 */
export function deployProcess(root: string, cli?: string): RunCli {
  const specifier = new URL("./once.ts", import.meta.url);
  if (cli !== undefined) specifier.searchParams.set("cli", cli);
  return async (args) => {
    const path = join(root, "deno.json");
    const config = await Deno.readTextFile(path);
    try {
      return await run(args, root, specifier.href);
    } finally {
      const now = await Deno.readTextFile(path);
      // What somebody edits meanwhile, who may wait for minutes, is theirs.
      if (now !== config && besides(now) === besides(config)) {
        await Deno.writeTextFile(path, config);
      }
    }
  };
}

/** What a deno.json says besides `deploy`. */
function besides(text: string): string {
  try {
    const { deploy: _, ...rest } = JSON.parse(text);
    return JSON.stringify(rest);
  } catch {
    return text;
  }
}

async function run(args: readonly string[], cwd: string, specifier: string): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["deploy", ...args],
    cwd,
    env: { DENO_DEPLOY_CLI_SPECIFIER: specifier },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * What `deno deploy` is told to run in the place of its own command line, which then gets every argument
 * once: Deno 2.9.6 passes each on twice, and the command line refuses that (denoland/deno#36722). Under a
 * Deno that does not, this changes nothing. It runs inside `deno deploy`, so that a login which the
 * system keeps is found. `?cli=` names another command line.
 */
const half = Deno.args.length / 2;
const first = Deno.args.slice(0, half);
const repeats = Number.isInteger(half) && first.every((arg, at) => arg === Deno.args[half + at]);
if (repeats) Object.defineProperty(Deno, "args", { value: first });
await import(new URL(import.meta.url).searchParams.get("cli") ?? "jsr:@deno/deploy");
