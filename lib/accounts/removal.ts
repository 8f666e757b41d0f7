/**
 * Removes an account and all of its data. Removes the keys last, so that an interrupted removal can be repeated:
 * a key still finds the account.
 */
import type { Accounts } from "./accounts.ts";
import type { ParkedForms } from "./parked.ts";
import type { Sessions } from "./sessions.ts";
import type { KeyStandings } from "./standing.ts";
import type { WebhookSecrets } from "./webhook_secret.ts";

/** The owners of the data of an account. */
export interface AccountRemovalContext {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly webhookSecrets: WebhookSecrets;
  readonly parked: Pick<ParkedForms, "forget">;
  readonly standings: Pick<KeyStandings, "idle">;
  /** Removes the account's notification targets and waiting notices. */
  readonly forgetNotifications: (account: string) => Promise<void>;
  /** Removes the runs of the account and returns how many there were. */
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

  /** Removes an account. Rejects only if the store fails; the call can then be repeated. */
  async remove(account: string): Promise<Removed> {
    const { accounts, parked, sessions, standings, webhookSecrets, removeRuns } = this.#context;
    const { forgetNotifications } = this.#context;
    // First, so that no session creates new runs meanwhile.
    const ended = await sessions.endOthers(account, null);
    let runs = await removeRuns(account);
    await webhookSecrets.set(account, null);
    await forgetNotifications(account);
    await parked.forget(account);
    // Wait for API responses that are being stored: they would write the standing of a key again.
    await standings.idle();
    const keys = await accounts.forget(account);
    // A program may have created a run with a key of the account until the key was forgotten.
    runs += await removeRuns(account);
    // An account that was moved into this one may have brought its own until then.
    await webhookSecrets.set(account, null);
    await forgetNotifications(account);
    // A user may have signed in with a key until then.
    const late = await sessions.endOthers(account, null);
    return { runs, keys, sessions: ended + late };
  }

  /** Removes data that a request wrote for an account that was deleted during the request. */
  async removeLate(account: string): Promise<void> {
    if (await this.#context.accounts.get(account) === null) await this.remove(account);
  }
}
