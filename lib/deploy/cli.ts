/**
 * Runs `deno deploy`, the command line of Deno Deploy, in its mode for scripts: JSON on stdout, no prompts, and
 * an exit code for each kind of failure.
 * Source: docs.deno.com/runtime/reference/cli/deploy, "Agent / CI usage".
 */
import { stripVTControlCharacters } from "node:util";

/** The exit code and output of a process. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `deno deploy` with these arguments. */
export type RunCli = (args: readonly string[]) => Promise<Ran>;

/** A failure to show in the terminal. The message tells what to do. */
export class DeployError extends Error {
  override name = "DeployError";
}

const NOT_FOUND = 4;
const CONFLICT = 5;

const WHAT_TO_DO: Readonly<Record<number, string>> = {
  2: "`deno deploy` does not understand these arguments; it may be another version than this task was written for.",
  3: "Not signed in to Deno Deploy. Make a token at https://console.deno.com/account/tokens and set DENO_DEPLOY_TOKEN, or run `deno deploy` once to sign in by browser.",
  6: "Deno Deploy cannot be reached. Nothing was changed by this step; run the same command again later.",
};

/** `deno deploy` downloads its command line when it is first used. */
const NOT_LOADED =
  "The command line of Deno Deploy cannot be downloaded from jsr.io. Check the network, then run the same command again.";

/** Calls the Deno Deploy CLI and returns its output. */
export class DeployCli {
  readonly #run: RunCli;

  constructor(run: RunCli) {
    this.#run = run;
  }

  /** Runs one command and parses its output. Throws {@linkcode DeployError}. */
  async json(args: readonly string[]): Promise<unknown> {
    const { code, stdout, stderr } = await this.#call(args);
    if (code !== 0) throw failure(args, code, stderr);
    return parse(args, stdout);
  }

  /** Like {@linkcode json}, but returns `null` if the CLI finds nothing. */
  async find(args: readonly string[]): Promise<unknown> {
    const { code, stdout, stderr } = await this.#call(args);
    if (code === NOT_FOUND) return null;
    if (code !== 0) throw failure(args, code, stderr);
    return parse(args, stdout);
  }

  /** Creates something. Succeeds if it already exists. Throws {@linkcode DeployError}. */
  async make(args: readonly string[]): Promise<void> {
    const { code, stderr } = await this.#call(args);
    if (code !== 0 && code !== CONFLICT) throw failure(args, code, stderr);
  }

  #call(args: readonly string[]): Promise<Ran> {
    return this.#run([...args, "--json", "--non-interactive"]);
  }
}

function parse(args: readonly string[], stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new DeployError(
      `\`deno deploy ${shown(args)}\` answered with something other than JSON: ${
        stdout.slice(0, 200)
      }`,
    );
  }
}

function failure(args: readonly string[], code: number, stderr: string): DeployError {
  const message = messageOf(stderr);
  const advice = /failed to load|Import '.*' failed/.test(message) ? NOT_LOADED : WHAT_TO_DO[code];
  return new DeployError(
    [advice, `\`deno deploy ${shown(args)}\` failed (${code})${message && `: ${message}`}`]
      .filter(Boolean).join("\n"),
  );
}

/** The CLI's message: from its JSON envelope, otherwise the line it marks as an error, otherwise its last line. */
function messageOf(stderr: string): string {
  const lines = stripVTControlCharacters(stderr).trim().split("\n");
  for (const line of lines.toReversed()) {
    try {
      const { error } = JSON.parse(line);
      if (typeof error?.message === "string") return error.message;
    } catch {
      // Progress in plain words.
    }
  }
  const words = lines.filter((line) => !/^\s*(?:at |\^)/.test(line));
  const message = words.find((line) => line.startsWith("error:")) ?? words.at(-1) ?? "";
  return message.replace(/^error: Uncaught (?:\(in promise\) )?/, "error: ");
}

/** Arguments for display, with secrets masked. */
export function shown(args: readonly string[]): string {
  const secret = args[0] === "env" && args[1] === "add" ? 3 : -1;
  return args.map((arg, at) =>
    at === secret ? "********" : /[^\w@./:=-]/.test(arg) ? `"${arg}"` : arg
  )
    .join(" ");
}
