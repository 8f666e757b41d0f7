/**
 * Keeps the partial text after an error. A stream can fail after half of the answer, with status 200:
 * the error carries everything that arrived before.
 *
 *     deno run --allow-net examples/partial_text.ts https://example.com/answer
 */
import { collect, type EventSourceLike, SSEError } from "../lib/sse/mod.ts";

/** An answer, or its partial text and the reason it stopped. */
export type Answer =
  | { readonly isWhole: true; readonly text: string }
  | {
    readonly isWhole: false;
    readonly text: string;
    readonly why: string;
    /** Whether asking again may help. */
    readonly isPassing: boolean;
  };

/** Reads an answer and never throws for what a server or a network does. */
export async function readText(stream: EventSourceLike): Promise<Answer> {
  try {
    const { text } = await collect(stream);
    return { isWhole: true, text };
  } catch (error) {
    if (!(error instanceof SSEError)) throw error;
    const { kind, message, text = "", retryable = false } = error;
    return { isWhole: false, text, why: `${kind}: ${message}`, isPassing: retryable };
  }
}

if (import.meta.main) {
  // deno-lint-ignore no-console -- this is a program for the terminal
  console.log(await readText(await fetch(Deno.args[0]!)));
}
