/** One request for a stream: what it sends, and whether it can be made at all. */
import { SSEError } from "./error.ts";
import type { ConnectSSEInit } from "./init.ts";
import { inWords, systemTimers, timedOut } from "./wait.ts";

/** Makes one request, whatever is wrong with `fetch`: it may throw, and know no signals. */
export function ask(
  url: string,
  init: ConnectSSEInit,
  lastId: string,
  signal: AbortSignal,
): Promise<Response> {
  const {
    connectTimeoutMs: ms,
    timers = systemTimers,
    fetch = globalThis.fetch,
    network = globalThis,
    lastEventIdParam,
  } = init;
  let timer: unknown;
  const send = async () => {
    const headers = new Headers(init.headers);
    const add = (name: string, value: string) => headers.has(name) || headers.set(name, value);
    // A browser sends `Cache-Control` for `cache`; written by hand, another origin has to allow it.
    // Other runtimes do nothing for `cache`, or refuse it (Workers of an older date).
    const cache = "onLine" in (network.navigator ?? {});
    add("accept", "text/event-stream");
    if (!cache) add("cache-control", "no-cache");
    // A header is bytes: an id of other characters goes as UTF-8, as EventSource sends it.
    const bytes = lastId.length <= MAX_ID
      ? String.fromCharCode(...new TextEncoder().encode(lastId))
      : "";
    let to = url;
    if (bytes && bytes.length <= MAX_ID) {
      if (lastEventIdParam) {
        const query = new URLSearchParams({ [lastEventIdParam]: lastId });
        to = url.replace(/#.*/, "") + (url.includes("?") ? "&" : "?") + query;
      } else if (FIELD_VALUE.test(bytes)) headers.set("last-event-id", bytes);
    }
    // What is not fetch's own it ignores.
    return await fetch(to, { ...(cache ? { cache: "no-store" } : {}), ...init, headers, signal });
  };
  return new Promise<Response>((resolve, reject) => {
    const stop = () => reject(signal.reason);
    timer = ms &&
      timers.setTimeout(() => reject(timedOut("no response", ms)), ms);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    send().then(
      // An answer that comes too late is let go.
      (answer) => signal.aborted ? answer.body?.cancel() : resolve(answer),
      (cause) =>
        reject(
          isHopeless(cause, url, init) ? new SSEError("request", inWords(cause), { cause }) : cause,
        ),
    ).catch(() => {});
  }).finally(() => timers.clearTimeout(timer));
}

/** What a header can carry (RFC 9110, 5.5). */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Bytes. Servers take 8 to 16 KiB of headers in all. */
const MAX_ID = 4096;

/**
 * Whether a fetch failed before there was a request, so that it would fail for ever: what it was
 * given is not valid, the program may not use the network, or a `fetch` of the caller's own is wrong.
 */
function isHopeless(cause: unknown, url: string, init: ConnectSSEInit): boolean {
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
