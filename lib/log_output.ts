/**
 * Writes log lines. The process must keep serving when its output is closed, full or not read. So lines wait
 * in memory, and are dropped if too many wait.
 */
import { nextTurn } from "./base/mod.ts";

/** The output for lines, such as `Deno.stderr`. */
export interface Sink {
  write(bytes: Uint8Array): Promise<number>;
}

/** The most text that can wait to be written (UTF-16 code units): some thousands of lines. */
const MAX_WAITING = 1 << 20;
/** The largest single write, so a blocked one holds little (UTF-16 code units). */
const MAX_AT_ONCE = 1 << 16;

/** Writes lines in order. Never makes the caller wait or fail. */
export class LogOutput {
  readonly #sink: Sink;
  #waiting: string[] = [];
  #chars = 0;
  #dropped = 0;
  #writing: Promise<void> | null = null;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Queues a line without its line end. */
  write(line: string): void {
    if (this.#chars + line.length > MAX_WAITING) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(line);
    this.#chars += line.length;
    this.#writing ??= this.#writeAll().finally(() => this.#writing = null);
  }

  /**
   * Resolves when the queued lines are written or lost. If the output is never read, it may never resolve.
   */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    const encoder = new TextEncoder();
    while (this.#waiting.length > 0) {
      const lines: string[] = [];
      for (let chars = 0; chars < MAX_AT_ONCE && this.#waiting.length > 0;) {
        const line = this.#waiting.shift() ?? "";
        chars += line.length;
        lines.push(line);
      }
      this.#chars -= lines.reduce((sum, line) => sum + line.length, 0);
      if (this.#dropped > 0) lines.unshift(`${this.#dropped} log lines were dropped`);
      try {
        const bytes = encoder.encode(`${lines.join("\n")}\n`);
        for (let sent = 0; sent < bytes.byteLength;) {
          sent += await this.#sink.write(bytes.subarray(sent));
        }
        this.#dropped = 0;
      } catch {
        // A closed pipe (EPIPE) or a full non-blocking one (EAGAIN). It may be read again later.
        this.#dropped += lines.length;
      }
      // A write costs more than a line: collect the lines of one turn.
      await nextTurn();
    }
  }
}
