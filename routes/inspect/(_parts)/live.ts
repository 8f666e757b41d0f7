/** Opens a stream in the browser and hands on its bytes with the time each came. */
import type { StreamRequest } from "./request.ts";

/** What the other side answered. */
export interface Answered {
  readonly status: number;
  readonly statusText: string;
  readonly type: string;
  /** From the request to the headers, ms. */
  readonly headersMs: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Whether an EventSource would read it. */
export function isEventStream({ status, type }: Answered): boolean {
  return status === 200 && /^\s*text\/event-stream\s*(;|$)/i.test(type);
}

/** How it ended. `unanswered` and `broken` are the browser's word for word, which is little. */
export type LiveEnd =
  | { readonly how: "closed" | "stopped" }
  | { readonly how: "unanswered" | "broken"; readonly message: string };

export interface LiveOptions {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds, of a clock that does not jump. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onAnswer: (answer: Answered) => void;
  /** A chunk, and when it came (ms since the request). Throwing ends the stream. */
  readonly onChunk: (chunk: Uint8Array, atMs: number) => void;
}

/** Reads until the stream ends; resolves with how. */
export async function readLive(request: StreamRequest, options: LiveOptions): Promise<LiveEnd> {
  const { now, signal, onAnswer, onChunk } = options;
  const started = now();
  let answered = false;
  try {
    const response = await options.fetch(request.url, {
      method: request.method,
      headers: request.headers.map(([name, value]): [string, string] => [name, value]),
      body: request.body,
      signal,
      cache: "no-store",
      // Cookies go to our own origin only: its streams need the session.
      credentials: "same-origin",
      referrerPolicy: "no-referrer",
    });
    answered = true;
    onAnswer({
      status: response.status,
      statusText: response.statusText,
      type: response.headers.get("content-type") ?? "",
      headersMs: now() - started,
      headers: [...response.headers],
    });
    const reader = response.body?.getReader();
    if (reader === undefined) return { how: "closed" };
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return { how: "closed" };
        onChunk(value, now() - started);
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  } catch (error) {
    if (signal.aborted) return { how: "stopped" };
    const message = error instanceof Error ? error.message : String(error);
    return { how: answered ? "broken" : "unanswered", message };
  }
}
