import { SSEError } from "../sse/mod.ts";
import type { Setup } from "./setup.ts";

/** What went wrong, and whether asking again is worth a try. */
export interface Problem {
  readonly words: string;
  readonly retryable: boolean;
}

/** What {@link explain} knows besides the error. */
export interface Circumstances {
  readonly setup: Setup;
  /** True once the server had begun to stream. */
  readonly began: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** What went wrong, in plain words. */
export function explain(error: unknown, { setup, began, nowMs }: Circumstances): Problem {
  const { words, retryable } = error instanceof SSEError
    ? error.status === undefined ? broken(error, setup) : refusal(error, setup, nowMs)
    : began
    ? later(`The connection to ${server(setup)} broke before the answer was whole.`)
    : later(`${server(setup)} cannot be reached${because(error)}.`);
  return { words: redact(words, setup.key).replace(/^the /, "The "), retryable };
}

const later = (words: string): Problem => ({ words, retryable: true });
const final = (words: string): Problem => ({ words, retryable: false });
const server = ({ sandbox, url }: Setup) => sandbox ? "the sandbox" : url.host;

function refusal(error: SSEError, setup: Setup, nowMs: number): Problem {
  const { status = 0, said = "", headers } = error;
  const { api, model, url, key, keyName } = setup;
  const host = server(setup);
  const quote = said ? ` It said: ${said}` : "";
  if (status === 401 || status === 403) {
    return final(
      key === undefined
        ? `${host} wants a key (${status}): put it into ${keyName}.${quote}`
        : `${host} refused the key in ${keyName} (${status}).${quote}`,
    );
  }
  if (status === 402 || (status === 429 && /quota|billing|credit/i.test(said))) {
    return final(`The account's credit or quota is used up (${status}).${quote}`);
  }
  if (status === 429) {
    const wait = retryAfter(headers, nowMs) ?? "in a while";
    return later(`Too many requests (429): try again ${wait}.${quote}`);
  }
  if (status === 404) {
    return final(`${host} knows no ${url.pathname} or no model “${model}” (404).${quote}`);
  }
  if (status >= 300 && status < 400) {
    const to = headers?.get("location");
    return final(
      `${host} sends us elsewhere (${status})${to ? `, to ${to}` : ""}: ` +
        "give that address as --url if you trust it with the key.",
    );
  }
  if (status >= 500) return later(`${host} has trouble of its own (${status}).${quote}`);
  if (status < 300) {
    const type = headers?.get("content-type") ?? "no content type";
    return final(
      `${host} answered with ${type} and not with a stream. ` +
        `Is it the address of a streaming API in the format of ${api.title}?${quote}`,
    );
  }
  return final(`${host} did not accept the request (${status}).${quote}`);
}

function broken(error: SSEError, setup: Setup): Problem {
  const host = server(setup);
  switch (error.kind) {
    case "provider": {
      if (error.code === "unknown") {
        return final(`${host} streams in a format that is not known here.`);
      }
      const code = error.code === undefined ? "" : ` (${error.code})`;
      const message = error.message.replace(/\.+$/, "");
      return { words: `${host} broke off: ${message}${code}.`, retryable: !!error.retryable };
    }
    case "incomplete":
    case "network":
      return later(`The connection to ${host} broke before the answer was whole.`);
    case "content-type":
      return final(
        `${host} did not answer with a stream. It said: ${error.message.replace(/^[^:]*: /, "")}`,
      );
    case "json":
      return later(`${host} sent a piece that is not JSON, or only half of one.`);
    case "limit":
      return final(`${host} sent an event larger than this client takes (${error.limit}).`);
    default:
      return later(`The stream from ${host} failed: ${error.message}.`);
  }
}

/** When to come back, from seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(headers: SSEError["headers"], nowMs: number): string | undefined {
  const value = headers?.get("retry-after")?.trim();
  if (!value) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - nowMs) / 1000;
  return Number.isFinite(seconds) ? `in ${Math.max(1, Math.ceil(seconds))} s` : undefined;
}

const REASONS: readonly (readonly [said: RegExp, words: string])[] = [
  [/dns|lookup|not known/i, "no such host"],
  [/refused/i, "nothing listens there"],
  [/certificate|tls|ssl/i, "its certificate is not trusted"],
  [/timed? ?out/i, "no answer in time"],
  [/blocked/i, "its port is not one for the web"],
];

/** Why, as far as the runtime tells: in the message or in its cause's. */
function because(error: unknown): string {
  const said = error instanceof Error ? `${error.message} ${error.cause ?? ""}` : String(error);
  const reason = REASONS.find(([pattern]) => pattern.test(said))?.[1];
  return reason === undefined ? "" : `: ${reason}`;
}

/** Shorter ones are no secrets: people give local servers `x` or `none` for a key. */
const SHORTEST_SECRET = 8;

/** Some APIs quote the key they refuse. */
function redact(words: string, key = ""): string {
  return key.length < SHORTEST_SECRET ? words : words.replaceAll(key, "•••");
}
