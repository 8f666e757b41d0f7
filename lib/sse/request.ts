/** One request for a stream: what it sends, and what its failure says. */
import type { ConnectSSEInit } from "./connect.ts";

/** Makes one request. A `fetch` that throws instead of rejecting has rejected. */
export function ask(
  url: string,
  init: ConnectSSEInit,
  lastId: string,
  signal: AbortSignal,
): Promise<Response> {
  return new Promise((resolve) => {
    const { fetch = globalThis.fetch, network = globalThis, lastEventIdParam } = init;
    const headers = new Headers(init.headers);
    const add = (name: string, value: string) => headers.has(name) || headers.set(name, value);
    // A browser sends `Cache-Control` for `cache`; written by hand, another origin has to allow it.
    // Other runtimes do nothing for `cache`, or refuse it (Workers of an older date).
    const cache = "onLine" in (network.navigator ?? {});
    add("accept", "text/event-stream");
    if (!cache) add("cache-control", "no-cache");
    if (lastId && lastId.length <= MAX_ID) {
      // A header is bytes: an id of other characters goes as UTF-8, as EventSource sends it.
      const bytes = String.fromCharCode(...new TextEncoder().encode(lastId));
      const isShort = bytes.length <= MAX_ID;
      if (isShort && lastEventIdParam) {
        const query = new URLSearchParams({ [lastEventIdParam]: lastId });
        url = url.replace(/#.*/, "") + (url.includes("?") ? "&" : "?") + query;
      } else if (isShort && FIELD_VALUE.test(bytes)) headers.set("last-event-id", bytes);
    }
    // What is not fetch's own it ignores.
    resolve(fetch(url, { ...(cache ? { cache: "no-store" } : {}), ...init, headers, signal }));
  });
}

/** What a header can carry (RFC 9110, 5.5). */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Bytes. Servers take 8 to 16 KiB of headers in all. */
const MAX_ID = 4096;

/** Statuses that say "later", save where the account has nothing left. */
export const isPassing = ({ status }: Response, body: string) =>
  [429, 502, 503, 504, 529].includes(status) && !/insufficient_quota|billing_/.test(body);

/** The message, and that of the cause, which alone says what happened in Node and Deno. */
export const inWords = (error: unknown): string => {
  const { cause } = Object(error);
  return String(error) + (cause ? ": " + (cause.message ?? cause) : "");
};

/**
 * Whether a fetch failed before there was a request, so that it would fail for ever: what it was
 * given is not valid, the program may not use the network, or a `fetch` of the caller's own is wrong.
 */
export function isHopeless(cause: unknown, url: string, init: ConnectSSEInit): boolean {
  if (HOPELESS.test(inWords(cause))) return true;
  try {
    const { headers } = new Request(init.fetch ? "http://localhost" : url, {
      ...init,
      signal: null,
      body: init.body instanceof ReadableStream ? null : init.body ?? null,
    });
    let isWrong = false;
    headers.forEach((value) => isWrong ||= !FIELD_VALUE.test(value));
    return isWrong;
  } catch {
    return true;
  }
}

const HOPELESS =
  /^(Reference|Range|Syntax|URI)Error|NotCapable|PermissionDenied|is not (a function|defined|iterable)|of (undefined|null)|bad port|ports? .*blocked|scheme/;
