/** A stream of bytes, as in browsers and `node:stream/web`, or of events, as from `SSEParserStream`. */
export interface ByteStream<T = Uint8Array> {
  /** Locks the stream and reads it. */
  getReader(): ByteReader<T>;
}

/** A reader of a {@link ByteStream}. */
export interface ByteReader<T = Uint8Array> {
  /** The next chunk. */
  read(): Promise<{ done: boolean; value?: T | undefined }>;
  /** Cancels the stream and its source. */
  cancel(reason?: unknown): Promise<void>;
  /** Unlocks the stream. */
  releaseLock(): void;
}

/** The part of a response that is used. A server's `Request`, or a bare `{ body }`, also works. */
export interface ResponseLike {
  /** The body, or `null` for none. */
  readonly body: ByteStream | AsyncIterable<Uint8Array | string> | null | undefined;
  /** Whether the body was already read. */
  readonly bodyUsed?: boolean | undefined;
  /** Whether the status is from 200 to 299. */
  readonly ok?: boolean | undefined;
  /** The HTTP status. */
  readonly status?: number | undefined;
  /** The headers: `content-type` and `retry-after` are read. */
  readonly headers?: { get(name: string): string | null } | undefined;
}

/** How long to read the body of a refusal (ms): it may never end. */
export const PATIENCE_MS = 5000;
