/**
 * A finished run's log as a stream, straight from the store at the viewer's own pace.
 */
import type { LogEvent } from "../model/mod.ts";

/** What a replay reads and how it is told that it is over. */
export interface ReplaySource {
  readonly events: AsyncGenerator<LogEvent>;
  readonly encode: (event: LogEvent) => Uint8Array;
  /** Everything was sent, the viewer left, or the stream was ended. Called once. */
  readonly onClose: () => void;
}

/** Streams a log to one viewer. */
export class Replay {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #source: ReplaySource;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #open = true;

  constructor(source: ReplaySource) {
    this.#source = source;
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: async () => {
        this.#finish();
        await source.events.return(undefined);
      },
    }, { highWaterMark: 0 });
  }

  /** Ends the stream where it is; the viewer resumes by id. */
  close(): void {
    if (this.#finish()) this.#controller.close();
  }

  async #pull(): Promise<void> {
    const { events, encode } = this.#source;
    try {
      const { done, value } = await events.next();
      if (done) this.close();
      else if (this.#open) this.#controller.enqueue(encode(value));
    } catch (error) {
      if (!this.#finish()) return;
      throw error;
    }
  }

  #finish(): boolean {
    if (!this.#open) return false;
    this.#open = false;
    this.#source.onClose();
    return true;
  }
}
