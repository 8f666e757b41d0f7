/**
 * A download that is made at its own speed and sent at its reader's. What the reader has not taken yet is on
 * disk, so a slow reader holds no memory and blocks no other request.
 */
import type { Scratch } from "./scratch.ts";

/** What waits for the reader without a file (bytes): most downloads need none. */
const READY_BYTES = 256 * 1024;
/** Bytes to read from the file at once. */
const CHUNK_BYTES = 64 * 1024;

type Chunk = Uint8Array<ArrayBuffer>;

/** The dependencies of a download. */
export interface SpoolOptions {
  /** Resolves with `null` if there is no disk. What waits is then held in memory. */
  readonly open: () => Promise<Scratch | null>;
  /** Called with each change of the bytes that wait for the reader. */
  readonly count: (bytes: number) => void;
}

/** The bytes of one download that its reader has not taken yet. Dispose of it when the download ends. */
export class Spool implements Disposable {
  readonly #options: SpoolOptions;
  readonly #ready: Chunk[] = [];
  #scratch: Scratch | null | undefined = undefined;
  /** Bytes that wait, and those of them that are in the file. */
  #held = 0;
  #filed = 0;
  #isMade = false;
  #isOver = false;
  #failure: unknown = undefined;
  #waiting: (() => void)[] = [];

  constructor(options: SpoolOptions) {
    this.#options = options;
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

  async #make(source: AsyncIterable<Chunk>): Promise<void> {
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
    this.#held += bytes;
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
    this.#ready.length = 0;
    this.#count(-this.#held);
    void this.#scratch?.[Symbol.asyncDispose]();
    this.#tell();
  }
}
