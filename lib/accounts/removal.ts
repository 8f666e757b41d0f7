/**
 * Removes an account with everything of it. In an order that a crash half way can be repeated from: the
 * key finds the account until nothing else is left.
 */
import type { Accounts } from "./accounts.ts";
import type { ParkedForms } from "./parked.ts";
import type { Sessions } from "./sessions.ts";
import type { KeyStandings } from "./standing.ts";
import type { WebhookSecrets } from "./webhook_secret.ts";

/** What belongs to an account, and who can remove it. */
export interface AccountRemovalContext {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly webhookSecrets: WebhookSecrets;
  readonly parked: Pick<ParkedForms, "forget">;
  readonly standings: Pick<KeyStandings, "idle">;
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
    const { accounts, parked, sessions, standings, webhookSecrets, removeRuns } = this.#context;
    // First, so that nobody makes new ones meanwhile.
    const ended = await sessions.endOthers(account, null);
    let runs = await removeRuns(account);
    await webhookSecrets.set(account, null);
    await parked.forget(account);
    // An answer of the API about a key that is being kept at this moment would bring the key back.
    await standings.idle();
    const keys = await accounts.forget(account);
    // A program with a key of the account may have made one until its key was forgotten.
    runs += await removeRuns(account);
    // And somebody may have signed in with one until then.
    const late = await sessions.endOthers(account, null);
    return { runs, keys, sessions: ended + late };
  }

  /** Removes what a request has written for an account that was deleted while the request was answered. */
  async removeLate(account: string): Promise<void> {
    if (await this.#context.accounts.get(account) === null) await this.remove(account);
  }
}
