/**
 * A client for the Task API's runs. Answers are parsed, expected failures are values, and a create is
 * never repeated: each one is billed.
 */
import { readBody } from "../base/body.ts";
import { JsonBoundsError } from "../base/json.ts";
import { memberSpan } from "../base/json_span.ts";
import { type ApiFailure, parseErrorBody, withoutKey } from "./errors.ts";
import { isObject, readVerbatim } from "./json.ts";
import { ANSWER_BYTES } from "./limits.ts";
import { readOutputText, readRun, readRunInput, readRunResult } from "./read.ts";
import type { TaskRun, TaskRunInput, TaskRunResult } from "./types.ts";

/** What came back, or why nothing did. */
export type ApiResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: ApiFailure };

/** The body of `GET …/result`, and the JSON text of its output as it came. */
export interface FetchedResult extends TaskRunResult {
  readonly outputText: string;
}

/** Where a client speaks to, and as whom. */
export interface TaskClientOptions {
  /** Origin and path prefix, without `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly fetch: typeof fetch;
  /** The longest wait for a whole answer (ms), 60,000 by default; `/result` adds what it may block. */
  readonly timeoutMs?: number;
  /** Time, passed in for tests. */
  readonly timers?: ClientTimers;
}

/** The two calls of time that a client needs. */
export interface ClientTimers {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
}

/** A request that the client makes. */
interface Call {
  readonly path: string;
  readonly method?: "GET" | "POST";
  readonly body?: string;
  readonly signal?: AbortSignal;
  readonly extraMs?: number;
}

/** Makes what was asked for of an answer's JSON, or `null` where it is something else. */
interface Reader<T> {
  read(value: unknown, text: string): T | null;
  /** What is made of a text that is JSON past its bounds. */
  beyond?(text: string): T | null;
}

const TIMEOUT_MS = 60_000;
const SYSTEM_TIMERS: ClientTimers = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (id) => clearTimeout(id as number),
};

/** The Task API's runs, bound to one key. */
export class TaskClient {
  readonly #baseUrl: string;
  readonly #apiKey: string;
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;
  readonly #timers: ClientTimers;

  constructor({ baseUrl, apiKey, fetch, timeoutMs, timers }: TaskClientOptions) {
    this.#baseUrl = baseUrl.replace(/\/+$/, "");
    this.#apiKey = apiKey;
    this.#fetch = fetch;
    this.#timeoutMs = timeoutMs ?? TIMEOUT_MS;
    this.#timers = timers ?? SYSTEM_TIMERS;
  }

  /** Creates a run, with one request whatever happens. Rejects with the signal's reason. */
  create(
    input: TaskRunInput,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<ApiResult<TaskRun>> {
    const body = JSON.stringify(input);
    return this.#call({ path: "", method: "POST", body, signal }, { read: readRun });
  }

  /** The run's state now. */
  retrieve(runId: string, { signal }: { signal?: AbortSignal } = {}): Promise<ApiResult<TaskRun>> {
    return this.#call({ path: runPath(runId), signal }, { read: readRun });
  }

  /** The request that the run was created with. */
  input(
    runId: string,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<ApiResult<TaskRunInput>> {
    return this.#call({ path: `${runPath(runId)}/input`, signal }, { read: readRunInput });
  }

  /**
   * The result, waited for at most `timeoutSeconds`: then the failure's status is 408. A run that failed
   * answers 404, the same as one that does not exist. A result that is nested too deeply to be read comes
   * as the text that it is.
   */
  result(
    runId: string,
    { timeoutSeconds, signal }: { timeoutSeconds: number; signal?: AbortSignal },
  ): Promise<ApiResult<FetchedResult>> {
    const path = `${runPath(runId)}/result?timeout=${Math.ceil(timeoutSeconds)}`;
    return this.#call({ path, signal, extraMs: timeoutSeconds * 1000 }, {
      read: readResult,
      beyond: (text) => {
        const outputText = outputIn(text) ?? text;
        const run = readRun({ run_id: runId, status: "completed" });
        return run && { run, output: readOutputText(outputText), outputText };
      },
    });
  }

  /** What the API said, as it may be kept and shown: without the key, should the API ever quote it. */
  shown(text: string): string {
    return withoutKey(text, this.#apiKey);
  }

  /** What to open the run's event stream with. */
  eventsRequest(runId: string): { url: string; headers: Record<string, string> } {
    return {
      url: this.#url(`${runPath(runId)}/events`),
      headers: { "x-api-key": this.#apiKey, accept: "text/event-stream" },
    };
  }

  #url(path: string): string {
    return `${this.#baseUrl}/v1/tasks/runs${path}`;
  }

  async #call<T>(
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
      stop.abort(new DOMException(`No answer within ${limitMs} ms`, "TimeoutError"));
    }, limitMs);
    try {
      const response = await this.#fetch(this.#url(path), {
        method,
        body,
        headers: {
          "x-api-key": this.#apiKey,
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        // A redirect would carry the key to wherever it points.
        redirect: "manual",
        signal: stop.signal,
      });
      const answer = await readBody(response, { maxBytes: ANSWER_BYTES, maxMs: null });
      if (!answer.ok && answer.status === 400) throw answer.error;
      if (!answer.ok) return { ok: false, failure: tooLongFailure(response.status) };
      const text = new TextDecoder().decode(answer.bytes);
      return answerOf(response, this.shown(text), reader);
    } catch (error) {
      signal?.throwIfAborted();
      return { ok: false, failure: timedOut ? timeoutFailure(limitMs) : this.#unreachable(error) };
    } finally {
      this.#timers.clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #unreachable(error: unknown): ApiFailure {
    // Deno's message names the address and no header; should it ever, this goes on a page.
    const reason = this.shown(error instanceof Error ? error.message : String(error));
    const message = `The API cannot be reached: ${reason}`;
    return { kind: "unreachable", status: null, refId: null, message, detail: null };
  }
}

function readResult(value: unknown, text: string): FetchedResult | null {
  const result = readRunResult(value);
  const outputText = outputIn(text);
  return result === null || outputText === null ? null : { ...result, outputText };
}

function outputIn(text: string): string | null {
  const span = memberSpan(text, "output");
  return span === null ? null : text.slice(...span);
}

function runPath(runId: string): string {
  // Not even an id of dots may climb out of the path.
  return `/${encodeURIComponent(runId).replaceAll(".", "%2E")}`;
}

function answerOf<T>(
  response: Response,
  text: string,
  { read, beyond = () => null }: Reader<T>,
): ApiResult<T> {
  const { status } = response;
  let body: unknown, isBeyond = false;
  try {
    body = readVerbatim(text);
  } catch (error) {
    isBeyond = error instanceof JsonBoundsError;
  }
  if (status >= 200 && status < 300) {
    const value = isBeyond ? beyond(text) : read(body, text);
    return value === null
      ? { ok: false, failure: malformedFailure(status, "something other than a run") }
      : { ok: true, value };
  }
  // An error page of a proxy in between is no word of the API.
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
  const message = `The API answered with status ${status} and ${what}`;
  return { kind: "malformed", status, refId: null, message, detail: null };
}

function tooLongFailure(status: number): ApiFailure {
  return malformedFailure(status, `more than ${ANSWER_BYTES} bytes`);
}

function timeoutFailure(limitMs: number): ApiFailure {
  const message = `The API gave no answer within ${Math.round(limitMs / 1000)} s`;
  return { kind: "timeout", status: null, refId: null, message, detail: null };
}
