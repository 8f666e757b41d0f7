import { SSEError } from "../sse/mod.ts";
import type { Setup } from "./setup.ts";

/** The answer of a server that refused. */
export class Refused extends Error {
  readonly status: number;
  /** What the server said, as far as it can be read. */
  readonly said: string;
  readonly headers: Headers;

  constructor(status: number, said: string, headers: Headers) {
    super(`refused with ${status}`);
    this.status = status;
    this.said = said;
    this.headers = headers;
  }
}

/** What went wrong, in plain words: one sentence on what, one on what to do about it. */
export function explain(error: unknown, setup: Setup, began: boolean, nowMs: number): string {
  const words = error instanceof Refused
    ? refusal(error, setup, nowMs)
    : error instanceof SSEError
    ? broken(error, setup)
    : began
    ? `The connection to ${setup.url.host} broke in the middle of the answer. /retry asks again.`
    : `${setup.url.host} cannot be reached${
      because(error)
    }. Is the network up and the address right?`;
  return redact(words, setup.key);
}

function refusal({ status, said, headers }: Refused, setup: Setup, nowMs: number): string {
  const { api, model, url, key, keyName } = setup;
  const quote = said ? ` It said: ${said}` : "";
  if (status === 401 || status === 403) {
    return key === undefined
      ? `${url.host} wants a key (${status}): put it into ${keyName}.${quote}`
      : `${url.host} refused the key in ${keyName} (${status}).${quote}`;
  }
  if (status === 402 || (status === 429 && /quota|billing|credit/i.test(said))) {
    return `The account has no credit left (${status}).${quote}`;
  }
  if (status === 429) {
    const wait = retryAfter(headers, nowMs);
    return `Too many requests (429): try again ${wait ?? "in a while"}.${quote}`;
  }
  if (status === 404) {
    return `${url.host} knows no ${url.pathname} or no model “${model}” (404).${quote}`;
  }
  if (status >= 300 && status < 400) {
    const to = headers.get("location");
    return `${url.host} sends us elsewhere (${status})${to ? `, to ${to}` : ""}: ` +
      "give that address as --url if you trust it with the key.";
  }
  if (status >= 500) return `${url.host} has trouble of its own (${status}): try again.${quote}`;
  if (status < 300) {
    const type = headers.get("content-type") ?? "no content type";
    return `${url.host} answered with ${type} and not with a stream. ` +
      `Is it the address of a streaming API in ${api.title}'s format?`;
  }
  return `${url.host} did not accept the request (${status}).${quote}`;
}

function broken(error: SSEError, { url, api }: Setup): string {
  switch (error.kind) {
    case "provider": {
      if (error.code === "unknown") {
        return `${url.host} streams in a format that is not known here. Is it one of --provider?`;
      }
      const code = error.code === undefined ? "" : ` (${error.code})`;
      const again = error.retryable ? " /retry asks again." : "";
      return `${api.title} broke off: ${error.message}${code}.${again}`.replace("..", ".");
    }
    case "json":
      return `${url.host} sent a piece that is not JSON, or only half of one. /retry asks again.`;
    case "limit":
      return `${url.host} sent an event larger than this client takes (${error.limit}).`;
    default:
      return `The stream from ${url.host} failed: ${error.message}.`;
  }
}

/** When to come back, from seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(headers: Headers, nowMs: number): string | undefined {
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - nowMs) / 1000;
  return Number.isFinite(seconds) ? `in ${Math.max(1, Math.ceil(seconds))} s` : undefined;
}

function because(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  const known = ([
    [/dns|lookup|not known|resolve/i, "no such host"],
    [/refused/i, "nothing listens there"],
    [/certificate|tls|ssl/i, "its certificate is not trusted"],
    [/timed? ?out/i, "no answer in time"],
  ] as const).find(([pattern]) => pattern.test(reason));
  return known ? ` (${known[1]})` : "";
}

/** Some APIs quote the key they refuse. */
function redact(words: string, key: string | undefined): string {
  return key ? words.replaceAll(key, "•••") : words;
}
