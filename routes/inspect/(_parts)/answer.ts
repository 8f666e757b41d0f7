/**
 * Collects the answer of an LLM API's stream as it arrives, with the library's `collect`. Events carry the
 * capture's own times, so a replayed or reopened capture gives the figures of the original.
 */
import type { Collected, SSEEvent } from "../../../lib/sse/mod.ts";

/** The state so far. */
export interface AnswerState {
  readonly collected: Collected | null;
  /** Everything has been read: what is not known by now stays unknown. */
  readonly done: boolean;
  /** An error that the provider reported within its stream. */
  readonly failure: { readonly message: string; readonly retryable: boolean } | null;
  /** The stream ended before its answer did. */
  readonly isCut: boolean;
  /** The index of the block whose data looks like JSON but is invalid. Nothing after it is collected. */
  readonly notJson: number | null;
}

/** Before the first event. */
export const NOTHING: AnswerState = {
  collected: null,
  done: false,
  failure: null,
  isCut: false,
  notJson: null,
};

export interface AnswerOptions {
  readonly onChange: (state: AnswerState) => void;
  /** Yields to the page. */
  readonly pause: () => Promise<void>;
}

interface Timed {
  readonly event: SSEEvent;
  readonly atMs: number | null;
  readonly index: number;
}

/** Events between two yields. Reading one takes about 20 µs. */
const BREATH = 200;

/** Collects one answer. */
export class Answer {
  readonly #options: AnswerOptions;
  readonly #waiting: Timed[] = [];
  #read = 0;
  #nowMs = 0;
  #wake: (() => void) | null = null;
  #over = false;
  #collected: Collected | null = null;
  /** Resolves when everything added before `end` or `stop` has been read. */
  readonly done: Promise<void>;

  constructor(options: AnswerOptions) {
    this.#options = options;
    // Start later: the caller has no reference yet when `onChange` is called.
    this.done = Promise.resolve().then(() => this.#run());
  }

  /** Adds the event of the block at `index`. */
  feed(event: SSEEvent, atMs: number | null, index: number) {
    this.#waiting.push({ event, atMs, index });
    this.#wake?.();
  }

  end() {
    this.#over = true;
    this.#wake?.();
  }

  /** Drops the events not read yet. */
  stop() {
    this.#waiting.length = this.#read;
    this.end();
  }

  async #run() {
    let failure: AnswerState["failure"] = null;
    let isCut = false;
    let notJson: number | null = null;
    // Loaded with the first stream: what reads a dozen APIs is an eighth of the page's code.
    const reader = await import("./answer_reader.ts").catch(() => null);
    if (reader === null) {
      const message = "The code that reads answers could not be loaded. Reload the page.";
      return this.#tell({ done: true, failure: { message, retryable: true } });
    }
    const { collectEvents, providers, SSEError } = reader;
    try {
      this.#collected = await collectEvents(this.#events(), providers, {
        now: () => this.#nowMs,
        onUpdate: (collected) => this.#collected = collected,
      });
    } catch (error) {
      if (!(error instanceof SSEError)) throw error;
      if (error.kind === "json") notJson = this.#waiting[this.#read - 1]?.index ?? null;
      // A capture without any event has no answer that could be cut off.
      else if (error.kind === "incomplete") isCut = this.#read > 0;
      // A stream of an unknown API is not an error.
      else if (error.kind === "provider" && error.code !== "unknown") {
        failure = { message: error.message, retryable: error.retryable ?? false };
      }
    }
    this.#tell({ done: true, failure, isCut, notJson });
  }

  #tell(end: Partial<AnswerState> = {}) {
    this.#options.onChange({ ...NOTHING, collected: this.#collected, ...end });
  }

  async *#events(): AsyncGenerator<SSEEvent, undefined> {
    for (;;) {
      while (this.#read < this.#waiting.length) {
        const { event, atMs } = this.#waiting[this.#read++]!;
        this.#nowMs = atMs ?? this.#nowMs;
        yield event;
        if (this.#read % BREATH === 0) await this.#breathe();
      }
      if (this.#over) return;
      this.#tell();
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = null;
    }
  }

  async #breathe() {
    this.#tell();
    await this.#options.pause();
  }
}
