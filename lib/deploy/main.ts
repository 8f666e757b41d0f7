/** `deno task deploy`: one command to Deno Deploy. */
import { join } from "node:path";
import { HELP, readArgs } from "./args.ts";
import { DeployError } from "./cli.ts";
import { deploy } from "./deploy.ts";
import { readConfig } from "./inspect.ts";
import { deployProcess } from "./process.ts";

/** A deployment continues even if its output is no longer read. */
function write(stream: typeof Deno.stdout, text: string): void {
  try {
    stream.writeSync(new TextEncoder().encode(`${text}\n`));
  } catch {
    // A closed pipe, or a full disk.
  }
}

const ROOT = join(import.meta.dirname!, "..", "..");

try {
  const args = readArgs(Deno.args);
  if (args === null) write(Deno.stdout, HELP);
  else {
    const config = readConfig(await Deno.readTextFile(join(ROOT, "deno.json")));
    const run = deployProcess(ROOT, Deno.env.get("DENO_DEPLOY_CLI_SPECIFIER"));
    const newSecret = () =>
      crypto.getRandomValues(new Uint8Array(48)).toBase64({ alphabet: "base64url" });
    await deploy({ run, config, print: (line) => write(Deno.stdout, line), newSecret }, args);
  }
} catch (error) {
  if (!(error instanceof DeployError)) throw error;
  write(Deno.stderr, error.message);
  Deno.exit(1);
}
