import type { SSEError } from "./error.ts";
import type { ByteReader } from "./response.ts";

/** Characters of a body that are read to find out what the server said. */
const MOST = 16_384;
/** Characters of it that a message quotes. */
const MOST_SAID = 400;

/** Adds what the server said: at most 16 KiB of the body. The caller bounds the time, and cancels. */
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

/** Statuses that say "later", save where the account has nothing left. */
export const isPassing = ({ status }: Response, body: string) =>
  [429, 502, 503, 504, 529].includes(status) && !/insufficient_quota|billing_/.test(body);

/** RFC 9110 10.2.3: seconds, or a date; 0 where there is neither. In milliseconds. */
export function retryAfter(value: string | null, now: number): number {
  if (/^\d+$/.test(value ?? "")) return Number(value) * 1000;
  // Date.parse alone makes a date of nearly anything: "-5" is one in 2001.
  return value?.endsWith("GMT") ? Math.max(0, Date.parse(value) - now || 0) : 0;
}
