import type { Collected } from "../sse/mod.ts";
import { ask, type AskDeps, type Outcome } from "./ask.ts";
import type { Conversation } from "./conversation.ts";
import { figuresLine } from "./figures.ts";
import { type Cost, costOf } from "./prices.ts";
import type { Setup } from "./setup.ts";
import type { Terminal } from "./terminal.ts";

/** An outcome that was shown; `whole` where nothing had to be said about its end. */
export interface Shown {
  readonly outcome: Outcome;
  readonly whole: boolean;
}

/** Asks, shows the answer as it comes, and then what it took or what went wrong. */
export async function answer(
  setup: Setup,
  conversation: Conversation,
  terminal: Terminal,
  signal: AbortSignal,
  deps: AskDeps,
): Promise<Shown> {
  let last = "\n";
  const show = (piece: string) => {
    last = piece.at(-1) ?? last;
    terminal.write(piece);
  };
  const outcome = await ask(setup, conversation, show, signal, deps);
  const { text } = outcome.answer;
  if (last !== "\n") terminal.write("\n");

  const notice = noticeOf(outcome);
  if (notice) terminal.note(notice);
  if (text || outcome.how === "answered") {
    const cost = costFor(setup, outcome);
    const figures = { answer: outcome.answer, conversation, free: setup.sandbox };
    terminal.note(figuresLine({ ...figures, ...(cost ? { cost } : {}) }));
  }
  return { outcome, whole: notice === undefined };
}

/** A price holds at its own API only, and one by the request for a request that was served. */
function costFor({ api, model, elsewhere }: Setup, { how }: Outcome): Cost | undefined {
  const cost = elsewhere ? undefined : costOf(api.name, model);
  return cost && "request" in cost && how !== "answered" ? undefined : cost;
}

function noticeOf(outcome: Outcome): string | undefined {
  const { how, answer } = outcome;
  if (how === "answered") return endingOf(answer);
  const kept = answer.text.trim() !== "";
  if (how === "stopped") return kept ? "[stopped: what came so far is kept]" : "[stopped]";
  return outcome.problem.words + (kept ? " What came so far is kept." : "");
}

/** Ends that are not what was hoped for. */
function endingOf({ finish, text, refusal }: Collected): string | undefined {
  if (finish && /^(?:length|max_.*tokens|error_limit)$/i.test(finish)) {
    return `[cut short by the limit of tokens (${finish})]`;
  }
  if (finish && /filter|safety|refus|recitation|blocklist|prohibited|toxic/i.test(finish)) {
    return `[held back by the provider (${finish})]`;
  }
  if (refusal) return "[the model refused]";
  return text === "" ? "[the answer is empty]" : undefined;
}
