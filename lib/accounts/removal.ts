/**
 * Removes an account with everything of it. In an order that a crash half way can be repeated from: the
 * key finds the account until nothing else is left.
 */
import type { Accounts } from "./accounts.ts";
import type { Sessions } from "./sessions.ts";
import type { WebhookSecrets } from "./webhook_secret.ts";

/** What belongs to an account, and who can remove it. */
export interface AccountRemovalContext {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly webhookSecrets: WebhookSecrets;
  /** Removes what the account made: returns how many runs. */
  readonly removeRuns: (account: string) => Promise<number>;
}

/** What was removed. */
export interface Removed {
  readonly runs: number;
  readonly keys: number;
  readonly sessions: number;
}

/** Removes accounts. */
export class AccountRemoval {
  readonly #context: AccountRemovalContext;

  constructor(context: AccountRemovalContext) {
    this.#context = context;
  }

  /** Removes an account. Rejects only where the store fails; what is left can be removed again. */
  async remove(account: string): Promise<Removed> {
    const { accounts, sessions, webhookSecrets, removeRuns } = this.#context;
    // First, so that nobody makes new ones meanwhile.
    const ended = await sessions.endOthers(account, null);
    let runs = await removeRuns(account);
    await webhookSecrets.set(account, null);
    const keys = await accounts.forget(account);
    // A program with a key of the account may have made one until its key was forgotten.
    runs += await removeRuns(account);
    // And somebody may have signed in with one until then.
    const late = await sessions.endOthers(account, null);
    return { runs, keys, sessions: ended + late };
  }
}
