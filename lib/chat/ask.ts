import { collect, type Collected } from "../sse/mod.ts";
import type { Conversation } from "./conversation.ts";
import { explain, type Problem } from "./problem.ts";
import { requestFor } from "./request.ts";
import type { Setup } from "./setup.ts";

/** What asking needs from outside. */
export interface AskDeps {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Milliseconds, for durations. */
  readonly now: () => number;
  /** Milliseconds since 1970, for `Retry-After`. */
  readonly wallClock: () => number;
}

/** How it ended. Whatever came before the end is in `answer`. */
export type Outcome =
  | { readonly how: "answered"; readonly answer: Collected }
  | { readonly how: "stopped"; readonly answer: Collected }
  | { readonly how: "failed"; readonly answer: Collected; readonly problem: Problem };

const NOTHING: Collected = { text: "", usage: { outputTokens: 0, estimated: true }, totalMs: 0 };

/**
 * Asks for the next answer and reads it: `onText` gets each piece as it arrives, the outcome has
 * all of it. Never throws for what a server or a network does; what `onText` throws is passed on.
 */
export async function ask(
  setup: Setup,
  conversation: Conversation,
  onText: (piece: string) => void,
  signal: AbortSignal,
  { fetch, now, wallClock }: AskDeps,
): Promise<Outcome> {
  let answer = NOTHING;
  let began = false;
  let thrown: { error: unknown } | undefined;

  const onUpdate = (soFar: Collected) => {
    const piece = soFar.text.slice(answer.text.length);
    answer = soFar;
    if (piece === "") return;
    try {
      onText(piece);
    } catch (error) {
      thrown = { error };
      throw error;
    }
  };

  try {
    const started = now();
    const response = await fetch(requestFor(setup, conversation, signal));
    began = true;
    const provider = setup.elsewhere ? undefined : setup.api.stream;
    answer = await collect(response, { provider, onUpdate, now, started, signal });
    return { how: "answered", answer };
  } catch (error) {
    if (thrown) throw thrown.error;
    if (signal.aborted) return { how: "stopped", answer };
    const problem = explain(error, { setup, began, nowMs: wallClock() });
    return { how: "failed", answer, problem };
  }
}
