/**
 * The one place that commits to KV.
 *
 * Group commit: if no commit is in flight, a write commits at once. During a commit, writes of all runs wait
 * and go into the next one together. So a slow disk costs latency, not throughput, and an idle one costs
 * nothing.
 */
import type { Timers } from "../base/mod.ts";
import { StoreAwayError } from "./store_errors.ts";
import { OnceCommits } from "./once_commits.ts";
import { GuardedKv } from "./guarded_kv.ts";
import {
  type CommitLimits,
  type CommitResult,
  keyBytes,
  LOCAL_LIMITS,
  REMOTE_LIMITS,
  valueBytes,
  type Write,
} from "./sizes.ts";

/**
 * Two processes that write one local file at the same time get `TypeError: database is locked`. 30 tries
 * with up to 50 ms between them survive any real contention. Then the error is thrown.
 */
const LOCK_TRIES = 30;
const LOCK_WAIT_MS = 50;

/** How long a write waits for a remote store before it is abandoned (ms): see `CONNECTION_TIMES`. */
const GIVE_UP_MS = 1_700;

/** The dependencies of the committer. */
export interface CommitterOptions {
  readonly random?: () => number;
  readonly wait?: (ms: number) => Promise<void>;
  readonly timers?: Timers;
  /** Called with the duration of each commit, including retries over a lock (ms). */
  readonly onCommit?: (ms: number) => void;
  /** Called with each write that became durable, to wake waiters in this process. */
  readonly onWritten?: (mutations: readonly Deno.KvMutation[]) => void;
}

/**
 * Commits writes, and groups those that arrive during another commit.
 *
 * Over a {@linkcode GuardedKv} every write is made once, even if responses are lost. A write that the store
 * does not accept within 1.7 s rejects with `StoreAwayError`: it may have been made, and will not be made
 * after the store is back. {@linkcode patient} waits instead.
 */
export class Committer {
  readonly #queue: CommitQueue;
  readonly #isPatient: boolean;

  constructor(kv: Deno.Kv, options: CommitterOptions = {}) {
    const shared = options as CommitterOptions & { [QUEUE]?: CommitQueue };
    this.#queue = shared[QUEUE] ?? new CommitQueue(kv, options);
    this.#isPatient = shared[QUEUE] !== undefined;
  }

  /** The same committer for writes that wait for the store without a limit. */
  get patient(): Committer {
    const options: CommitterOptions & { [QUEUE]: CommitQueue } = { [QUEUE]: this.#queue };
    return new Committer(this.#queue.kv, options);
  }

  /** The number of commits so far. Benchmarks use it to measure grouping. */
  get commits(): number {
    return this.#queue.commits;
  }

  /** Makes a write durable. Rejects only if KV itself fails. A failed check is a result. */
  commit(write: Write): Promise<CommitResult> {
    return this.#queue.commit(write, this.#isPatient);
  }

  /** Resolves when every abandoned write has been made, or is certain never to be. */
  async whenCertain(): Promise<void> {
    // Commits run one after the other, and each settles the writes abandoned in it.
    await this.#queue.commit({ mutations: [] }, true);
  }
}

const QUEUE = Symbol("queue");

interface Pending {
  readonly write: Write;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (reason: unknown) => void;
  /** Abandons the write when the store has not accepted it for too long. */
  timer?: unknown;
  isGivenUp: boolean;
}

/** The queue of writes, and the commit in flight. */
class CommitQueue {
  readonly kv: Deno.Kv;
  readonly #once: OnceCommits | null;
  readonly #limits: CommitLimits;
  readonly #random: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #timers: Timers;
  readonly #onCommit: (ms: number) => void;
  readonly #onWritten: (mutations: readonly Deno.KvMutation[]) => void;
  #waiting: Pending[] = [];
  #inFlight = false;
  commits = 0;

  constructor(kv: Deno.Kv, options: CommitterOptions) {
    this.kv = kv;
    this.#once = kv instanceof GuardedKv ? new OnceCommits(kv) : null;
    // Over a guarded store, each commit reserves one check and one mutation for OnceCommits.
    this.#limits = this.#once === null ? LOCAL_LIMITS : {
      checks: REMOTE_LIMITS.checks - 1,
      mutations: REMOTE_LIMITS.mutations - 1,
      bytes: REMOTE_LIMITS.bytes - 1_000,
    };
    this.#random = options.random ?? Math.random;
    this.#wait = options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    this.#timers = options.timers ?? {
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: (id) => clearTimeout(id as number),
    };
    this.#onCommit = options.onCommit ?? (() => {});
    this.#onWritten = options.onWritten ?? (() => {});
  }

  commit(write: Write, isPatient: boolean): Promise<CommitResult> {
    return new Promise((resolve, reject) => {
      const pending: Pending = { write, resolve, reject, isGivenUp: false };
      if (this.#once !== null && !isPatient) {
        pending.timer = this.#timers.setTimeout(() => this.#giveUp(pending), GIVE_UP_MS);
      }
      this.#waiting.push(pending);
      if (!this.#inFlight) void this.#drain();
    });
  }

  #giveUp(pending: Pending): void {
    pending.isGivenUp = true;
    const at = this.#waiting.indexOf(pending);
    if (at !== -1) this.#waiting.splice(at, 1);
    pending.reject(new StoreAwayError(`The store accepted no write for ${GIVE_UP_MS} ms`));
  }

