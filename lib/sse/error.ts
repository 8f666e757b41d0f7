import type { ResponseLike } from "./response.ts";

/**
 * The kind of an error, for programs.
 *
 * - `limit`: a line or an event is larger than allowed (`limit` names the option)
 * - `encode`: an event cannot be written without changing its meaning
 * - `network`: the connection could not be made, or broke
 * - `request`: the request cannot be made: an invalid URL or header, a missing permission, or an
 *   error in the caller's own `fetch` (`cause`)
 * - `timeout`: no response in `connectTimeoutMs`, or silence for `idleTimeoutMs`
 * - `http`: the server responded with a final status (`status`, `headers`, `body`, `serverMessage`)
 * - `content-type`: the response is not an event stream (details as for `http`)
 * - `attempts`: reconnecting was given up (`cause` is the last failure)
 * - `incomplete`: the stream ended before the response was complete, or before its terminal event (`text`)
 * - `json`: a payload is not JSON
 * - `provider`: the API reported an error in the stream (`code`, `retryable`, `text`)
 */
export type SSEErrorKind =
  | "limit"
  | "encode"
  | "network"
  | "request"
  | "timeout"
  | "http"
  | "content-type"
  | "attempts"
  | "incomplete"
  | "json"
  | "provider";

/** The details of an {@link SSEError}. */
export interface SSEErrorDetails {
  /** The error underneath. */
  cause?: unknown | undefined;
  /** `limit`: the option that was exceeded. */
  limit?: "maxLineBytes" | "maxEventBytes" | undefined;
  /** `http`, `content-type`: the status of the response. */
  status?: number | undefined;
  /** `http`, `content-type`: the headers of the response. */
  headers?: ResponseLike["headers"] | undefined;
  /** `http`, `content-type`: the beginning of the response's body, up to 16 KiB. */
  body?: string | undefined;
  /** `http`, `content-type`: the server's own message, or `""`. */
  serverMessage?: string | undefined;
  /** `http`, `content-type`: the response. Its body is already cancelled. */
  response?: ResponseLike | undefined;
  /** `provider`: the provider's own code or type of error. */
  code?: string | undefined;
  /**
   * Whether asking again may help. Not whether it is safe: a POST that broke off may have been carried
   * out, and billed.
   */
  retryable?: boolean | undefined;
  /** `streamTokens`, `collect`: the text received before it went wrong; `json`: the payload. */
  text?: string | undefined;
}

/**
 * The error that this library throws. See `kind`.
 *
 * @example
 * ```ts
 * import { parseSSE, SSEError } from "./mod.ts";
 *
 * const body = new Response("data: far too long\n\n").body!;
 * try {
 *   for await (const _ of parseSSE(body, { maxLineBytes: 8 }));
 * } catch (error) {
 *   if (!(error instanceof SSEError) || error.kind !== "limit") throw error;
 * }
 * ```
 */
export class SSEError extends Error implements SSEErrorDetails {
  /** Always `"SSEError"`. */
  override name = "SSEError";
  /** What went wrong. */
  declare readonly kind: SSEErrorKind;
  declare limit?: "maxLineBytes" | "maxEventBytes" | undefined;
  declare status?: number | undefined;
  declare headers?: ResponseLike["headers"] | undefined;
  declare body?: string | undefined;
  declare serverMessage?: string | undefined;
  declare response?: ResponseLike | undefined;
  declare code?: string | undefined;
  declare retryable?: boolean | undefined;
  declare text?: string | undefined;

  /** Makes an error. The caller's own `fetch` may throw one as well. */
  constructor(kind: SSEErrorKind, message: string, details?: SSEErrorDetails) {
    super(message);
    Object.assign(this, { kind }, details);
  }
}

/** The abort reason when an iteration is left. */
export const LEFT = "left";

/** Returns an error if a response's status or type is not that of a stream. */
export function refusal(response: ResponseLike, type: RegExp): SSEError | undefined {
  const { status = 200, headers } = response;
  const is = headers?.get("content-type") ?? "";
  const kind = status !== 200 ? "http" : !type.test(is) ? "content-type" : undefined;
  return kind && new SSEError(
    kind,
    kind === "http" ? "status " + status : "not an event stream: " + (is || "no type"),
    { status, headers, response },
  );
}
