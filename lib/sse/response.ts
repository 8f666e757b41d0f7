import { SSEError } from "./error.ts";

/** A stream of bytes, as browsers and `node:stream/web` have it; of events, by `SSEParserStream`. */
export interface ByteStream<T = Uint8Array> {
  getReader(): ByteReader<T>;
}

export interface ByteReader<T = Uint8Array> {
  read(): Promise<{ done: boolean; value?: T | undefined }>;
  cancel(reason?: unknown): Promise<void>;
  releaseLock(): void;
}

/** What is read of a response. A server's `Request`, or a bare `{ body }`, will do as well. */
export interface ResponseLike {
  readonly body: ByteStream | AsyncIterable<Uint8Array | string> | null | undefined;
  readonly bodyUsed?: boolean | undefined;
  readonly ok?: boolean | undefined;
  readonly status?: number | undefined;
  readonly headers?: { get(name: string): string | null } | undefined;
}

/** A refusal's body may never end: reading it is given up after this long. */
export const PATIENCE_MS = 5000;

/** The type that the standard asks for. */
export const EVENT_STREAM = /^\s*text\/event-stream\s*(;|$)/i;

/** The error that a response is, if its status or its type is not that of a stream. */
export function refusal(response: ResponseLike, type: RegExp): SSEError | undefined {
  const { status = 200, headers } = response;
  const is = headers?.get("content-type") ?? "";
  const kind = status !== 200 ? "http" : !type.test(is) ? "content-type" : undefined;
  return kind && new SSEError(
    kind,
    kind === "http" ? "status " + status : "not an event stream: " + (is || "no content type"),
    { status, headers, response },
  );
}
