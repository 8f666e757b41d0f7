import type { SSEError } from "./error.ts";
import type { ByteReader } from "./response.ts";

/** How much of a body to read for the server's message (characters). */
const MOST = 16_384;
/** How much of it an error's message quotes (characters). */
const MAX_QUOTED = 400;

/** Adds the server's message to an error. Reads up to 16 KiB of the body. The caller limits the time, and cancels. */
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
    // The status is enough.
  }
  let message: string | undefined = /^\s*[<{[]/.test(body) ? "" : body;
  try {
    message = messageIn(JSON.parse(body));
  } catch {
    // Plain text, or an HTML page.
  }
  message = message?.replace(/\s+/g, " ").trim().slice(0, MAX_QUOTED) ?? "";
  if (message) error.message += ": " + message;
  return Object.assign(error, { body, serverMessage: message });
}

/** `{error: {message}}`, `{error: "…"}`, `{message}`, `{detail}`, `{title}`, and Google's list of one. */
export function messageIn(value: unknown, depth = 8): string | undefined {
  if (typeof value === "string") return value;
  const inside: Readonly<Record<string, unknown>> = Object(value);
  // Neither `null` nor a number, which `Object` wraps.
  if (inside !== value || !depth) return undefined;
  return [0, "error", "errors", "error_message", "message", "Message", "msg", "detail", "title"]
    .map((name) => messageIn(inside[name], depth - 1)).find(Boolean);
}

/** Whether the account has no credit left. */
export const isSpent = (body: string) => /insufficient_quota|billing_/.test(body);

/** Whether a status is temporary. It is not if the account has no credit left. */
export const isPassing = ({ status }: Response, body: string) =>
  [429, 502, 503, 504, 529].includes(status) && !isSpent(body);

/** Parses `Retry-After` (RFC 9110, 10.2.3): seconds or a date. Returns milliseconds, or 0 for anything else. */
export function retryAfter(value: string | null, now: number): number {
  if (/^\d+$/.test(value ?? "")) return Number(value) * 1000;
  // `Date.parse` accepts nearly anything: "-5" is a date in 2001.
  return value?.endsWith("GMT") ? Math.max(0, Date.parse(value) - now || 0) : 0;
}
