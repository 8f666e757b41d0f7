/**
 * Deno KV in memory, with virtual time, faults and crashes of its users: the part that lib/runs and
 * lib/store use. Every operation takes virtual time, so that operations interleave as they do on a disk.
 */
import { Random } from "./random.ts";

/** Time, as an operation needs it. */
export interface KvTime {
  setTimeout(run: () => void, ms: number): unknown;
}

interface Entry {
  readonly key: Deno.KvKey;
  readonly value: unknown;
  readonly versionstamp: string;
}

/** What several processes share: the file. */
export class MemoryStore {
  readonly #entries = new Map<string, Entry>();
  #version = 0;
  /** Called with every key that changes. */
  readonly watchers = new Set<(text: string) => void>();

  get(key: Deno.KvKey): Entry | undefined {
    return this.#entries.get(keyText(key));
  }

  /** The entries from one text on and before another, in order. */
  range(start: string, end: string): Entry[] {
    const found = [...this.#entries].filter(([text]) => text >= start && text < end);
    return found.sort(([a], [b]) => a < b ? -1 : 1).map(([, entry]) => entry);
  }

  /** Everything below a prefix, in order. */
  list(prefix: Deno.KvKey): Entry[] {
    const [start, end] = rangeOf({ prefix });
    return this.range(start, end);
  }

  /** Applies a commit at once. Returns `null` if a check fails. */
  commit(
    checks: readonly Deno.AtomicCheck[],
    mutations: readonly Deno.KvMutation[],
  ): string | null {
    const holds = checks.every(({ key, versionstamp }) =>
      (this.get(key)?.versionstamp ?? null) === versionstamp
    );
    if (!holds) return null;
    const versionstamp = String(++this.#version).padStart(20, "0");
    for (const mutation of mutations) {
      const text = keyText(mutation.key);
      if (mutation.type === "delete") this.#entries.delete(text);
      else if (mutation.type === "set") {
        const { key, value } = mutation;
        if (value instanceof Uint8Array && value.byteLength > 65_536) {
          throw new TypeError("Value too large (max 65536 bytes)");
        }
        this.#entries.set(text, { key, value: structuredClone(value), versionstamp });
      } else if (mutation.type === "sum") {
        const { key, value: { value: added } } = mutation;
        const before = this.#entries.get(text)?.value;
        const total = added + (before instanceof Deno.KvU64 ? before.value : 0n);
        // As in KV, sums wrap: subtracting adds the complement.
        const sum = new Deno.KvU64(BigInt.asUintN(64, total));
        this.#entries.set(text, { key, value: sum, versionstamp });
      } else throw new TypeError(`The memory KV knows no ${mutation.type}`);
      for (const watcher of this.watchers) watcher(text);
    }
    return versionstamp;
  }
}

/** What may happen to an operation besides succeeding. */
export type KvFault = "locked" | "failed" | "failed after commit" | null;

/** How a process reaches the store. */
export interface KvHandleOptions {
  readonly store: MemoryStore;
  readonly time: KvTime;
  readonly random: Random;
  /** Asked before each operation. */
  readonly fault: (operation: "read" | "commit") => KvFault;
}

/** One process's connection to the store. A dead process gets no results. */
export class KvHandle {
  readonly #options: KvHandleOptions;
  #dead = false;
  /** Work that waits until the suspended process resumes. */
  #suspended: (() => void)[] | null = null;

  constructor(options: KvHandleOptions) {
    this.#options = options;
  }

  /** The handle as a `Deno.Kv`. */
  get kv(): Deno.Kv {
    return this as unknown as Deno.Kv;
  }

  /** The process dies. Writes in flight may or may not be stored. */
  die(): void {
    this.#dead = true;
  }

  /** Suspends the process. Its requests, and their results, wait until it resumes. */
  suspend(): void {
    this.#suspended ??= [];
  }

  /** Resumes the process. */
  goOn(): void {
    const waiting = this.#suspended ?? [];
    this.#suspended = null;
    for (const run of waiting) run();
  }

  /** Runs at once, or when the process resumes. */
  #whenAwake(run: () => void): void {
    if (this.#suspended === null) run();
    else this.#suspended.push(run);
  }

  /** Runs an operation some time later. */
  #later<T>(run: () => T): Promise<T> {
    const { time, random } = this.#options;
    return new Promise((resolve, reject) => {
      const answer = () => {
        // The process is dead.
        if (this.#dead) return;
        try {
          resolve(run());
        } catch (error) {
          reject(error);
        }
      };
      time.setTimeout(() => this.#whenAwake(answer), random.between(0, 3));
    });
  }

  #read<T>(run: () => T): Promise<T> {
    const fault = this.#options.fault("read");
    return this.#later(() => {
      if (fault !== null) throw new TypeError("disk I/O error");
      return run();
    });
  }

