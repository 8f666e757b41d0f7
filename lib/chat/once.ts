import { answer } from "./answer.ts";
import type { AskDeps } from "./ask.ts";
import { begin, change } from "./conversation.ts";
import type { Setup } from "./setup.ts";
import type { Terminal } from "./terminal.ts";

/** As shells count a process ended by Ctrl-C: 128 and the signal's number. */
const INTERRUPTED = 130;

/** One question, one answer. Gives the process's exit code: 0 for a whole answer only. */
export async function once(
  setup: Setup,
  prompt: string,
  terminal: Terminal,
  deps: AskDeps,
): Promise<number> {
  const text = prompt.trim();
  if (text === "") {
    terminal.note("There is no question: nothing came in.");
    return 2;
  }
  const controller = new AbortController();
  const forget = terminal.onInterrupt(() => controller.abort());
  try {
    const conversation = change(begin(setup.system), { type: "asked", text });
    const { outcome, whole } = await answer(setup, conversation, terminal, controller.signal, deps);
    return whole ? 0 : outcome.how === "stopped" ? INTERRUPTED : 1;
  } finally {
    forget();
  }
}
