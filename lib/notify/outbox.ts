/**
 * Delivers the outbox, at least once.
 *
 * A process takes an item in one commit, which moves its due time to the end of a lease. It then sends the
 * item and stores the response in another commit. If it dies in between, the item is due again when the lease
 * ends, or at once if the process is known to have ended. So an item is resent, with the same ID, only if its
 * response was not stored.
 */
import { type Log, pause, reasonOf, SYSTEM_TIMERS, type Timers } from "../base/mod.ts";
import type { Committer } from "../store/mod.ts";
import { afterDelivery, type Delivery, KEPT_MS, MAX_WAIT_MS, waitMs } from "./retry.ts";
import { type ItemPlace, keys, type OutboxItem, placeOf, type StoredTarget } from "./store.ts";

/** Dependencies of delivery. */
export interface OutboxContext {
  readonly kv: Deno.Kv;
  readonly committer: Pick<Committer, "commit">;
  readonly now: () => number;
  readonly log: Log;
  /** Identifies this process in leases. */
  readonly owner: string;
  /** Whether a process is known to have ended. */
  readonly isGone: (owner: string) => boolean;
  readonly timers?: Timers | undefined;
  /** Sends an item. `null`: there is nothing to report any more. */
  readonly send: (
    place: ItemPlace,
    item: OutboxItem,
    target: StoredTarget,
  ) => Promise<Delivery | null>;
  /** Adds items that wait for room in a commit. */
  readonly prepare?: () => Promise<void>;
  /** How long a target must wait before its next request (ms); 0 if it need not. */
  readonly restMs: (target: StoredTarget) => Promise<number>;
}

/** Longer than any request (ms). */
const LEASE_MS = 20_000;
/** How long to remember delivered IDs: longer than an item is retried (ms). */
const DELIVERED_MS = 2 * KEPT_MS;
/** Targets to send to concurrently, and notices per target before another target gets its place. */
const [TARGETS_AT_ONCE, AT_ONCE] = [8, 20];
/** Due times to read per round. */
const MAX_SEEN = 5_000;
/** Delay after a store failure (ms). */
const RESTART_MS = 1_000;
/** The longest sleep. JavaScript timers overflow after 24 days (ms). */
const MAX_SLEEP_MS = 60_000;

type Found = ItemPlace & { readonly dueMs: number };

/** The outbox's deliveries. One per process. */
export class Outbox {
  readonly #context: OutboxContext;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  /** Targets being sent to. A slow one does not delay the others. */
  readonly #sending = new Map<string, Promise<void>>();
  #isWanted = false;
  /** Whether to also check items that other processes hold. */
  #takesOver = false;
  #sleep: AbortController | null = null;

  constructor(context: OutboxContext) {
    this.#context = context;
  }

