/**
 * Asks the API how a run stands, where its event stream does not say.
 */
import type { TaskClient } from "../parallel/client.ts";
import type { TaskRun } from "../parallel/types.ts";

/** Asks about one run, one request at a time. */
export class StatusCheck {
  readonly #client: TaskClient;
  readonly #runId: string;
  readonly #signal: AbortSignal;
  readonly #over = new AbortController();
  #asking: Promise<void> | null = null;
  #run: TaskRun | null = null;

  constructor(client: TaskClient, runId: string, signal: AbortSignal) {
    this.#client = client;
    this.#runId = runId;
    this.#signal = signal;
  }

  /** Aborts when the API has said that the run is over. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** The run as the API described it when it said that it is over; `null` where it did not. */
  get run(): TaskRun | null {
    return this.#run;
  }

  /** Asks now, or joins a request that is on its way. Never rejects: no answer says nothing. */
  ask(): Promise<void> {
    return this.#asking ??= this.#ask().catch(() => {}).finally(() => {
      this.#asking = null;
    });
  }

  async #ask(): Promise<void> {
    const answer = await this.#client.retrieve(this.#runId, { signal: this.#signal });
    if (!answer.ok || answer.value.run_id !== this.#runId || answer.value.is_active) return;
    this.#run = answer.value;
    this.#over.abort(new DOMException("The run is over", "AbortError"));
  }
}
