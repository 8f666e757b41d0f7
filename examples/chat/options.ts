import { parseArgs } from "node:util";
import { apis } from "./apis.ts";
import { UsageError } from "./setup.ts";

export const COMMANDS =
  "Ctrl-C stops an answer; at the prompt it leaves. Commands: /retry, /new, /help, /quit.";

/** What was typed behind the command. */
export type Options = ReturnType<typeof parse>;

const type = "string";
const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      provider: { type },
      url: { type },
      model: { type },
      system: { type },
      prompt: { type },
      sandbox: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  }).values;

/** @throws UsageError */
export function optionsOf(args: readonly string[]): Options {
  if (args.some((arg) => /^--(?:(?:api-?)?key|token)\b/.test(arg))) {
    throw new UsageError(
      "Other users can see a key on the command line. Put it into the environment (see --help).",
    );
  }
  try {
    const options = parse(args);
    const empty = Object.entries(options).find(([, value]) => String(value).trim() === "");
    if (empty) throw new TypeError(`--${empty[0]} is empty`);
    return options;
  } catch (error) {
    const { message } = Object(error);
    throw new UsageError(`${message}. See --help.`);
  }
}

/** What `--help` prints. */
export function helpText(): string {
  const row = (name: string, keys: string, model: string) =>
    `  ${name.padEnd(18)}${keys.padEnd(34)}${model}`;
  return `A streaming chat in the terminal.

  deno task chat                       use the provider whose key is in the environment
  deno task chat --sandbox             use a built-in fake: no account, no network
  deno task chat --prompt "Why?"       print one answer and exit; you can also pipe a question in

  --provider <name>   the API's format (below)
  --url <address>     another server that speaks it: the whole address, or the part before /v1
  --model <name>      the model
  --system <text>     instructions for the conversation
  --prompt <text>     ask this and exit
  --sandbox           use a built-in fake of --provider; a question that contains [401], [429],
                      [error] or [cut] shows how the chat handles that failure
  --help

${row("provider", "key, in the environment", "default model")}
${apis.map(({ names, keys, model }) => row(names[0], keys.join(" or "), model)).join("\n")}

End a line with \\ to continue it on the next one.
${COMMANDS}
~ marks an estimate, – an unknown value. Costs are list prices of November 2026.
`;
}
