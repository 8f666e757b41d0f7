/**
 * Asks the API how a run stands, where its event stream does not say.
 */
import { SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";
import type { ApiFailure, TaskClient, TaskRun } from "../../parallel/mod.ts";

/**
 * A run's end is told by its stream, by its status and by a notification, in any order. A stream that is
 * open may say what it has to say until it is silent for this long (ms): the API says it only once.
 */
const LAST_WORDS_MS = 5_000;

/** How often to ask while the stream is away for longer (ms). */
const ASK_EVERY_MS = 30_000;

/** Asks about one run, one request at a time. */
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

  /** Aborts when the API has said that the run is over, and its stream has nothing more to say. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** The run as the API described it when it said that it is over; `null` where it did not. */
  get run(): TaskRun | null {
    return this.#run;
  }

  /** The API's own refusal to tell of the run, where its last answer was one. */
  get refusal(): ApiFailure | null {
    return this.#refusal;
  }

  /** Asks now, or joins a request that is on its way. Never rejects: no answer says nothing. */
  ask(): Promise<void> {
    if (this.#run !== null) return Promise.resolve();
    return this.#asking ??= this.#ask().catch(() => {}).finally(() => {
      this.#asking = null;
    });
  }

  /** To be told as a connection to the stream begins, as it says something, and as it ends (`false`). */
  streaming(isStreaming: boolean): void {
    this.#isStreaming = isStreaming;
    if (this.#run !== null) this.#conclude();
  }

  /** The stream is away for so long (ms): asks now and then until it is tried again. */
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
    const answer = await this.#client.retrieve(this.#runId, { signal: this.#signal });
    // A page of somebody in between is `malformed`, and nobody's word.
    const { kind, status } = answer.ok ? { kind: null, status: null } : answer.failure;
    if (!answer.ok && kind === "refused" && status !== null && !isPassing(status)) {
      this.#refusal = answer.failure;
    }
    if (!answer.ok || answer.value.run_id !== this.#runId || answer.value.is_active) return;
    this.#run = answer.value;
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

// How long the recorder waits for an API that does not answer as it should.
/** The first retry comes within 100 ms; after that the wait doubles up to 30 s, until something new arrives. */
export const RECONNECT = { initialMs: 100, maxMs: 30_000, factor: 2, maxAttempts: Infinity };

/** The wait after so many failures in a row (ms); 0 is the first. */
export function growingWaitMs(failures: number): number {
  const { initialMs, maxMs, factor } = RECONNECT;
  return Math.min(maxMs, initialMs * factor ** failures);
}

/** Whether an answer with this status may be another one soon. */
export function isPassing(status: number): boolean {
  return status < 400 || status === 408 || status === 425 || status === 429 || status >= 500;
}
