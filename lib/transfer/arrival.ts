/**
 * Receives an uploaded file. Keeps it on disk until it is complete, so that a slow upload takes no memory.
 * Bounded in size and time.
 */
import { Queue, SYSTEM_TIMERS, type Timers } from "../base/mod.ts";
import { Scratch } from "../limits/mod.ts";

/** The upload failed. */
export class ArrivalError extends Error {
  override name = "ArrivalError";
  /** 413 too large, 408 too slow, 400 incomplete, 507 out of space (RFC 9110, 15.5 and RFC 4918, 11.5). */
  readonly status: 400 | 408 | 413 | 507;

  constructor(status: ArrivalError["status"], message: string) {
    super(message);
    this.status = status;
  }
}

/** The longest upload time (ms). */
export const ARRIVAL_MS = 60_000;
/** The largest file (bytes): a common connection sends as much in a minute. */
const FILE_BYTES = 256 * 1024 * 1024;
/** The most bytes of all files of this process, received or in progress. */
const ALL_BYTES = 4 * FILE_BYTES;
/** The limit in memory if the disk is not writable (bytes). */
const MEMORY_BYTES = 32 * 1024 * 1024;

type Chunks = AsyncGenerator<Uint8Array<ArrayBuffer>>;

/** Dependencies and limits of receiving a file. */
export interface ArrivalOptions {
  /** The folder for files. `null`: the system's temporary folder. */
  readonly folder?: string | null;
  readonly maxBytes?: number;
  readonly timers?: Timers;
}

/** A received file. */
export interface Arrived extends AsyncDisposable {
  readonly bytes: number;
  /** Its content. Can be read once. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Receives files. One per process, because it tracks their total size. */
export class Arrivals {
  readonly #folder: string | null;
  readonly #maxBytes: number;
  readonly #timers: Timers;
  #held = 0;

  constructor(
    { folder = null, maxBytes = FILE_BYTES, timers = SYSTEM_TIMERS }: ArrivalOptions = {},
  ) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#timers = timers;
  }

  /**
   * Resolves when a body is complete; `through` extracts the file from it. Throws {@linkcode ArrivalError},
   * and any error of `through`.
   */
  async receive(
    body: ReadableStream<Uint8Array<ArrayBuffer>>,
    through: (chunks: Chunks) => Chunks = (chunks) => chunks,
  ): Promise<Arrived> {
    const scratch = await Scratch.open(this.#folder);
    const store = scratch === null ? new MemoryStore() : new FileStore(scratch);
    const maxBytes = Math.min(this.#maxBytes, store.maxBytes);
    const late = new AbortController();
    const timer = this.#timers.setTimeout(() => late.abort(), ARRIVAL_MS);
    let bytes = 0;
    const discard = async () => {
      this.#held -= bytes;
      bytes = 0;
      await store[Symbol.asyncDispose]();
    };
    try {
      for await (const value of through(arriving(body, late.signal))) {
        if (bytes + value.byteLength > maxBytes) {
          const mebibytes = Math.floor(maxBytes / 1024 / 1024);
          throw new ArrivalError(413, `The file is larger than ${mebibytes} MiB`);
        }
        if (this.#held + value.byteLength > ALL_BYTES) {
          throw new ArrivalError(507, NO_SPACE);
        }
        bytes += value.byteLength;
        this.#held += value.byteLength;
        await store.write(value);
      }
      return { bytes, body: ReadableStream.from(store.read()), [Symbol.asyncDispose]: discard };
    } catch (error) {
      await discard();
      throw isDiskFull(error) ? new ArrivalError(507, NO_SPACE) : error;
    } finally {
      this.#timers.clearTimeout(timer);
    }
  }
}

const NO_SPACE = "There is not enough space for the file right now";

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    (error.code === "ENOSPC" || error.code === "EDQUOT");
}

/** Yields the bytes of a body as they arrive, until `late` aborts. */
async function* arriving(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  late: AbortSignal,
): Chunks {
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  // Ends a pending read. The connection may already be closed.
  late.addEventListener("abort", cancel);
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new ArrivalError(400, "The upload was interrupted");
      });
      if (late.aborted) {
        throw new ArrivalError(408, `The file took longer than ${ARRIVAL_MS / 1000} s to arrive`);
      }
      if (done) return;
      yield value;
    }
  } finally {
    late.removeEventListener("abort", cancel);
    cancel();
  }
}

/** Stores a file until it is read. */
interface Store extends AsyncDisposable {
  readonly maxBytes: number;
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Its content from the start. Can be read once. */
  read(): Iterable<Uint8Array<ArrayBuffer>> | AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** The read size (bytes). The lines of one chunk are read without a pause, and may have one byte each. */
const CHUNK_BYTES = 16 * 1024;

class FileStore implements Store {
  readonly maxBytes = Infinity;
  readonly #scratch: Scratch;

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  write(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#scratch.write(chunk);
  }

  async *read(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const chunk = await this.#scratch.read(CHUNK_BYTES);
      if (chunk === null) return;
      yield chunk;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scratch[Symbol.asyncDispose]();
  }
}

class MemoryStore implements Store {
  readonly maxBytes = MEMORY_BYTES;
  #chunks: Uint8Array<ArrayBuffer>[] = [];

  write(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#chunks.push(chunk);
    return Promise.resolve();
  }

  read(): Iterable<Uint8Array<ArrayBuffer>> {
    return this.#chunks;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#chunks = [];
    return Promise.resolve();
  }
}

/** The longest wait in the queue (ms). */
export const TURN_MS = 30_000;

/**
 * The import queue: one at a time, in order of arrival, because an import is the most work that one request
 * can cause. At most two imports of an address wait or upload at once.
 */
export function importQueue(timers?: Timers): Queue {
  return new Queue({ perAddress: 2, waitMs: TURN_MS }, timers);
}

/** The state that a process's imports share. */
export interface Imports {
  readonly arrivals: Arrivals;
  readonly queue: Queue;
}

/** Stores files in a folder (`null`: the system's temporary folder). */
export function createImports(folder: string | null, timers?: Timers): Imports {
  return {
    arrivals: new Arrivals({ folder, ...timers && { timers } }),
    queue: importQueue(timers),
  };
}
