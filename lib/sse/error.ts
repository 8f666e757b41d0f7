/**
 * What went wrong, as a word a program can switch on.
 *
 * - `limit`: a line or an event is larger than allowed (`limit` names the option)
 * - `encode`: an event cannot be written without changing its meaning
 * - `network`: the connection could not be made, or broke
 * - `timeout`: no response in `connectTimeoutMs`, or silence for `idleTimeoutMs`
 * - `http`: the server answered with a status that ends it (`status`)
 * - `content-type`: the answer is not an event stream
 * - `attempts`: reconnecting was given up (`cause` is the last failure)
 * - `json`: a payload that had to be JSON is not
 * - `provider`: the API reported an error in the stream (`code`, `retryable`, `text`)
 */
export type SSEErrorKind =
  | "limit"
  | "encode"
  | "network"
  | "timeout"
  | "http"
  | "content-type"
  | "attempts"
  | "json"
  | "provider";

/** What an {@link SSEError} carries besides its kind and message. */
export interface SSEErrorDetails {
  /** The error underneath. */
  cause?: unknown;
  /** `limit`: the option that was exceeded. */
  limit?: "maxLineBytes" | "maxEventBytes";
  /** `http`, `content-type`: the status of the answer. */
  status?: number;
  /** `http`, `content-type`: the answer itself; its body is already cancelled. */
  response?: Response;
  /** `provider`: the provider's own code or type of error. */
  code?: string;
  /** Whether asking again later is sensible. */
  retryable?: boolean;
  /** `provider`, `json`: the answer's text received before it went wrong. */
  text?: string;
}

/**
 * Every error this library makes, told apart by `kind`.
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
  override name = "SSEError";
  declare readonly kind: SSEErrorKind;
  declare limit?: "maxLineBytes" | "maxEventBytes";
  declare status?: number;
  declare response?: Response;
  declare code?: string;
  declare retryable?: boolean;
  declare text?: string;

  constructor(kind: SSEErrorKind, message: string, details?: SSEErrorDetails) {
    super(message);
    Object.assign(this, { kind }, details);
  }
}
