/**
 * Requests to the provider. Each has a deadline for the whole response and a limit on its size. Failures are
 * {@linkcode LoginError}s.
 */
import { readBody, SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";
import { LoginError } from "./problem.ts";

/** Options of requests to the provider. */
export interface TransportOptions {
  readonly fetch: typeof fetch;
  /** The longest wait for a whole response (ms). Default: 10,000, because a person is waiting. */
  readonly timeoutMs?: number;
  /** Time, passed in for tests. */
  readonly timers?: Timers;
}

/** Sends one request and reads its response. Throws {@linkcode LoginError} and the signal's reason. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 10_000;
/** The largest response (bytes). Metadata, registrations and tokens are far smaller. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** The longest header to keep (characters). The library reads challenges in quadratic time. */
const MAX_HEADER_CHARS = 4 * 1024;

/** Sends requests that end when `signal` aborts. */
export function transport(
  { fetch, timeoutMs = TIMEOUT_MS, timers = SYSTEM_TIMERS }: TransportOptions,
  signal: AbortSignal,
): Send {
  return async (url, init) => {
    signal.throwIfAborted();
    const stop = new AbortController();
    const onAbort = () => stop.abort(signal.reason);
    signal.addEventListener("abort", onAbort);
    let timedOut = false;
    const timer = timers.setTimeout(() => {
      timedOut = true;
      stop.abort(new DOMException(`No response within ${timeoutMs} ms`, "TimeoutError"));
    }, timeoutMs);
    try {
      // Following a redirect would send the code to its target.
      const response = await fetch(url, { ...init, redirect: "manual", signal: stop.signal });
      const body = await readBounded(response);
      const { status } = response;
      const headers = [...response.headers].filter(([, value]) => value.length <= MAX_HEADER_CHARS);
      return new Response(body.byteLength === 0 ? null : body, { status, headers });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof LoginError) throw error;
      throw new LoginError(timedOut ? "timeout" : "unreachable", { cause: error });
    } finally {
      timers.clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  };
}

async function readBounded(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const body = await readBody(response, { maxBytes: MAX_ANSWER_BYTES, maxMs: null });
  if (body.ok) return body.bytes;
  throw body.status === 400 ? body.error : new LoginError("broken");
}
