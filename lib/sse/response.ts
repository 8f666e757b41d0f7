/** A stream of bytes, as browsers and `node:stream/web` have it; of events, by `SSEParserStream`. */
export interface ByteStream<T = Uint8Array> {
  /** Locks the stream and reads it. */
  getReader(): ByteReader<T>;
}

/** A reader of a {@link ByteStream}. */
export interface ByteReader<T = Uint8Array> {
  /** The next chunk. */
  read(): Promise<{ done: boolean; value?: T | undefined }>;
  /** Ends the stream and what is behind it. */
  cancel(reason?: unknown): Promise<void>;
  /** Unlocks the stream. */
  releaseLock(): void;
}

/** What is read of a response. A server's `Request`, or a bare `{ body }`, will do as well. */
export interface ResponseLike {
  /** What is read; `null` where there is nothing. */
  readonly body: ByteStream | AsyncIterable<Uint8Array | string> | null | undefined;
  /** Whether the body was read before. */
  readonly bodyUsed?: boolean | undefined;
  /** Whether the status is from 200 to 299. */
  readonly ok?: boolean | undefined;
  /** The HTTP status. */
  readonly status?: number | undefined;
  /** The headers: `content-type` and `retry-after` are read. */
  readonly headers?: { get(name: string): string | null } | undefined;
}

/** A refusal's body may never end: reading it is given up after this long. */
export const PATIENCE_MS = 5000;

/** The type that the standard asks for. */
export const EVENT_STREAM = /^\s*text\/event-stream\s*(;|$)/i;
