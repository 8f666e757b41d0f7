/**
 * The sweep, run every minute: completes deletions that can no longer be undone and removes expired
 * runs. Several processes may sweep one store at once: every step checks that no other process did it
 * first.
 */
import type { Accounts, StoredAccount } from "../../accounts/mod.ts";
import type { Log } from "../../base/mod.ts";
import { readHead, readRecord } from "../log/mod.ts";
import { runsBefore } from "../history/mod.ts";
import { type PurgeContext, purgeDue } from "./purge.ts";
import { removeRun } from "./removal.ts";

/** The dependencies for sweeping. */
export interface SweeperContext extends PurgeContext {
  readonly log: Log;
  readonly accounts: Pick<Accounts, "after">;
  /** Continues the move of a merged account. */
  readonly onMerged: (account: StoredAccount) => Promise<void>;
  /** Runs of batches are removed with their batch, by the newest of them. */
  readonly batches?: {
    retire(account: string, beforeMs: number): Promise<void>;
    isBatch(account: string, groupId: string): Promise<boolean>;
  };
  /** Days to keep runs. `null` keeps them for ever, except sandbox runs. */
  readonly retentionDays: number | null;
}

/** How long sandbox runs are kept by default (days). */
const SANDBOX_RETENTION_DAYS = 7;

const DAY_MS = 86_400_000;
/** Accounts whose runs one sweep checks. The next sweep takes the following ones. */
const ACCOUNTS = 200;
/** The limit on remembered runs of batches. */
const MAX_REMEMBERED = 100_000;
/** Runs to retire at once: their commits are grouped. */
const AT_ONCE = 40;

/** The maximum age of an account's runs (ms), or `null` for no limit. */
export function retentionMs(sandbox: boolean, retentionDays: number | null): number | null {
  const days = retentionDays ?? (sandbox ? SANDBOX_RETENTION_DAYS : null);
  return days === null ? null : days * DAY_MS;
}

/** Sweeps. One per process. */
export class Sweeper {
  readonly #context: SweeperContext;
  readonly #stop = new AbortController();
  /** The account checked last: the next sweep continues after it. */
  #account = "";
  #sweeping: Promise<void> | null = null;
  /** Old runs that stay with their batch. Sweeps skip them. */
  readonly #ofBatches = new Set<string>();

  constructor(context: SweeperContext) {
    this.#context = context;
  }

  /** Runs one sweep. A call during a sweep waits for it. Rejects if KV fails. */
  sweep(): Promise<void> {
    return this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = null;
    });
  }

  /** Waits for a sweep to finish its current run. Never rejects. */
  async drain(): Promise<void> {
    this.#stop.abort();
    await this.#sweeping?.catch(() => {});
  }

  async #sweep(): Promise<void> {
    const purge = () => purgeDue(this.#context, { signal: this.#stop.signal });
    // Process user deletions before expired runs.
    await purge();
    await this.#retire();
    await purge();
  }

  async #retire(): Promise<void> {
    const { accounts, now, retentionDays } = this.#context;
    const found = await accounts.after(this.#account, ACCOUNTS);
    for (const account of found) {
      const { id, sandbox } = account;
      if (account.merged !== undefined) await this.#context.onMerged(account);
      const keptMs = retentionMs(sandbox, retentionDays);
      if (keptMs !== null) {
        await this.#context.batches?.retire(id, now() - keptMs);
        await this.#retireBefore(id, now() - keptMs);
      }
      // The next sweep continues with this same account.
      if (this.#stop.signal.aborted) return;
      this.#account = id;
    }
    if (found.length < ACCOUNTS) this.#account = "";
    if (this.#ofBatches.size > MAX_REMEMBERED) this.#ofBatches.clear();
  }

  async #retireBefore(account: string, beforeMs: number): Promise<void> {
    const { kv } = this.#context;
    let batch: string[] = [];
    const retire = async () => {
      await Promise.all(batch.map((runId) => this.#retireRun(account, runId)));
      batch = [];
    };
    for await (const runId of runsBefore(kv, account, beforeMs)) {
      if (this.#stop.signal.aborted) return;
      if (batch.push(runId) === AT_ONCE) await retire();
    }
    await retire();
  }

  /** Keep an active run until it ends, however old it is. */
  async #retireRun(account: string, runId: string): Promise<void> {
    if (this.#ofBatches.has(runId)) return;
    const { kv, batches } = this.#context;
    if ((await readHead(kv, runId))?.head.ended !== true) return;
    const groupId = (await readRecord(kv, runId))?.group_id ?? null;
    if (groupId !== null && await batches?.isBatch(account, groupId)) {
      this.#ofBatches.add(runId);
      return;
    }
    await removeRun(this.#context, account, runId, { undoMs: 0, retired: true });
  }
}
