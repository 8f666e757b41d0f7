/** Asks the API for a run's state when the event stream does not report it. */
import { SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";
import type { ApiFailure, TaskClient, TaskRun } from "../../parallel/mod.ts";

/**
 * A run's end is reported by its stream, its status and a notification, in any order. Let an open stream
 * finish until it is silent for this long (ms): the API sends the last events only once.
 */
const LAST_WORDS_MS = 5_000;

/** How often to ask while the stream is unavailable for longer (ms). */
const ASK_EVERY_MS = 30_000;

/** Asks about one run, with one request at a time. */
export class StatusCheck {
  readonly #client: TaskClient;
  readonly #runId: string;
  readonly #signal: AbortSignal;
  readonly #timers: Timers;
  readonly #over = new AbortController();
  #asking: Promise<void> | null = null;
  #run: TaskRun | null = null;
  #isStreaming = false;
  #refusal: ApiFailure | null = null;
  #silence: unknown;
  #away: unknown;

  constructor(
    client: TaskClient,
    runId: string,
    signal: AbortSignal,
    timers: Timers = SYSTEM_TIMERS,
  ) {
    this.#client = client;
    this.#runId = runId;
    this.#signal = signal;
    this.#timers = timers;
    signal.addEventListener("abort", () => {
      timers.clearTimeout(this.#silence);
      timers.clearTimeout(this.#away);
    }, { once: true });
  }

  /** Aborts when the API has said that the run ended and its stream is finished. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** The API's description of the ended run, or `null` if there is none. */
  get run(): TaskRun | null {
    return this.#run;
  }

  /** The API's refusal to report on the run, if its last response was one. */
  get refusal(): ApiFailure | null {
    return this.#refusal;
  }

  /** Asks now, or joins the request in progress. Never rejects: a missing response means nothing. */
  ask(): Promise<void> {
    if (this.#run !== null) return Promise.resolve();
    return this.#asking ??= this.#ask().catch(() => {}).finally(() => {
      this.#asking = null;
    });
  }

  /** Call when a connection to the stream begins, when it sends data, and when it ends (`false`). */
  streaming(isStreaming: boolean): void {
    this.#isStreaming = isStreaming;
    if (this.#run !== null) this.#conclude();
  }

  /**
   * Call when the stream is unavailable for this long (ms): asks at intervals until the next attempt.
   */
  askWhileAway(ms: number): void {
    this.#timers.clearTimeout(this.#away);
    if (ms <= ASK_EVERY_MS || this.#signal.aborted) return;
    this.#away = this.#timers.setTimeout(() => {
      void this.ask();
      this.askWhileAway(ms - ASK_EVERY_MS);
    }, ASK_EVERY_MS);
  }

  async #ask(): Promise<void> {
    this.#refusal = null;
    const response = await this.#client.retrieve(this.#runId, { signal: this.#signal });
    // A proxy's error page is `malformed` and does not count as the API's response.
    const { kind, status } = response.ok ? { kind: null, status: null } : response.failure;
    if (!response.ok && kind === "refused" && status !== null && !isPassing(status)) {
      this.#refusal = response.failure;
    }
    if (!response.ok || response.value.run_id !== this.#runId || response.value.is_active) return;
    this.#run = response.value;
    this.#conclude();
  }

  #conclude(): void {
    this.#timers.clearTimeout(this.#silence);
    if (this.#signal.aborted) return;
    const over = () => this.#over.abort(new DOMException("The run is over", "AbortError"));
    if (this.#isStreaming) this.#silence = this.#timers.setTimeout(over, LAST_WORDS_MS);
    else over();
  }
}

// How long the recorder waits when the API does not respond properly.
/** The first retry is within 100 ms. Each wait doubles, up to 30 s, until something new arrives. */
export const RECONNECT = { initialMs: 100, maxMs: 30_000, factor: 2, maxAttempts: Infinity };

/** The wait after this many failures in a row (ms). 0 is the first. */
export function growingWaitMs(failures: number): number {
  const { initialMs, maxMs, factor } = RECONNECT;
  return Math.min(maxMs, initialMs * factor ** failures);
}

/** Returns whether a retry may get a different response than this status. */
export function isPassing(status: number): boolean {
  return status < 400 || status === 408 || status === 425 || status === 429 || status >= 500;
}
