import { SSEError } from "../../lib/sse/mod.ts";
import type { Setup } from "./setup.ts";

/**
 * Describes any error of a request or its stream in words, and says whether asking again may help.
 * `now` is in milliseconds since 1970.
 */
export function explain(error: unknown, setup: Setup, now: number) {
  const host = setup.sandbox ? "The sandbox" : setup.url.host;
  const { words, isPassing } = !(error instanceof SSEError)
    ? { words: `cannot be reached${because(error)}.`, isPassing: true }
    : error.status === undefined
    ? { words: ofStream(error), isPassing: error.retryable ?? error.kind === "json" }
    : ofStatus(error, error.status, setup, now);
  // Some APIs quote the key they refuse. Local servers get keys such as `x`, which are no secret.
  const { key = "" } = setup;
  const safe = key.length < 8 ? words : words.replaceAll(key, "•••");
  return { words: `${host} ${safe}`, isPassing };
}

function ofStatus(error: SSEError, status: number, setup: Setup, now: number) {
  const { serverMessage: message = "", headers } = error;
  const { key, keyName, model, url } = setup;
  const isSpent = status === 402 || (status === 429 && /quota|billing|credit/i.test(message));
  const advice = isSpent
    ? "The account has no credit or quota left."
    : status < 300
    ? `It sent ${headers?.get("content-type") ?? "no content type"} instead of an event stream.`
    : status < 400
    ? `It redirects to ${headers?.get("location")}: pass that as --url if you trust it.`
    : status === 401 || status === 403
    ? key === undefined ? `Set ${keyName}.` : `Check ${keyName}.`
    : status === 404
    ? `Check the path ${url.pathname} and the model ${model}.`
    : status === 429
    ? `Try again ${retryAfter(headers, now)}.`
    : "";
  const words = [`responded with status ${status}.`, message && `It said: ${message}`, advice];
  const isPassing = !isSpent && (status === 429 || status >= 500);
  return { words: words.filter(Boolean).join(" "), isPassing };
}

function ofStream({ kind, code, message }: SSEError): string {
  if (kind === "network" || kind === "incomplete") {
    return "broke off before the answer was complete.";
  }
  if (kind === "json") return "sent an event that is not valid JSON.";
  if (kind !== "provider") return `sent a stream that failed: ${message}.`;
  if (code === "unknown") return "streams in a format that this program does not know.";
  return `reported an error: ${message.replace(/\.+$/, "")}${code ? ` (${code})` : ""}.`;
}

/** From seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(headers: SSEError["headers"], now: number): string {
  const value = headers?.get("retry-after")?.trim() ?? "";
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Number.isFinite(seconds) ? `in ${Math.max(1, Math.ceil(seconds))} s` : "later";
}

/** The reason, from the runtime's message or its cause. */
function because(error: unknown): string {
  const { message = error, cause = "" } = Object(error);
  const text = `${message} ${cause}`;
  if (/dns|lookup|not known/i.test(text)) return ": no such host";
  if (/certificate|tls|ssl/i.test(text)) return ": its certificate is not trusted";
  return /refused/i.test(text) ? ": connection refused" : "";
}
