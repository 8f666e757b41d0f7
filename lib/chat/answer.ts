import { ask, type AskDeps, type Outcome } from "./ask.ts";
import type { Conversation } from "./conversation.ts";
import { figuresLine } from "./figures.ts";
import { costOf } from "./prices.ts";
import type { Setup } from "./setup.ts";
import type { Terminal } from "./terminal.ts";

/** Asks, shows the answer as it comes, and then what it took or what went wrong. */
export async function answer(
  setup: Setup,
  conversation: Conversation,
  terminal: Terminal,
  signal: AbortSignal,
  deps: AskDeps,
): Promise<Outcome> {
  let last = "\n";
  const show = (piece: string) => {
    last = piece.at(-1) ?? last;
    terminal.write(piece);
  };
  const outcome = await ask(setup, conversation, show, signal, deps);
  const { text } = outcome.answer;
  if (last !== "\n") terminal.write("\n");

  if (outcome.how === "stopped") {
    terminal.note(text ? "[stopped: what came so far is kept]" : "[stopped before an answer came]");
  } else if (outcome.how === "failed") {
    terminal.note(text ? `${outcome.problem} What came so far is kept.` : outcome.problem);
  } else {
    const ending = endingOf(outcome, setup);
    if (ending) terminal.note(ending);
  }
  if (text || outcome.how === "answered") {
    const cost = setup.elsewhere ? undefined : costOf(setup.api.name, setup.model);
    const figures = { answer: outcome.answer, conversation, free: setup.sandbox };
    terminal.note(figuresLine({ ...figures, ...(cost ? { cost } : {}) }));
  }
  return outcome;
}

/** Ends that are not what was hoped for. Parallel documents none, so nothing follows from none. */
function endingOf({ answer }: Outcome, { api, elsewhere }: Setup): string | undefined {
  const { finish, text } = answer;
  if (finish && /^(?:length|max_.*tokens|error_limit)$/i.test(finish)) {
    return `[cut short by the limit of tokens (${finish})]`;
  }
  if (finish && /filter|safety|refus|recitation|blocklist|prohibited|toxic/i.test(finish)) {
    return `[held back by the provider (${finish})]`;
  }
  if (text === "") return "[the answer is empty]";
  if (finish === undefined && api.name !== "parallel" && !elsewhere) {
    return "[the stream ended without saying that the answer is whole]";
  }
  return undefined;
}
