import { parseArgs } from "./args.ts";
import type { AskDeps } from "./ask.ts";
import { chat } from "./chat.ts";
import { helpText } from "./help.ts";
import { once } from "./once.ts";
import { sandbox } from "./sandbox/mod.ts";
import { setUp, unencrypted } from "./setup.ts";
import type { Terminal } from "./terminal.ts";
import type { Wait } from "./wait.ts";

/** Everything of the outside world that the chat uses. */
export interface RunDeps extends AskDeps {
  readonly terminal: Terminal;
  readonly env: (name: string) => string | undefined;
  /** What paces the sandbox. */
  readonly wait: Wait;
}

/** A command line that makes no sense, as in most Unix programs. */
const USAGE = 2;

/** The whole program. Gives the process's exit code. */
export async function run(words: readonly string[], deps: RunDeps): Promise<number> {
  const { terminal, env, wait } = deps;
  const parsed = parseArgs(words);
  if (!parsed.ok) {
    terminal.note(parsed.problem);
    return USAGE;
  }
  const { args } = parsed;
  if (args.help) {
    terminal.write(helpText());
    return 0;
  }
  const result = setUp(args, env);
  if (!result.ok) {
    terminal.note(result.problem);
    return USAGE;
  }
  const { setup } = result;
  if (unencrypted(setup)) {
    terminal.note(`The key goes to ${setup.url.host} unencrypted: others on the way can read it.`);
  }
  const ask: AskDeps = setup.sandbox ? { ...deps, fetch: sandbox(setup.api.name, wait) } : deps;
  if (args.prompt !== undefined) return await once(setup, args.prompt, terminal, ask);
  if (!terminal.interactive) return await once(setup, await terminal.readAll(), terminal, ask);
  return await chat(setup, terminal, ask);
}
