/**
 * Sends one request to the upstream, built from scratch, and passes the response on without the key: streams
 * as they arrive, JSON and errors once they are complete.
 */
import { count, decoding, inTurns, readBody, reasonOf, type Timers } from "../base/mod.ts";
import { ANSWER_BYTES, withoutKey } from "../parallel/mod.ts";
import type { Upstream } from "../upstreams.ts";
import type { ProxyContext } from "./context.ts";
import { apiError, callerHeaders, upstreamHeaders } from "./headers.ts";
import { streamWithoutKey } from "./key_filter.ts";
import type { ApiTarget } from "./paths.ts";

/** A request to the upstream. */
export interface Outgoing {
  readonly upstream: Upstream;
  readonly apiKey: string;
  readonly method: string;
  /** The caller's headers. Only the needed ones are forwarded. */
  readonly headers: Headers;
  readonly target: ApiTarget;
  readonly body: Uint8Array<ArrayBuffer> | null;
  /** The client whose limits it counts against. */
  readonly client: string | null;
}

/** Sends the request. Rejects if the upstream cannot be reached, or with the signal's reason. */
export function send(
  { upstream, apiKey, method, headers, target, body }: Outgoing,
  signal?: AbortSignal,
): Promise<Response> {
  return upstream.fetch(upstream.baseUrl + target.path, {
    method,
    headers: upstreamHeaders(headers, apiKey, body !== null),
    body,
    // Following a redirect would send the key to its target.
    redirect: "manual",
    signal,
  });
}

/** Forwards a request until the caller disconnects. */
export async function forward(
  { timers, log }: Pick<ProxyContext, "timers" | "log">,
  outgoing: Outgoing,
  caller: AbortSignal,
): Promise<Response> {
  const stop = new AbortController();
  // Listens until the response has ended, so a disconnecting caller also ends a stream.
  const onGone = () => stop.abort(caller.reason);
  if (caller.aborted) onGone();
  caller.addEventListener("abort", onGone, { once: true });
  const { headersMs } = outgoing.target;
  let late = false;
  const timer = timers.setTimeout(() => {
    late = true;
    stop.abort(new DOMException(`No response within ${headersMs} ms`, "TimeoutError"));
  }, headersMs);
  try {
    const response = await send(outgoing, stop.signal);
    // A response may quote the key. A browser that is authenticated by a cookie must not see the key.
    const whole = response.status >= 400 ||
      response.headers.get("content-type")?.startsWith("application/json");
    if (whole) return passOnWhole(response, outgoing.apiKey, await readUpstreamText(response));
    const body = response.body && streamWithoutKey(response.body, outgoing.apiKey);
    return passOn(response, outgoing.apiKey, body);
  } catch (error) {
    if (late) return timeoutResponse(headersMs);
    // The caller has disconnected and does not read this. nginx also logs 499 here.
    if (caller.aborted) return apiError(499, "The client disconnected");
    return unreachableResponse(log, error);
  } finally {
    timers.clearTimeout(timer);
  }
}

/**
 * Returns the text of a response, or `null` if it has more than `ANSWER_BYTES`. Rejects if it breaks off or
 * is late.
 */
export async function readUpstreamText(
  response: Response,
  limits: { readonly maxMs: number | null; readonly timers?: Timers } = { maxMs: null },
): Promise<string | null> {
  const body = await readBody(response, { ...limits, maxBytes: ANSWER_BYTES });
  if (body.ok) return await inTurns(decoding(body.bytes));
  if (body.status === 413) return null;
  throw body.status === 400 ? body.error : new Error("The answer took too long to arrive");
}

/** Returns the caller's response for a body that was read completely; 502 if it was too large. */
export function passOnWhole(
  response: Response,
  apiKey: string,
  text: string | null,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return text === null
    ? apiError(
      502,
      `Bad gateway: the API's response has more than ${count(ANSWER_BYTES)} bytes`,
      headers,
    )
    : passOn(response, apiKey, withoutKey(text, apiKey));
}

/** The upstream's answer for the caller: same status and body, without headers that contain the key. */
function passOn(response: Response, apiKey: string, body: BodyInit | null): Response {
  const { status } = response;
  // The SDK would follow a redirect and send its key there.
  if (status < 200 || (status >= 300 && status < 400) || status > 599) {
    response.body?.cancel().catch(() => {});
    return apiError(502, `The API responded with the unexpected status ${status}`);
  }
  return new Response(body, {
    status,
    statusText: response.statusText,
    headers: callerHeaders(response.headers, apiKey),
  });
}

/** The upstream sent no response headers in time. */
export function timeoutResponse(
  ms: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return apiError(
    504,
    `Gateway timeout: the API did not start its response within ${Math.round(ms / 1000)} s`,
    headers,
  );
}

/** The upstream sent no response. The reason may name internal addresses, so it goes to the log only. */
export function unreachableResponse(
  log: ProxyContext["log"],
  error: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  log("warn", "the API cannot be reached", { reason: reasonOf(error) });
  return apiError(502, "Bad gateway: the API cannot be reached", headers);
}