  get(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<unknown>> {
    return this.#read(() => {
      const entry = this.#options.store.get(key);
      return entry === undefined
        ? { key, value: null, versionstamp: null }
        : { ...entry, value: copy(entry.value) };
    });
  }

  async getMany(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<unknown>[]> {
    return await Promise.all(keys.map((key) => this.get(key)));
  }

  async *list(
    selector: Deno.KvListSelector,
    { limit = Infinity, reverse = false, batchSize = 100 }: Deno.KvListOptions = {},
  ): AsyncGenerator<Deno.KvEntry<unknown>> {
    let [start, end] = rangeOf(selector);
    for (let left = limit; left > 0;) {
      const size = Math.min(batchSize, left);
      const batch = await this.#read(() => {
        const all = this.#options.store.range(start, end);
        return reverse ? all.reverse().slice(0, size) : all.slice(0, size);
      });
      for (const entry of batch) yield { ...entry, value: copy(entry.value) };
      const last = batch.at(-1);
      if (last === undefined || batch.length < size) return;
      left -= batch.length;
      if (reverse) end = keyText(last.key);
      else start = `${keyText(last.key)}\0`;
    }
  }

  atomic() {
    const checks: Deno.AtomicCheck[] = [], mutations: Deno.KvMutation[] = [];
    const atomic = {
      check: (...more: Deno.AtomicCheck[]) => (checks.push(...more), atomic),
      mutate: (...more: Deno.KvMutation[]) => (mutations.push(...more), atomic),
      commit: () => this.#commit(checks, mutations),
    };
    return atomic;
  }

  /** If the process dies or the disk fails, the commit may or may not be stored. */
  #commit(checks: readonly Deno.AtomicCheck[], mutations: readonly Deno.KvMutation[]) {
    const { store, random, time, fault } = this.#options;
    const trouble = fault("commit");
    if (trouble === "locked") {
      return this.#later(() => {
        throw new TypeError("database is locked");
      });
    }
    const commit = () => trouble === "failed" ? null : store.commit(checks, mutations);
    // The disk finishes the write even if the process dies.
    const arrives = random.between(0, 3), survives = random.chance(0.5);
    let committed: string | null = null;
    const arrive = () => {
      if (!this.#dead || survives) committed = commit();
    };
    time.setTimeout(() => this.#whenAwake(arrive), arrives);
    return new Promise<Deno.KvCommitResult | Deno.KvCommitError>((resolve, reject) => {
      const answer = () => {
        if (this.#dead) return;
        if (trouble !== null) return reject(new TypeError("disk I/O error"));
        resolve(committed === null ? { ok: false } : { ok: true, versionstamp: committed });
      };
      time.setTimeout(() => this.#whenAwake(answer), arrives);
    });
  }

  close(): void {
    this.die();
  }

  /** Reports only changes of this process, as on one local file. */
  watch(keys: readonly Deno.KvKey[]): ReadableStream<null> {
    const texts = new Set(keys.map(keyText));
    const { watchers } = this.#options.store;
    let onChange = (_: string) => {};
    return new ReadableStream({
      start: (controller) => {
        controller.enqueue(null);
        onChange = (text) => {
          if (texts.has(text) && !this.#dead && (controller.desiredSize ?? 0) > 0) {
            controller.enqueue(null);
          }
        };
        watchers.add(onChange);
      },
      cancel: () => void watchers.delete(onChange),
    });
  }
}

/** A database that answers within a turn of the event loop and never fails. */
export function instantKv(): Deno.Kv {
  return new KvHandle({
    store: new MemoryStore(),
    time: { setTimeout: (run) => queueMicrotask(run) },
    random: new Random(1),
    fault: () => null,
  }).kv;
}

/** Readers get a copy. Counters are immutable and cannot be cloned. */
function copy(value: unknown): unknown {
  return value instanceof Deno.KvU64 ? value : structuredClone(value);
}

/** A key as text that sorts as KV sorts keys: strings before numbers. */
function keyText(key: Deno.KvKey): string {
  return key.map((part) => {
    if (typeof part === "string") return `\x02${part}\0`;
    if (typeof part === "number") return `\x03${part.toFixed(3).padStart(24, "0")}\0`;
    throw new TypeError(`The memory KV knows no keys of ${typeof part}`);
  }).join("");
}

function rangeOf(selector: Deno.KvListSelector): [start: string, end: string] {
  const prefix = "prefix" in selector ? keyText(selector.prefix) : null;
  const start = "start" in selector ? keyText(selector.start) : `${prefix}\0`;
  const end = "end" in selector ? keyText(selector.end) : `${prefix}\xff`;
  return [start, end];
}
