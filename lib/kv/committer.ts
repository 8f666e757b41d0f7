/**
 * The one place that commits to KV.
 *
 * Group commit: with nothing in flight a write commits at once; while a commit is in flight, what
 * arrives, of all runs, waits and goes together with the next one. So a slow disk costs latency,
 * not throughput, and an idle one costs nothing.
 */

/** Writes that stand or fall together. */
export interface Write {
  readonly checks?: readonly Deno.AtomicCheck[];
  readonly mutations: readonly Deno.KvMutation[];
  /** Rough size of keys and values (bytes), to stay below the limit of a commit. */
  readonly bytes: number;
}

/** Whether the write is durable, or a check failed and nothing of it was written. */
export type CommitResult =
  | { readonly ok: true; readonly versionstamp: string }
  | { readonly ok: false };

/** Deno KV refuses commits of more than 1,000 mutations, 100 checks or 819,200 bytes. */
const MAX_MUTATIONS = 900;
const MAX_CHECKS = 90;
const MAX_BYTES = 600_000;

/**
 * Two processes that write one local file at once get `TypeError: database is locked`.
 * 30 tries with up to 50 ms between them ride out any real contention, then the error is thrown.
 */
const LOCK_TRIES = 30;
const LOCK_WAIT_MS = 50;

interface Pending {
  readonly write: Write;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** What the committer needs of the world. */
export interface CommitterOptions {
  readonly random?: () => number;
  readonly wait?: (ms: number) => Promise<void>;
  /** Told how long each commit took, tries over a lock included (ms). */
  readonly onCommit?: (ms: number) => void;
  /** Told what became durable, write by write: for what in this process waits for it. */
  readonly onWritten?: (mutations: readonly Deno.KvMutation[]) => void;
}

/** Commits writes, grouping those that arrive while another commit is in flight. */
export class Committer {
  readonly #kv: Deno.Kv;
  readonly #random: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #onCommit: (ms: number) => void;
  readonly #onWritten: (mutations: readonly Deno.KvMutation[]) => void;
  #queue: Pending[] = [];
  #inFlight = false;
  /** Commits made so far: the benchmarks' measure of grouping. */
  commits = 0;

  constructor(kv: Deno.Kv, options: CommitterOptions = {}) {
    this.#kv = kv;
    this.#random = options.random ?? Math.random;
    this.#wait = options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    this.#onCommit = options.onCommit ?? (() => {});
    this.#onWritten = options.onWritten ?? (() => {});
  }

  /** Makes a write durable. Rejects only where KV itself fails; a failed check is a result. */
  commit(write: Write): Promise<CommitResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ write, resolve, reject });
      if (!this.#inFlight) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#inFlight = true;
    while (this.#queue.length > 0) {
      const group = this.#takeGroup();
      const [only] = group;
      try {
        const result = await this.#commitAll(group);
        if (result.ok || group.length === 1) {
          for (const pending of group) pending.resolve(result);
          continue;
        }
      } catch (error) {
        if (group.length === 1) {
          only?.reject(error);
          continue;
        }
      }
      // One bad write must not take its companions down: each gets a commit of its own.
      await this.#commitEach(group);
    }
    this.#inFlight = false;
  }

  /**
   * The longest head of the queue that fits one commit. Two writes that touch the same key never
   * share one: KV verifies all checks before any mutation, so the second would overwrite the first
   * although its check should have failed. Two that only add to it may: sums commute.
   */
  #takeGroup(): Pending[] {
    // As most of the time, where KV is idle: nothing to keep apart.
    if (this.#queue.length === 1) return this.#queue.splice(0);
    const touched = new Map<string, "added" | "held">();
    let mutations = 0, checks = 0, bytes = 0, size = 0;
    for (const { write } of this.#queue) {
      mutations += write.mutations.length;
      checks += write.checks?.length ?? 0;
      bytes += write.bytes;
      const fits = mutations <= MAX_MUTATIONS && checks <= MAX_CHECKS && bytes <= MAX_BYTES;
      const { held, added } = keysOf(write);
      const apart = held.some((key) => touched.has(key)) ||
        added.some((key) => touched.get(key) === "held");
      if (size > 0 && (!fits || apart)) break;
      for (const key of added) touched.set(key, "added");
      for (const key of held) touched.set(key, "held");
      size++;
    }
    return this.#queue.splice(0, size);
  }

  async #commitEach(group: readonly Pending[]): Promise<void> {
    for (const pending of group) {
      try {
        pending.resolve(await this.#commitAll([pending]));
      } catch (error) {
        pending.reject(error);
      }
    }
  }

  async #commitAll(group: readonly Pending[]): Promise<CommitResult> {
    const started = performance.now();
    for (let attempt = 1;; attempt++) {
      const atomic = this.#kv.atomic();
      for (const { write } of group) {
        atomic.check(...write.checks ?? []);
        atomic.mutate(...write.mutations);
      }
      try {
        const result = await atomic.commit();
        this.commits++;
        this.#onCommit(performance.now() - started);
        if (result.ok) { for (const { write } of group) this.#onWritten(write.mutations); }
        return result;
      } catch (error) {
        if (!isLocked(error) || attempt === LOCK_TRIES) throw error;
        await this.#wait(this.#random() * LOCK_WAIT_MS);
      }
    }
  }
}

/** The keys that a write is about, and those that it only adds to. */
function keysOf({ checks = [], mutations }: Write): { held: string[]; added: string[] } {
  const held = checks.map(({ key }) => keyText(key)), added: string[] = [];
  for (const { type, key } of mutations) (type === "sum" ? added : held).push(keyText(key));
  return { held, added };
}

function keyText(key: Deno.KvKey): string {
  return key.map((part) => `${typeof part}:${String(part)}`).join("\0");
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && error.message.includes("database is locked");
}
