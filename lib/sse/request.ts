/** Makes one request for a stream. */
import { SSEError } from "./error.ts";
import type { ConnectSSEInit } from "./init.ts";
import { inWords, systemTimers, timedOut } from "./wait.ts";

/** Makes one request. Copes with a `fetch` that throws, or that ignores its signal. */
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
    // Browsers send `Cache-Control` for the option `cache`. As a header, another origin must allow it.
    // Other runtimes ignore `cache`, or reject it (Workers with an older compatibility date).
    const cache = "onLine" in Object(network.navigator);
    add("accept", "text/event-stream");
    if (!cache) add("cache-control", "no-cache");
    // Headers are bytes: send other characters as UTF-8, as EventSource does.
    const bytes = String.fromCharCode(...new TextEncoder().encode(lastId.slice(0, MAX_ID + 1)));
    let to = url;
    if (bytes && bytes.length <= MAX_ID) {
      if (lastEventIdParam) {
        const query = new URLSearchParams({ [lastEventIdParam]: lastId });
        to = url.replace(/#.*/, "");
        to += (to.includes("?") ? "&" : "?") + query;
      } else if (FIELD_VALUE.test(bytes)) headers.set("last-event-id", bytes);
    }
    const options: RequestInit & { headers: Headers } = {
      ...(cache ? { cache: "no-store" } : {}),
      // `fetch` ignores options that it does not know.
      ...init,
      headers,
      signal,
    };
    if (!init.fetch && init.body) options.body = await once(init.body);
    return await fetch(to, options);
  };
  return new Promise<Response>((resolve, reject) => {
    const stop = () => reject(signal.reason);
    timer = ms &&
      timers.setTimeout(() => reject(timedOut("no response", ms)), ms);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    send().then(
      // Cancel a response that comes too late.
      (answer) => signal.aborted ? answer.body?.cancel() : resolve(answer),
      (cause) =>
        reject(
          isHopeless(cause, url, init) ? new SSEError("request", inWords(cause), { cause }) : cause,
        ),
    ).catch(() => {});
  }).finally(() => timers.clearTimeout(timer));
}

/**
 * Returns a body that the runtime sends once. Deno sends what it has in memory again if a connection that
 * was used before closes before the response. It does not send a Blob again, and a Blob has a length.
 */
const once = (body: BodyInit): BodyInit | Promise<Blob> =>
  body instanceof Blob || body instanceof FormData || body instanceof ReadableStream
    ? body
    : new Response(body).blob();

/** A valid header value (RFC 9110, 5.5). */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The longest id that is sent (bytes). Servers accept 8 to 16 KiB of headers in total. */
const MAX_ID = 4096;

/**
 * Returns whether a fetch failed before it made a request, so that every further attempt would fail too:
 * its arguments are invalid, the program may not use the network, or the caller's own `fetch` is broken.
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
