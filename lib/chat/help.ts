import { apis } from "./apis/mod.ts";

/** What can be typed instead of a question. */
export const COMMANDS =
  "Ctrl-C stops an answer, and leaves at the prompt. /retry, /new, /help, /quit.";

const pad = (text: string, width: number) => text.padEnd(width);

/** What `--help` prints. */
export function helpText(): string {
  const table = apis.map(({ name, keys, model }) =>
    `  ${pad(name, 18)}${pad(keys.join(" or "), 34)}${model}`
  );
  return `A streaming chat in the terminal.

  deno task chat                       with the provider whose key is in the environment
  deno task chat --sandbox             with an embedded fake: no account, no network
  deno task chat --prompt "Why?"       one answer, to stdout; so does a question piped in

  --provider <name>   whose format to speak (below)
  --url <address>     a server that speaks it: the whole address, or where its /v1 begins
  --model <name>      the model
  --system <text>     instructions for the whole conversation
  --prompt <text>     ask this and end
  --sandbox           speak --provider's wire format with an embedded fake; a question with
                      [401], [429], [error] or [cut] in it shows what happens then
  --help

  ${pad("provider", 18)}${pad("key, in the environment", 34)}model unless --model
${table.join("\n")}

At the prompt: a line that ends in \\ goes on in the next.
${COMMANDS}
Figures: ~ marks an estimate, – what is not known. Costs follow list prices known in 2026.
`;
}
