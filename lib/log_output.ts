/**
 * Where log lines go. A process whose output is closed, full or read by nobody must go on answering, so
 * lines wait in memory, and are dropped when too many wait.
 */

/** What lines are written to; `Deno.stderr` is one. */
export interface Sink {
  write(bytes: Uint8Array): Promise<number>;
}

/** Lines that may wait to be written (UTF-16 code units): some thousands. */
const MOST_WAITING = 1 << 20;
/** One write at most, so that a blocked one holds little (UTF-16 code units). */
const MOST_AT_ONCE = 1 << 16;

/** Writes lines in order, without ever making the caller wait or fail. */
export class LogOutput {
  readonly #sink: Sink;
  #waiting: string[] = [];
  #chars = 0;
  #dropped = 0;
  #writing: Promise<void> | null = null;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Queues a line, given without its end. */
  write(line: string): void {
    if (this.#chars + line.length > MOST_WAITING) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(line);
    this.#chars += line.length;
    this.#writing ??= this.#writeAll().finally(() => this.#writing = null);
  }

  /** Resolves when what was queued is written or lost. With nobody reading, that may be never. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    const encoder = new TextEncoder();
    while (this.#waiting.length > 0) {
      const lines: string[] = [];
      for (let chars = 0; chars < MOST_AT_ONCE && this.#waiting.length > 0;) {
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
        // A closed pipe (EPIPE) or a full one that does not block (EAGAIN). It may be read again later.
        this.#dropped += lines.length;
      }
    }
  }
}
