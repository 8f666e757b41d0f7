import { collect, type Collected } from "../../lib/sse/mod.ts";
import type { Turn } from "./apis.ts";
import { costOf, figuresLine } from "./figures.ts";
import { explain } from "./problem.ts";
import { requestFor, type Setup } from "./setup.ts";
import type { Terminal } from "./terminal.ts";

/** What the chat needs from outside. */
export interface Deps {
  readonly terminal: Terminal;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Milliseconds, for durations. */
  readonly now: () => number;
  /** Milliseconds since 1970, for `Retry-After`. */
  readonly wallClock: () => number;
}

/** How an answer ended. */
export interface Outcome {
  /** The answer, or the part of it that arrived. */
  readonly text: string;
  /** `whole` only if nothing had to be said about its end. */
  readonly end: "whole" | "stopped" | "failed";
  /** Whether asking again may help. */
  readonly isPassing: boolean;
}

/** Sends the conversation and shows the answer as it arrives, then its figures and any problem. */
export async function ask(
  setup: Setup,
  turns: readonly Turn[],
  signal: AbortSignal,
  { terminal, fetch, now, wallClock }: Deps,
): Promise<Outcome> {
  const { api, isElsewhere, sandbox, system = "" } = setup;
  let answer: Collected = { text: "", usage: { outputTokens: 0, estimated: true }, totalMs: 0 };
  let end: Outcome["end"] = "whole";
  let notice: string | undefined;
  let isPassing = false;
  try {
    const started = now();
    const response = await fetch(requestFor(setup, turns, signal));
    // Another server may speak any format: `collect` recognises it.
    const provider = isElsewhere ? undefined : api.provider;
    const onUpdate = (soFar: Collected) => {
      const piece = soFar.text.slice(answer.text.length);
      answer = soFar;
      if (piece) terminal.write(piece);
    };
    answer = await collect(response, { provider, onUpdate, now, started, signal });
    notice = noticeOf(answer);
    if (notice) end = "failed";
  } catch (error) {
    // The terminal is gone, as in `… | head -1`.
    if (error instanceof Deno.errors.BrokenPipe) throw error;
    end = signal.aborted ? "stopped" : "failed";
    const problem = explain(error, setup, wallClock());
    notice = signal.aborted ? "[stopped]" : problem.words;
    isPassing = !signal.aborted && problem.isPassing;
    if (answer.text.trim()) notice += " The answer so far is kept.";
  }
  const { text } = answer;
  if (text && !text.endsWith("\n")) terminal.write("\n");
  if (notice) terminal.note(notice);
  if (text || end === "whole") {
    const sent = turns.reduce((sum, turn) => sum + turn.text.length, system.length);
    const cost = isElsewhere ? undefined : costOf(api.names[0], setup.model);
    terminal.note(figuresLine(answer, sent, cost, sandbox));
  }
  return { text, end, isPassing };
}

/** What is wrong with an answer that arrived to its end. */
function noticeOf({ finish = "", text, refusal }: Collected): string | undefined {
  if (/^(length|max_.*tokens|error_limit)$/i.test(finish)) {
    return `[cut short by the token limit (${finish})]`;
  }
  if (/filter|safety|refus|recitation|blocklist|prohibited|toxic/i.test(finish)) {
    return `[withheld by the provider (${finish})]`;
  }
  if (refusal) return "[the model refused]";
  return text ? undefined : "[the answer is empty]";
}
