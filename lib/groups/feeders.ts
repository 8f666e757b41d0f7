/** All feeders of this process. They are started when runs of a group are stored, and after a restart. */
import { allDone, type Log, pause, reasonOf, restartMs, SYSTEM_TIMERS } from "../base/mod.ts";
import { SealError } from "../accounts/mod.ts";
import { type ActiveRun, activeRuns, readActive } from "../runs/mod.ts";
import type { FeedSource } from "./adopt.ts";
import { Feeder, type FeederContext } from "./feeder.ts";
import { RefusedKeyError } from "./finish.ts";
import { holdFeed, releaseFeed } from "./lease.ts";
import { CHECKS_MS, confirm, type Unconfirmed, unconfirmed } from "./unconfirmed.ts";

/** The dependencies of the feeders. */
export interface FeedersContext extends Omit<FeederContext, "isStoring"> {
  readonly log: Log;
  /** Opens a run's own stream, because the request asked for events. */
  readonly watch: (runId: string) => void;
  /** The API and the account of a sealed key. Throws `SealError`. */
  readonly sourceFor: (key: Pick<ActiveRun, "sealed_key"> & { account: string | null }) => Promise<
    FeedSource
  >;
}

interface Feeding {
  /** Runs for the next feeder. A running feeder has its own list. */
  readonly runIds: Set<string>;
  /** Sealed keys that the API refuses. */
  readonly refused: Set<string>;
  feeder: Feeder | null;
  /** Something was added that no feeder may have seen. */
  isWanted: boolean;
  /** Ends the wait for a key that can be opened; `null` while there is none. */
  retry: AbortController | null;
  readonly done: Promise<void>;
}

/** Starts, keeps and ends feeders. One per process. */
export class Feeders {
  readonly #context: FeedersContext;
  readonly #feeding = new Map<string, Feeding>();
  readonly #storing = new Set<string>();
  readonly #stop = new AbortController();

  constructor(context: FeedersContext) {
    this.#context = context;
  }

  /** Groups that this process records, or waits to record. */
  get active(): number {
    return this.#feeding.size;
  }

