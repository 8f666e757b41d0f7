/**
 * The answer that a stream of an LLM's API adds up to, as it comes: the library's `collect`, fed with
 * events whose times are the capture's own, so that a replayed or reopened capture gives the figures
 * of the day it was taken.
 */
// Not from mod.ts: that would bring along what connects, for which this page has no use.
import {
  type Collected,
  collectEvents,
  providers,
  SSEError,
  type SSEEvent,
} from "../../../lib/sse/mod.ts";

/** What is known so far. */
export interface AnswerState {
  readonly collected: Collected | null;
  /** What the provider reported in the middle of its stream. */
  readonly failure: { readonly message: string; readonly retryable: boolean } | null;
  /** The stream ends before its answer does. */
  readonly isCut: boolean;
  /** Index of the block whose data begins like JSON and is none; nothing after it is collected. */
  readonly notJson: number | null;
}

/** Before the first event. */
export const NOTHING: AnswerState = {
  collected: null,
  failure: null,
  isCut: false,
  notJson: null,
};

export interface AnswerOptions {
  readonly onChange: (state: AnswerState) => void;
  /** Lets the page breathe. */
  readonly pause: () => Promise<void>;
}

interface Timed {
  readonly event: SSEEvent;
  readonly atMs: number | null;
  readonly index: number;
}

/** Events between two breaths; reading one costs some 20 us. */
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
  /** Settles when everything fed before `end` or `stop` is read. */
  readonly done: Promise<void>;

  constructor(options: AnswerOptions) {
    this.#options = options;
    // Not at once: whoever makes this has no hold of it yet when `onChange` is called.
    this.done = Promise.resolve().then(() => this.#run());
  }

  /** Takes the event of the block at `index`. */
  feed(event: SSEEvent, atMs: number | null, index: number) {
    this.#waiting.push({ event, atMs, index });
    this.#wake?.();
  }

  end() {
    this.#over = true;
    this.#wake?.();
  }

  /** Forgets what is not read yet. */
  stop() {
    this.#waiting.length = this.#read;
    this.end();
  }

  async #run() {
    let failure: AnswerState["failure"] = null;
    let isCut = false;
    let notJson: number | null = null;
    try {
      this.#collected = await collectEvents(this.#events(), providers, {
        now: () => this.#nowMs,
        onUpdate: (collected) => this.#collected = collected,
      });
    } catch (error) {
      if (!(error instanceof SSEError)) throw error;
      if (error.kind === "json") notJson = this.#waiting[this.#read - 1]?.index ?? null;
      // A capture without any event has no answer to be cut.
      else if (error.kind === "incomplete") isCut = this.#read > 0;
      // A stream that belongs to no API we know is nothing wrong.
      else if (error.kind === "provider" && error.code !== "unknown") {
        failure = { message: error.message, retryable: error.retryable ?? false };
      }
    }
    this.#tell({ failure, isCut, notJson });
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
