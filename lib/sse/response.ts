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

/** Characters of a body that are read to find out what the server said. */
const MOST = 16_384;
/** Characters of it that a message quotes. */
const MOST_SAID = 400;

/** A body may never end: the caller of {@link quote} lets go of it after this long. */
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

/** Adds what the server said: at most 16 KiB of the body. The caller bounds the time. */
export async function quote(error: SSEError, reader: ByteReader | undefined): Promise<SSEError> {
  const decoder = new TextDecoder();
  let body = "";
  try {
    while (reader && body.length < MOST) {
      const { done, value } = await reader.read();
      if (done) break;
      body += decoder.decode(value, { stream: true });
    }
  } catch {
    // The status says enough.
  }
  reader?.cancel().catch(() => {});
  let said: string | undefined = /^\s*[<{[]/.test(body) ? "" : body;
  try {
    said = messageIn(JSON.parse(body));
  } catch {
    // Plain words, or a page.
  }
  said = said?.replace(/\s+/g, " ").trim().slice(0, MOST_SAID) ?? "";
  if (said) error.message += ": " + said;
  return Object.assign(error, { body, said });
}

/** `{error: {message}}`, `{error: "…"}`, `{message}`, `{detail}`, and Google's list of one. */
export function messageIn(value: unknown, depth = 8): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || !value || !depth) return undefined;
  const inside: Readonly<Record<string, unknown>> = { ...value };
  return [0, "error", "message", "detail", "msg", "error_message"]
    .map((name) => messageIn(inside[name], depth - 1)).find(Boolean);
}
