/**
 * The minute's sweep: deletions that can no longer be undone, and runs that are kept no longer. Several
 * processes may sweep one store at once: every step checks that nobody took it before.
 */
import type { Accounts, StoredAccount } from "../accounts/accounts.ts";
import { readHead } from "./head.ts";
import { runsBefore } from "./history.ts";
import { type PurgeContext, purgeDue } from "./purge.ts";
import { removeRun } from "./removal.ts";

/** What sweeping needs of the world. */
export interface SweeperContext extends PurgeContext {
  readonly accounts: Pick<Accounts, "after">;
  /** Goes on with an account that became part of another. */
  readonly onMerged: (account: StoredAccount) => Promise<void>;
  /** Days that runs are kept; `null`: for ever, but those of the sandbox. */
  readonly retentionDays: number | null;
}

/** Runs of the sandbox are kept this long where nothing else is said (days). */
const SANDBOX_RETENTION_DAYS = 7;

const DAY_MS = 86_400_000;
/** Work of one sweep: what is left is for the next minute's. */
const ACCOUNTS = 200;
const RETIRED = 200;
const PURGED = 200;

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
    await this.#retire();
    await purgeDue(this.#context, { limit: PURGED, signal: this.#stop.signal });
  }

  async #retire(): Promise<void> {
    const { kv, accounts, now, retentionDays } = this.#context;
    const found = await accounts.after(this.#account, ACCOUNTS);
    let retired = 0;
    for (const account of found) {
      const { id, sandbox } = account;
      if (this.#stop.signal.aborted) return;
      if (account.merged !== undefined) await this.#context.onMerged(account);
      const keptMs = retentionMs(sandbox, retentionDays);
      if (keptMs !== null) {
        for await (const runId of runsBefore(kv, id, now() - keptMs)) {
          // An active run stays until it ends, however old it is.
          if ((await readHead(kv, runId))?.head.ended !== true) continue;
          await removeRun(this.#context, id, runId, { undoMs: 0, retired: true });
          // The next sweep goes on with this very account.
          if (++retired === RETIRED || this.#stop.signal.aborted) return;
        }
      }
      this.#account = id;
    }
    if (found.length < ACCOUNTS) this.#account = "";
  }
}