  async #drain(): Promise<void> {
    this.#inFlight = true;
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      await this.#settleAll(group);
    }
    this.#inFlight = false;
  }

  /** Splits a failed group in halves, so that one bad write fails alone after few commits. */
  async #settleAll(group: readonly Pending[]): Promise<void> {
    if (await this.#settle(group)) return;
    const half = Math.ceil(group.length / 2);
    await this.#settleAll(group.slice(0, half));
    await this.#settleAll(group.slice(half));
  }

  /** Commits a group and settles its writes. Returns `false` if it must be tried in parts. */
  async #settle(group: readonly Pending[]): Promise<boolean> {
    let result: CommitResult | "void";
    try {
      result = await this.#commitAll(group);
      if (result !== "void" && !result.ok && group.length > 1) return false;
    } catch (error) {
      if (group.length > 1 && !(error instanceof StoreAwayError)) return false;
      for (const pending of group) this.#finish(pending, () => pending.reject(error));
      return true;
    }
    // Abandoned writes are dropped. The rest goes first, in the same order.
    if (result === "void") this.#waiting.unshift(...group.filter(({ isGivenUp }) => !isGivenUp));
    else for (const pending of group) this.#finish(pending, () => pending.resolve(result));
    return true;
  }

  #finish(pending: Pending, settle: () => void): void {
    if (pending.timer !== undefined) this.#timers.clearTimeout(pending.timer);
    settle();
  }

  /**
   * Returns the longest head of the queue that fits one commit. Two writes that touch the same key never
   * share one: KV verifies all checks before any mutation, so the second would overwrite the first although
   * its check should have failed. Two writes that only add to a key may share one: sums commute.
   */
  #takeGroup(): Pending[] {
    // The common case with an idle KV: there is nothing to separate.
    if (this.#waiting.length === 1) return this.#waiting.splice(0);
    const limits = this.#limits;
    const touched = new Map<string, "added" | "held">();
    let mutations = 0, checks = 0, bytes = 0, size = 0;
    for (const { write } of this.#waiting) {
      mutations += write.mutations.length;
      checks += write.checks?.length ?? 0;
      bytes += writeBytes(write);
      const fits = mutations <= limits.mutations && checks <= limits.checks &&
        bytes <= limits.bytes;
      const { held, added } = keysOf(write);
      const apart = held.some((key) => touched.has(key)) ||
        added.some((key) => touched.get(key) === "held");
      if (size > 0 && (!fits || apart)) break;
      for (const key of added) touched.set(key, "added");
      for (const key of held) touched.set(key, "held");
      size++;
    }
    return this.#waiting.splice(0, size);
  }

  async #commitAll(group: readonly Pending[]): Promise<CommitResult | "void"> {
    const started = performance.now();
    const result = this.#once === null ? await this.#commitLocal(group) : await this.#once.commit(
      group.map(({ write }) => write),
      () => !group.some(({ isGivenUp }) => isGivenUp),
    );
    this.commits++;
    this.#onCommit(performance.now() - started);
    if (result !== "void" && result.ok) {
      for (const { write } of group) this.#onWritten(write.mutations);
    }
    return result;
  }

  async #commitLocal(group: readonly Pending[]): Promise<CommitResult> {
    for (let attempt = 1;; attempt++) {
      const atomic = this.kv.atomic();
      for (const { write } of group) atomic.check(...write.checks ?? []);
      atomic.mutate(...mutationsOf(group));
      try {
        return await atomic.commit();
      } catch (error) {
        if (!isLocked(error) || attempt === LOCK_TRIES) throw error;
        await this.#wait(this.#random() * LOCK_WAIT_MS);
      }
    }
  }
}

/** The mutations of a group. Those that add to one key, as every run's figures do, become one. */
function mutationsOf(group: readonly Pending[]): Deno.KvMutation[] {
  const mutations = group.flatMap(({ write }) => write.mutations);
  if (group.length === 1) return mutations;
  const sums = new Map<string, { readonly key: Deno.KvKey; sum: bigint }>();
  const others = mutations.filter((mutation) => {
    if (mutation.type !== "sum") return true;
    const { key, value } = mutation;
    const found = sums.get(keyText(key));
    if (found === undefined) sums.set(keyText(key), { key, sum: value.value });
    else found.sum += value.value;
    return false;
  });
  return [
    ...others,
    // KV's sums wrap at 2^64.
    ...[...sums.values()].map(({ key, sum }) => ({
      type: "sum" as const,
      key,
      value: new Deno.KvU64(BigInt.asUintN(64, sum)),
    })),
  ];
}

function writeBytes({ checks = [], mutations }: Write): number {
  let bytes = 0;
  for (const { key } of checks) bytes += keyBytes(key);
  for (const mutation of mutations) {
    bytes += keyBytes(mutation.key);
    if ("value" in mutation) bytes += valueBytes(mutation.value);
  }
  return bytes;
}

/** The keys that a write touches, and those that it only adds to. */
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
