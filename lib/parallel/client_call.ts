/**
 * One request to the Task API and its response, read within bounds. Expected failures are values. Nothing is
 * ever retried: a create that is sent twice is billed twice.
 */
import {
  atOnce,
  count,
  decoding,
  inTurns,
  isObject,
  JsonBoundsError,
  readBody,
  readingVerbatim,
  SYSTEM_TIMERS,
  type Timers,
} from "../base/mod.ts";
import { type ApiFailure, parseErrorBody, withoutKey } from "./errors.ts";
import { ANSWER_BYTES } from "./limits.ts";

/** The value of a response, or why there is none. */
export type ApiResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: ApiFailure };

/** The API's location and the key. */
export interface TaskClientOptions {
  /** Origin and path prefix, without `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly fetch: typeof fetch;
  /** The longest wait for a whole response (ms). Default: 60,000. `/result` adds the time it may block. */
  readonly timeoutMs?: number;
  /** Timers, passed in for tests. */
  readonly timers?: Timers;
}

/** A request to send. */
export interface Call {
  /** The path from the API's version on, such as `/v1/tasks/runs`. */
  readonly path: string;
  readonly method?: "GET" | "POST";
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  readonly extraMs?: number;
}

/** Reads a response's JSON. Returns `null` if it is something else. */
export interface Reader<T> {
  /** What it reads, as in "something other than a run". */
  readonly what: string;
  read(value: unknown, text: string): T | null;
  /** Handles a text that is JSON but exceeds the limits. */
  beyond?(text: string): T | null;
}

const TIMEOUT_MS = 60_000;

/** The URL, the headers with the key, and the `fetch` to open a stream with. */
export interface StreamRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
}

/** Sends requests with one key. */
export class ApiCalls {
  readonly #baseUrl: string;
  readonly #apiKey: string;
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;
  readonly #timers: Timers;

  constructor({ baseUrl, apiKey, fetch, timeoutMs, timers }: TaskClientOptions) {
    this.#baseUrl = baseUrl.replace(/\/+$/, "");
    this.#apiKey = apiKey;
    this.#fetch = fetch;
    this.#timeoutMs = timeoutMs ?? TIMEOUT_MS;
    this.#timers = timers ?? SYSTEM_TIMERS;
  }

  /** Removes the key from the API's text before it is stored or shown, in case the API ever quotes it. */
  shown(text: string): string {
    return withoutKey(text, this.#apiKey);
  }

  /** Returns what is needed to open an event stream. */
  streamRequest(path: string): StreamRequest {
    return {
      url: this.#baseUrl + path,
      headers: { "x-api-key": this.#apiKey, accept: "text/event-stream" },
      fetch: this.#fetch,
    };
  }

  /** Sends one request. Rejects only with the signal's reason. */
  async send<T>(
    { path, method = "GET", body, signal, extraMs = 0 }: Call,
    reader: Reader<T>,
  ): Promise<ApiResult<T>> {
    signal?.throwIfAborted();
    const stop = new AbortController();
    const onAbort = () => stop.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    const limitMs = this.#timeoutMs + extraMs;
    let timedOut = false;
    const timer = this.#timers.setTimeout(() => {
      timedOut = true;
      stop.abort(new DOMException(`No response within ${limitMs} ms`, "TimeoutError"));
    }, limitMs);
    try {
      const response = await this.#fetch(this.#baseUrl + path, {
        method,
        body,
        headers: {
          "x-api-key": this.#apiKey,
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        // Following a redirect would send the key to its target.
        redirect: "manual",
        signal: stop.signal,
      });
      const received = await readBody(response, { maxBytes: ANSWER_BYTES, maxMs: null });
      if (!received.ok && received.status === 400) throw received.error;
      if (!received.ok) return { ok: false, failure: tooLongFailure(response.status) };
      const text = await inTurns(decoding(received.bytes));
      return await asResult(response, this.shown(text), reader);
    } catch (error) {
      signal?.throwIfAborted();
      return { ok: false, failure: timedOut ? timeoutFailure(limitMs) : this.#unreachable(error) };
    } finally {
      this.#timers.clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #unreachable(error: unknown): ApiFailure {
    // Deno's message contains the URL and no headers. Redact it anyway, because a page shows it.
    const reason = this.shown(error instanceof Error ? error.message : String(error));
    const message = `The API cannot be reached: ${reason}`;
    return { kind: "unreachable", status: null, refId: null, message, detail: null };
  }
}

/** A longer response is read in steps. */
const LONG_CHARS = 512 * 1024;

async function asResult<T>(
  response: Response,
  text: string,
  { what, read, beyond = () => null }: Reader<T>,
): Promise<ApiResult<T>> {
  const { status } = response;
  let body: unknown, isBeyond = false;
  try {
    const reading = readingVerbatim(text);
    body = text.length > LONG_CHARS ? await inTurns(reading) : atOnce(reading);
  } catch (error) {
    isBeyond = error instanceof JsonBoundsError;
  }
  if (status >= 200 && status < 300) {
    const value = isBeyond ? beyond(text) : read(body, text);
    return value === null
      ? { ok: false, failure: malformedFailure(status, `something other than ${what}`) }
      : { ok: true, value };
  }
  // A proxy's error page is not the API's response.
  if (status < 400 || (!isObject(body) && status < 500)) {
    return { ok: false, failure: malformedFailure(status, "something other than the API's JSON") };
  }
  const retryAfterSeconds = readRetryAfter(response.headers.get("retry-after"));
  return { ok: false, failure: { ...parseErrorBody(status, body), retryAfterSeconds } };
}

function readRetryAfter(value: string | null): number | null {
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) : null;
}

function malformedFailure(status: number, what: string): ApiFailure {
  const message = `The API responded with status ${status} and ${what}`;
  return { kind: "malformed", status, refId: null, message, detail: null };
}

function tooLongFailure(status: number): ApiFailure {
  return malformedFailure(status, `more than ${count(ANSWER_BYTES)} bytes`);
}

function timeoutFailure(limitMs: number): ApiFailure {
  const message = `The API did not respond within ${Math.round(limitMs / 1000)} s`;
  return { kind: "timeout", status: null, refId: null, message, detail: null };
}
