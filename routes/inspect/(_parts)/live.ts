/** Opens a stream in the browser and passes on its bytes with their arrival times. */
import type { StreamRequest } from "./request.ts";

/** The server's response. */
export interface Answered {
  readonly status: number;
  readonly statusText: string;
  readonly type: string;
  /** From the request to the headers, ms. */
  readonly headersMs: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Whether an EventSource would accept it. */
export function isEventStream({ status, type }: Answered): boolean {
  return status === 200 && /^\s*text\/event-stream\s*(;|$)/i.test(type);
}

/** How it ended. `unanswered` and `broken` contain the browser's message, which says little. */
export type LiveEnd =
  | { readonly how: "closed" | "stopped" }
  | { readonly how: "unanswered" | "broken"; readonly message: string };

export interface LiveOptions {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onAnswer: (answer: Answered) => void;
  /** Receives a chunk and its arrival time (ms since the request). Throwing ends the stream. */
  readonly onChunk: (chunk: Uint8Array, atMs: number) => void;
}

/** Reads until the stream ends. Resolves with how it ended. */
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
      // Send cookies to our own origin only: its streams need the session.
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
