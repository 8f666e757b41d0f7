/**
 * Removes unused sandbox accounts, because every invented sandbox key creates one. An account is in use while it
 * has a session, and for a week after it was created or last created a task.
 */
import type { Accounts } from "./accounts.ts";
import { IDLE_MS, type Sessions } from "./sessions.ts";

/** The dependencies of removing idle accounts. */
export interface IdleAccountsContext {
  readonly accounts: Pick<Accounts, "after">;
  readonly sessions: Pick<Sessions, "list">;
  /** When the account created its newest task (Unix ms), or `null`. */
  readonly newestRun: (account: string) => Promise<number | null>;
  /** Removes an account with all of its data. */
  readonly remove: (account: string) => Promise<unknown>;
  readonly now: () => number;
}

/** How many accounts one sweep checks. */
const ACCOUNTS = 200;

/** Sweeps idle accounts. One per process. Several processes may sweep one store. */
export class IdleAccounts {
  readonly #context: IdleAccountsContext;
  /** The account that was checked last. The next sweep continues after it. */
  #account = "";

  constructor(context: IdleAccountsContext) {
    this.#context = context;
  }

  /** Runs one sweep. Rejects if the store fails. */
  async sweep(): Promise<void> {
    const { accounts, remove } = this.#context;
    const found = await accounts.after(this.#account, ACCOUNTS);
    for (const { id, sandbox, created_ms, merged } of found) {
      if (sandbox && merged === undefined && await this.#isIdle(id, created_ms)) await remove(id);
      this.#account = id;
    }
    if (found.length < ACCOUNTS) this.#account = "";
  }

  async #isIdle(id: string, createdMs: number): Promise<boolean> {
    const { sessions, newestRun, now } = this.#context;
    const since = now() - IDLE_MS;
    if (createdMs > since || (await sessions.list(id)).length > 0) return false;
    return (await newestRun(id) ?? 0) <= since;
  }
}
