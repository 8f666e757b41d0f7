/**
 * The minute's sweep: deletions that can no longer be undone, and runs that are kept no longer. Several
 * processes may sweep one store at once: every step checks that nobody took it before.
 */
import type { Accounts, StoredAccount } from "../../accounts/mod.ts";
import type { Log } from "../../base/mod.ts";
import { readHead } from "../log/mod.ts";
import { runsBefore } from "../history/mod.ts";
import { type PurgeContext, purgeDue } from "./purge.ts";
import { removeRun } from "./removal.ts";

/** What sweeping needs of the world. */
export interface SweeperContext extends PurgeContext {
  readonly log: Log;
  readonly accounts: Pick<Accounts, "after">;
  /** Goes on with an account that became part of another. */
  readonly onMerged: (account: StoredAccount) => Promise<void>;
  /** Days that runs are kept; `null`: for ever, but those of the sandbox. */
  readonly retentionDays: number | null;
}

/** Runs of the sandbox are kept this long where nothing else is said (days). */
const SANDBOX_RETENTION_DAYS = 7;

const DAY_MS = 86_400_000;
/** Accounts whose runs one sweep looks at: the others come with the next minute's. */
const ACCOUNTS = 200;
/** Runs that are retired at once: their commits go together. */
const AT_ONCE = 40;

/** How old a run of an account may get (ms); `null`: as old as it likes. */
export function retentionMs(sandbox: boolean, retentionDays: number | null): number | null {
  const days = retentionDays ?? (sandbox ? SANDBOX_RETENTION_DAYS : null);
  return days === null ? null : days * DAY_MS;
}

/** Sweeps. One per process. */
export class Sweeper {
  readonly #context: SweeperContext;
  readonly #stop = new AbortController();
  /** The account looked at last: the next sweep goes on after it. */
  #account = "";
  #sweeping: Promise<void> | null = null;

  constructor(context: SweeperContext) {
    this.#context = context;
  }

  /** One sweep; a call during one waits for it. Rejects where KV fails. */
  sweep(): Promise<void> {
    return this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = null;
    });
  }

  /** Lets a sweep finish the run it is at. Never rejects. */
  async drain(): Promise<void> {
    this.#stop.abort();
    await this.#sweeping?.catch(() => {});
  }

  async #sweep(): Promise<void> {
    const purge = () => purgeDue(this.#context, { signal: this.#stop.signal });
    // What people deleted does not wait for what grew old.
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
      if (keptMs !== null) await this.#retireBefore(id, now() - keptMs);
      // The next sweep goes on with this very account.
      if (this.#stop.signal.aborted) return;
      this.#account = id;
    }
    if (found.length < ACCOUNTS) this.#account = "";
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

  /** An active run stays until it ends, however old it is. */
  async #retireRun(account: string, runId: string): Promise<void> {
    if ((await readHead(this.#context.kv, runId))?.head.ended !== true) return;
    await removeRun(this.#context, account, runId, { undoMs: 0, retired: true });
  }
}