  /** Runs of groups whose keys cannot be decrypted, because the secret that encrypted them is gone. */
  get locked(): readonly string[] {
    const locked = [...this.#feeding.values()].filter(({ retry }) => retry !== null);
    return locked.flatMap(({ runIds }) => [...runIds]);
  }

  /** Tries locked groups again, because a key was sealed with a present secret. */
  retryLocked(): void {
    for (const { retry } of this.#feeding.values()) retry?.abort();
  }

  /** Records a group, including these runs. */
  add(groupId: string, runIds: Iterable<string> = []): void {
    if (this.#stop.signal.aborted) return;
    const feeding = this.#feeding.get(groupId);
    if (feeding === undefined) this.#start(groupId, new Set(runIds));
    else if (feeding.feeder === null) {
      for (const id of runIds) feeding.runIds.add(id);
      feeding.isWanted = true;
    } else feeding.feeder.add(runIds);
  }

  /** Does not look for these runs while `store` stores and adds them. */
  async storing<T>(runIds: ReadonlySet<string>, store: () => Promise<T>): Promise<T> {
    for (const id of runIds) this.#storing.add(id);
    try {
      return await store();
    } finally {
      for (const id of runIds) this.#storing.delete(id);
    }
  }

  /** Looks for the runs of requests to a group that are marked as unconfirmed. */
  async expect(groupId: string): Promise<void> {
    this.add(groupId);
    const feeding = this.#feeding.get(groupId);
    if (!feeding?.feeder) return;
    // The feeder may be ending.
    feeding.isWanted = true;
    await this.#expect(groupId, feeding.feeder);
  }

  /** Stops looking for the runs of a request, because it is confirmed. */
  confirmed(groupId: string, mark: Unconfirmed): void {
    this.#feeding.get(groupId)?.feeder?.confirmed(checksFor(mark));
  }

  /** Starts a feeder for each group that has active runs or an unconfirmed request. */
  async pickUp(): Promise<void> {
    const { kv } = this.#context;
    const groups = new Map<string, string[]>();
    for await (const { runId, active } of activeRuns(kv)) {
      if (active.group === undefined) continue;
      const runIds = groups.get(active.group) ?? [];
      groups.set(active.group, runIds);
      runIds.push(runId);
      if (active.events === true && !this.#feeding.has(active.group)) this.#context.watch(runId);
    }
    for await (const { groupId } of unconfirmed(kv)) {
      if (!groups.has(groupId)) groups.set(groupId, []);
    }
    for (const [groupId, runIds] of groups) {
      if (!this.#feeding.has(groupId)) this.add(groupId, runIds);
    }
  }

  /** Resolves when this process feeds nothing, or rejects with the signal's reason. */
  idle(signal: AbortSignal): Promise<void> {
    return allDone(this.#feeding, signal);
  }

  /** Stops every feeder and releases the leases. */
  async drain(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#feeding.values()].map(({ done }) => done));
  }

  #start(groupId: string, runIds: Set<string>): void {
    const feeding: Feeding = {
      runIds,
      refused: new Set(),
      feeder: null,
      isWanted: false,
      retry: null,
      done: Promise.resolve(),
    };
    this.#feeding.set(groupId, feeding);
    Object.assign(feeding, { done: this.#feed(groupId, feeding) });
  }

  /** Feeds a group until all its runs are recorded. Never rejects. */
  async #feed(groupId: string, feeding: Feeding): Promise<void> {
    const { log, timers } = this.#context;
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted;) {
      let waitMs = 0;
      try {
        waitMs = await this.#feedOnce(groupId, feeding, signal);
        // Nothing can be added between this check and the removal.
        if (waitMs === 0 && !feeding.isWanted) break;
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        const isLocked = error instanceof SealError;
        if (isLocked) feeding.retry = new AbortController();
        const level = isLocked ? "warn" : "error";
        log(level, "a group's feeder failed", { group: groupId, reason: reasonOf(error) });
        waitMs = restartMs(failures++);
      }
      const stop = feeding.retry === null
        ? signal
        : AbortSignal.any([signal, feeding.retry.signal]);
      await pause(waitMs, stop, timers ?? SYSTEM_TIMERS).catch(() => {});
      feeding.retry = null;
    }
    this.#feeding.delete(groupId);
  }

  /** Returns how long to wait before another try (ms). 0 if nothing is left to do. */
  async #feedOnce(groupId: string, feeding: Feeding, signal: AbortSignal): Promise<number> {
    const heldMs = await holdFeed(this.#context, groupId);
    if (heldMs > 0) return heldMs + 1;
    const context = { ...this.#context, isStoring: (id: string) => this.#storing.has(id) };
    try {
      for (;;) {
        feeding.isWanted = false;
        const source = await this.#sourceOf(groupId, feeding);
        if (source === null) return 0;
        const feeder = new Feeder(context, groupId, source);
        feeder.add(feeding.runIds);
        feeding.runIds.clear();
        feeding.isWanted = false;
        feeding.feeder = feeder;
        try {
          await this.#expect(groupId, feeder);
          await this.#runHeld(groupId, feeder, signal);
        } catch (error) {
          if (!(error instanceof RefusedKeyError)) throw error;
          // Another key reads the group from now on.
          feeding.refused.add(error.sealedKey);
        } finally {
          feeding.feeder = null;
          for (const id of feeder.open) feeding.runIds.add(id);
        }
        await this.#confirmOld(groupId);
        // Runs may have been added at the moment it ended.
        if (feeding.runIds.size === 0 && !feeding.isWanted) return 0;
      }
    } finally {
      await releaseFeed(this.#context, groupId).catch(() => {});
    }
  }

  /** Runs a feeder while the lease of its group is held. */
  async #runHeld(groupId: string, feeder: Feeder, signal: AbortSignal): Promise<void> {
    const { leaseMs, timers } = this.#context;
    const over = new AbortController();
    const lost = new AbortController();
    const keep = async () => {
      for (;;) {
        await pause(leaseMs / 3, over.signal, timers ?? SYSTEM_TIMERS);
        if (await holdFeed(this.#context, groupId) > 0) throw new Error("Another process feeds it");
      }
    };
    const keeping = keep().catch((error) => over.signal.aborted ? undefined : lost.abort(error));
    try {
      await feeder.run(AbortSignal.any([signal, lost.signal]));
    } finally {
      over.abort();
      await keeping;
    }
  }

  /**
   * Returns the source for a key of the group's runs or unconfirmed requests, preferably one that the API
   * accepts. Throws `SealError` if none of the keys can be opened.
   */
  async #sourceOf(
    groupId: string,
    { runIds, refused }: Pick<Feeding, "runIds" | "refused">,
  ): Promise<FeedSource | null> {
    const { kv, sourceFor } = this.#context;
    const tried = new Set(refused);
    let failure: SealError | null = null;
    for await (const key of this.#keysOf(kv, groupId, runIds)) {
      if (tried.has(key.sealed_key)) continue;
      tried.add(key.sealed_key);
      try {
        return await sourceFor(key);
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        failure = error;
      }
    }
    if (failure !== null) throw failure;
    if (refused.size === 0) return null;
    return await this.#sourceOf(groupId, { runIds, refused: new Set() });
  }

  async *#keysOf(kv: Deno.Kv, groupId: string, runIds: ReadonlySet<string>) {
    for (const id of runIds) {
      const active = await readActive(kv, id);
      if (active !== null) yield* [active, ...active.others ?? []];
    }
    for await (const { mark } of unconfirmed(kv, groupId)) yield mark;
  }

  async #expect(groupId: string, feeder: Feeder): Promise<void> {
    const marks = await Array.fromAsync(unconfirmed(this.#context.kv, groupId));
    if (marks.length > 0) feeder.expect(marks.flatMap(({ mark }) => checksFor(mark)));
  }

  /** Removes marks of requests whose runs were looked for long enough. */
  async #confirmOld(groupId: string): Promise<void> {
    const { committer, kv, now } = this.#context;
    for await (const { id, mark } of unconfirmed(kv, groupId)) {
      if (checksFor(mark).every((ms) => ms <= now())) await confirm(committer, groupId, id);
    }
  }
}

function checksFor({ since_ms }: Unconfirmed): number[] {
  return CHECKS_MS.map((ms) => since_ms + ms);
}
