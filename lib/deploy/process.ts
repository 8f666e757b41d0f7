/** `deno deploy` as a process. */
import { join } from "node:path";
import { parse } from "@std/jsonc";
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
      // Leave files alone that the user edits meanwhile: the process may wait for minutes.
      if (now !== config && withoutDeploy(now) === withoutDeploy(config)) {
        await Deno.writeTextFile(path, config);
      }
    }
  };
}

/** A deno.json without its `deploy` member. */
function withoutDeploy(text: string): string {
  try {
    const { deploy: _, ...rest } = parse(text) as Record<string, unknown>;
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
