/**
 * Finds what is due, once a minute, in one process at a time. The lease only saves work: each due time is
 * claimed once, even if several processes scan.
 */
import { reasonOf } from "../base/mod.ts";
import { claim, type ClaimContext, isFree, takeOver } from "./claims.ts";
import { settle } from "./outcomes.ts";
import { giveUpSending, send } from "./sending.ts";
import { keys, readFiring, readSchedule } from "./store.ts";

/** How long a scan keeps other processes from scanning (ms). Less than the minute until the next scan. */
const LEASE_MS = 50_000;
/** Requests to send concurrently. */
const AT_ONCE = 50;

interface Lease {
  readonly owner: string;
  readonly until_ms: number;
}

/** Scans for due times. One per process. */
export class Scanner {
  readonly #context: ClaimContext;
  readonly #sends = new Set<Promise<unknown>>();
  #scanning: Promise<void> | null = null;
  #isStopped = false;

  constructor(context: ClaimContext) {
    this.#context = context;
  }

  /**
   * Claims what is due and starts sending it. Also checks earlier claims, sends and runs. Call it every
   * minute; the next call catches up on missed minutes. Never rejects.
   */
  scan(): Promise<void> {
    return this.#scanning ??= this.#scan().catch((error) => {
      this.#context.log("error", "failed to scan schedules", { reason: reasonOf(error) });
    }).finally(() => this.#scanning = null);
  }

  /** Resolves when all work in progress is stored. */
  async settled(): Promise<void> {
    await this.#scanning;
    while (this.#sends.size > 0) await Promise.all(this.#sends);
  }

  /** Starts nothing new, and finishes work in progress. */
  async drain(): Promise<void> {
    this.#isStopped = true;
    await this.settled();
  }

  async #scan(): Promise<void> {
    const lease = await this.#takeLease();
    if (lease === null) return;
    try {
      await this.#scanDue();
      await this.#scanOpen();
    } finally {
      // Let another process take the next minute.
      await this.#context.committer.commit({
        checks: [lease],
        mutations: [{ type: "delete", key: lease.key }],
      });
    }
  }

  async #takeLease(): Promise<Deno.AtomicCheck | null> {
    const { committer, isGone, kv, now, owner } = this.#context;
    const key = keys.lease();
    const { value, versionstamp } = await kv.get<Lease>(key);
    const isHeld = value !== null && value.owner !== owner && value.until_ms > now() &&
      !isGone(value.owner);
    if (isHeld) return null;
    const lease: Lease = { owner, until_ms: now() + LEASE_MS };
    const result = await committer.commit({
      checks: [{ key, versionstamp }],
      mutations: [{ type: "set", key, value: lease }],
    });
    return result.ok ? { key, versionstamp: result.versionstamp } : null;
  }

  async #scanDue(): Promise<void> {
    const { committer, kv, now } = this.#context;
    for await (const { key, versionstamp } of kv.list(keys.dues(now()))) {
      if (this.#isStopped) return;
      const dueMs = Number(key[1]), id = String(key[2]);
      await this.#attempt(id, async () => {
        if (await claim(this.#context, id, dueMs)) return await this.#begin(id, dueMs);
        // An entry other than the schedule's next time is stale.
        const next = (await readSchedule(kv, id))?.value.next_ms;
        if (next === dueMs) return;
        await committer.commit({
          checks: [{ key, versionstamp }],
          mutations: [{ type: "delete", key }],
        });
      });
    }
  }

  async #scanOpen(): Promise<void> {
    const { kv } = this.#context;
    for await (const { key } of kv.list({ prefix: keys.allOpen() })) {
      if (this.#isStopped) return;
      const id = String(key[1]), dueMs = Number(key[2]);
      await this.#attempt(id, () => this.#look(id, dueMs));
    }
  }

  async #look(id: string, dueMs: number): Promise<void> {
    const { committer, kv } = this.#context;
    const [schedule, firing] = await Promise.all([
      readSchedule(kv, id),
      readFiring(kv, id, dueMs),
    ]);
    if (schedule === null || firing === null) {
      await committer.commit({ mutations: [{ type: "delete", key: keys.open(id, dueMs) }] });
      return;
    }
    const { value } = firing;
    if (value.state === "created") await settle(this.#context, schedule.value, value);
    else if (!isFree(this.#context, value)) return;
    else if (value.state === "sending") await giveUpSending(this.#context, id, dueMs);
    else if (await takeOver(this.#context, id, dueMs)) await this.#begin(id, dueMs);
  }

  /** Send in the background, so an unresponsive API does not delay other accounts. */
  async #begin(id: string, dueMs: number): Promise<void> {
    while (this.#sends.size >= AT_ONCE) await Promise.race(this.#sends);
    const sent = this.#attempt(id, () => send(this.#context, id, dueMs))
      .finally(() => this.#sends.delete(sent));
    this.#sends.add(sent);
  }

  /** A failure of one schedule must not affect the others. */
  async #attempt(id: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#context.log("error", "a schedule failed", { id, reason: reasonOf(error) });
    }
  }
}
