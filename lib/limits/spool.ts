/**
 * A download that is made at its own speed and sent at its reader's. What the reader has not taken yet is on
 * disk, so a slow reader holds no memory and blocks no other request.
 */
import { SYSTEM_TIMERS, type Timers } from "../base/mod.ts";
import type { Scratch } from "./scratch.ts";

/** What waits for the reader without a file (bytes): most downloads need none. */
const READY_BYTES = 256 * 1024;
/** Bytes to read from the file at once. */
const CHUNK_BYTES = 64 * 1024;

/**
 * A reader must take this much in this time (bytes, ms), or this part of what waits if that is more: no download
 * is kept for much longer than an hour. The time is long, because systems may pass data on in large steps.
 */
const PROGRESS = { bytes: 1024 * 1024, part: 1 / 12, ms: 5 * 60_000 };

type Chunk = Uint8Array<ArrayBuffer>;

/** The reader of a download takes almost nothing, or too little for so many. */
export class SlowReaderError extends Error {
  override name = "SlowReaderError";
}

/** The dependencies of a download. */
export interface SpoolOptions {
  /** Resolves with `null` if there is no disk. What waits is then held in memory. */
  readonly open: () => Promise<Scratch | null>;
  /** Called with each change of the bytes that wait for the reader. */
  readonly count: (bytes: number) => void;
  readonly timers?: Timers | undefined;
  /** Monotonic (ms). */
  readonly clock?: (() => number) | undefined;
}

/** How fast a reader takes what waits. */
export interface Pace {
  /** How long something has waited (ms). */
  readonly ms: number;
  /** How long the rest will take at the reader's average speed (ms). */
  readonly leftMs: number;
}

/** The bytes of one download that its reader has not taken yet. Dispose of it when the download ends. */
export class Spool implements Disposable {
  readonly #options: SpoolOptions;
  readonly #timers: Timers;
  readonly #clock: () => number;
  readonly #ready: Chunk[] = [];
  #scratch: Scratch | null | undefined = undefined;
  /** Bytes that wait, and those of them that are in the file. */
  #held = 0;
  #filed = 0;
  #isMade = false;
  #isOver = false;
  #failure: unknown = undefined;
  #waiting: (() => void)[] = [];
  #timer: unknown = undefined;
  #cut: (error: Error) => void = () => {};
  /** Bytes that the reader must take until the timer ends. */
  #due = 0;
  /** Since when something waits, and what the reader has taken since (ms, bytes). */
  #since = 0;
  #taken = 0;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /** The reader's pace, or `null` if nothing waits. */
  get pace(): Pace | null {
    if (this.#held === 0) return null;
    const ms = this.#clock() - this.#since;
    return { ms, leftMs: this.#held * ms / Math.max(this.#taken, CHUNK_BYTES) };
  }

  /** Ends the download before its reader has all of it. */
  cutShort(): void {
    this.#cut(new SlowReaderError("The download is too slow"));
    this[Symbol.dispose]();
  }

  /** Returns the source as a stream. Makes all of it at once if `isEager`, else begins with the first read. */
  stream(source: AsyncIterable<Chunk>, { isEager = false } = {}): ReadableStream<Chunk> {
    let left: AsyncIterable<Chunk> | null = source;
    const begin = () => {
      if (left !== null) void this.#make(left);
      // Without this reference the source can be freed once the download is complete.
      left = null;
    };
    if (isEager) begin();
    return new ReadableStream<Chunk>({
      start: (controller) => {
        this.#cut = (error) => controller.error(error);
      },
      pull: async (controller) => {
        begin();
        const chunk = await this.#next();
        if (chunk !== null) return controller.enqueue(chunk);
        this[Symbol.dispose]();
        if (this.#failure !== undefined) throw this.#failure;
        controller.close();
      },
      cancel: () => this[Symbol.dispose](),
    }, { highWaterMark: 0 });
  }

  /** Resolves when the reader has taken everything that was made. */
  async taken(): Promise<void> {
    while (this.#held > 0) await this.#change();
  }

  /** Resolves when nothing more will be made. */
  async made(): Promise<void> {
    while (!this.#isMade && !this.#isOver) await this.#change();
  }

  /** Ends the download once its reader takes too little although something waits. */
  #watch(): void {
    const isBehind = this.#held > 0;
    this.#due = Math.max(PROGRESS.bytes, this.#held * PROGRESS.part);
    this.#timer = this.#timers.setTimeout(() => {
      if (!isBehind || this.#due <= 0) return this.#watch();
      this.cutShort();
    }, PROGRESS.ms);
  }

  async #make(source: AsyncIterable<Chunk>): Promise<void> {
    this.#watch();
    try {
      for await (const chunk of source) {
        if (!this.#isOver) await this.#write(chunk);
        if (this.#isOver) break;
        this.#tell();
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#isMade = true;
    this.#tell();
  }

  async #write(chunk: Chunk): Promise<void> {
    const isReady = this.#filed === 0 && this.#held + chunk.byteLength <= READY_BYTES;
    this.#count(chunk.byteLength);
    if (isReady) return void this.#ready.push(chunk);
    if (this.#scratch === undefined) this.#scratch = await this.#options.open();
    const scratch = this.#scratch;
    if (scratch === null) return void this.#ready.push(chunk);
    try {
      // The reader has read the whole file, so start it over.
      if (this.#filed === 0) await scratch.reset();
      await scratch.write(chunk);
      this.#filed += chunk.byteLength;
    } finally {
      if (this.#isOver) await scratch[Symbol.asyncDispose]();
    }
  }

  /** The next bytes, or `null` at the end. The bytes in memory come before those in the file. */
  async #next(): Promise<Chunk | null> {
    for (; !this.#isOver; await this.#change()) {
      const ready = this.#ready.shift();
      const chunk = ready ??
        (this.#filed > 0 ? await this.#scratch?.read(CHUNK_BYTES) ?? null : null);
      if (chunk !== null && !this.#isOver) {
        if (ready === undefined) this.#filed -= chunk.byteLength;
        this.#count(-chunk.byteLength);
        this.#tell();
        return chunk;
      }
      if (this.#isMade) break;
    }
    return null;
  }

  #count(bytes: number): void {
    if (this.#held === 0) [this.#since, this.#taken] = [this.#clock(), 0];
    this.#held += bytes;
    this.#taken += Math.max(0, -bytes);
    // A reader who has taken everything waits for us.
    this.#due = this.#held === 0 ? 0 : this.#due + Math.min(0, bytes);
    this.#options.count(bytes);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timers.clearTimeout(this.#timer);
    this.#ready.length = 0;
    this.#count(-this.#held);
    void this.#scratch?.[Symbol.asyncDispose]();
    this.#tell();
  }
}