  /** Delivers items as they become due. */
  wake(): void {
    if (this.#stop.signal.aborted) return;
    this.#isWanted = true;
    this.#sleep?.abort();
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#isWanted) this.wake();
    });
  }

  /** Like {@linkcode wake}, and also takes over items of processes that have ended. */
  pickUp(): void {
    this.#takesOver = true;
    this.wake();
  }

  /** Resolves when nothing is being sent. Waiting items stay in the store. */
  async drain(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await Promise.all(this.#sending.values());
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { log, timers } = this.#context;
    const { signal } = this.#stop;
    while (this.#isWanted && !signal.aborted) {
      this.#isWanted = false;
      const takesOver = this.#takesOver;
      this.#takesOver = false;
      let waitMs: number | null = MAX_SLEEP_MS;
      try {
        waitMs = await this.#deliverDue(takesOver);
      } catch (error) {
        log("error", "failed to deliver notifications", { reason: reasonOf(error) });
      }
      if (waitMs === null || this.#isWanted || signal.aborted) continue;
      this.#sleep = new AbortController();
      const until = AbortSignal.any([signal, this.#sleep.signal]);
      await pause(Math.min(waitMs, MAX_SLEEP_MS), until, timers ?? SYSTEM_TIMERS).catch(() => {});
      this.#sleep = null;
      this.#isWanted = true;
    }
  }

  /** Starts delivering what is due. Returns the time until the next item (ms), or `null` if none waits. */
  async #deliverDue(takesOver: boolean): Promise<number | null> {
    const { kv, now } = this.#context;
    if (takesOver) await this.#releaseDead();
    await this.#context.prepare?.();
    const queues = new Map<string, Found[]>();
    let seen = 0;
    const range = { start: keys.allDue(), end: keys.dueUntil(now()) };
    for await (const entry of kv.list(range)) {
      const found = foundIn(entry);
      const target = `${found.account} ${found.target}`;
      const queue = queues.get(target);
      if (queue !== undefined && queue.length < AT_ONCE) queue.push(found);
      const isFree = queue === undefined && !this.#sending.has(target) &&
        queues.size + this.#sending.size < TARGETS_AT_ONCE;
      if (isFree) queues.set(target, [found]);
      if (++seen === MAX_SEEN) break;
    }
    for (const [target, queue] of queues) {
      const sent = this.#deliverAll(queue).finally(() => {
        this.#sending.delete(target);
        // More may be due for this target, or for targets that had no place.
        this.wake();
      });
      this.#sending.set(target, sent);
    }
    const start = keys.dueUntil(now());
    const rest = { start, end: keys.dueUntil(Number.MAX_SAFE_INTEGER - 1) };
    const [next] = await Array.fromAsync(kv.list(rest, { limit: 1 }));
    return next === undefined ? null : Math.max(1, foundIn(next).dueMs - now());
  }

  /** Sends a target's notices one by one, to keep their order. Never rejects. */
  async #deliverAll(queue: readonly Found[]): Promise<void> {
    try {
      for (const found of queue) {
        if (!this.#stop.signal.aborted) await this.#deliver(found);
      }
    } catch (error) {
      const { log, timers } = this.#context;
      log("error", "failed to deliver notifications", { reason: reasonOf(error) });
      await pause(RESTART_MS, this.#stop.signal, timers ?? SYSTEM_TIMERS).catch(() => {});
    }
  }

  /** Makes items of ended processes due. */
  async #releaseDead(): Promise<void> {
    const { kv, committer, now, isGone } = this.#context;
    const range = { start: keys.dueUntil(now()), end: keys.dueUntil(now() + LEASE_MS) };
    for await (const entry of kv.list(range)) {
      const place = placeOf(entry.key);
      const found = await kv.get<OutboxItem>(keys.item(place));
      if (found.value === null || !isGone(found.value.lease_owner)) continue;
      const item = { ...found.value, due_ms: now(), lease_owner: "", lease_until: 0 };
      await committer.commit({
        checks: [found],
        mutations: [
          { type: "set", key: found.key, value: item },
          { type: "delete", key: entry.key },
          { type: "set", key: keys.due(item.due_ms, place), value: null },
        ],
      });
    }
  }

  /** Sends one item, unless another process does. */
  async #deliver(found: Found): Promise<void> {
    const { kv, committer, now, owner, send, restMs, log } = this.#context;
    const [entry, targetEntry, delivered] = await kv.getMany<[OutboxItem, StoredTarget, null]>([
      keys.item(found),
      keys.target(found.account, found.target),
      keys.delivered(found),
    ]);
    const item = entry.value, target = targetEntry.value;
    if (item === null || item.due_ms !== found.dueMs) {
      // Another process has moved or removed it since it was listed.
      await committer.commit({ checks: [entry], mutations: [removeDue(found)] });
      return;
    }
    const isOver = target === null || target.off !== null || delivered.versionstamp !== null ||
      now() - item.created_ms > KEPT_MS;
    if (isOver) {
      await committer.commit({
        checks: [entry],
        mutations: [{ type: "delete", key: entry.key }, removeDue(found)],
      });
      return;
    }
    const restingMs = Math.max(target.rest_until - now(), await restMs(target));
    if (restingMs > 0) {
      const resting = { ...item, due_ms: now() + Math.min(restingMs, MAX_WAIT_MS) };
      await committer.commit({ checks: [entry], mutations: moved(found, resting) });
      return;
    }
    const lease_until = now() + LEASE_MS;
    const taken: OutboxItem = {
      ...item,
      due_ms: lease_until,
      tries: item.tries + 1,
      lease_owner: owner,
      lease_until,
      fence: item.fence + 1,
    };
    const claim = await committer.commit({ checks: [entry], mutations: moved(found, taken) });
    if (!claim.ok) return;
    const delivery = await send(found, taken, target).catch((error): Delivery => {
      log("error", "failed to send a notification", { reason: reasonOf(error) });
      return { ok: false, words: "It could not be sent because of an internal error." };
    });
    await this.#settle(found, { item: taken, versionstamp: claim.versionstamp, delivery });
  }

  /** Stores the response. */
  async #settle(
    place: ItemPlace,
    { item, versionstamp, delivery }: {
      readonly item: OutboxItem;
      readonly versionstamp: string;
      readonly delivery: Delivery | null;
    },
  ): Promise<void> {
    const { kv, committer, now } = this.#context;
    const key = keys.item(place);
    const gone: Deno.KvMutation[] = [
      { type: "delete", key },
      { type: "delete", key: keys.due(item.due_ms, place) },
    ];
    for (;;) {
      const targetKey = keys.target(place.account, place.target);
      const target = await kv.get<StoredTarget>(targetKey);
      const checks = [{ key, versionstamp }, target];
      let mutations = gone;
      if (target.value !== null && delivery !== null) {
        const factor = 0.9 + 0.2 * Math.random();
        const next = afterDelivery(target.value, item, delivery, now(), factor);
        mutations = [{ type: "set", key: targetKey, value: next }];
        if (delivery.ok) {
          const delivered = { key: keys.delivered(place), value: null, expireIn: DELIVERED_MS };
          mutations.push({ type: "set", ...delivered }, ...gone);
        } else if (next.off !== null) {
          mutations.push(...gone);
        } else {
          const { words } = delivery;
          // Put it behind the other items of this target: the target may reject only this one.
          const itsWaitMs = Math.round(waitMs(item.tries) * factor);
          const due_ms = Math.max(next.rest_until + 1, now() + itsWaitMs);
          const later = { ...item, due_ms, words, lease_owner: "", lease_until: 0 };
          mutations.push(...moved({ ...place, dueMs: item.due_ms }, later));
        }
      }
      const { ok } = await committer.commit({ checks, mutations });
      if (ok) return;
      // Another process holds it now, or the account was deleted or merged.
      if ((await kv.get(key)).versionstamp !== versionstamp) return;
    }
  }
}

function foundIn({ key }: Deno.KvEntry<unknown>): Found {
  return { ...placeOf(key), dueMs: Number(key[1]) };
}

function removeDue(found: Found): Deno.KvMutation {
  return { type: "delete", key: keys.due(found.dueMs, found) };
}

/** The mutations that change an item and its due time. */
function moved(from: Found, item: OutboxItem): Deno.KvMutation[] {
  return [
    { type: "set", key: keys.item(from), value: item },
    removeDue(from),
    { type: "set", key: keys.due(item.due_ms, from), value: null },
  ];
}
