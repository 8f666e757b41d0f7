/** The account page: identity, sessions, stored data, and how to end or delete them. */
import type { AccountKey, SessionInfo, StoredAccount } from "../../../lib/accounts/mod.ts";
import { problemText } from "../../../components/SignIn.tsx";
import { SandboxAccountLine } from "../../../components/ui/Simulated.tsx";
import { Keys } from "./Keys.tsx";
import { Sessions } from "./Sessions.tsx";
import { Stored } from "./Stored.tsx";
import { Webhooks, type WebhooksProps } from "./Webhooks.tsx";

export interface AccountPageProps {
  readonly account: StoredAccount;
  readonly keys: readonly AccountKey[];
  readonly sessions: readonly SessionInfo[];
  /** The current session. */
  readonly session: SessionInfo;
  readonly webhooks: WebhooksProps;
  readonly runs: number;
  /** Days that runs are kept; `null`: indefinitely. */
  readonly keptDays: number | null;
  /** The code of the action just completed. */
  readonly done: string | null;
  /** The code of the problem with adding a key. */
  readonly problem: string | null;
  readonly now: number;
}

const DONE = new Map(Object.entries({
  "session-ended": "The session has ended. That browser has to sign in again.",
  "session-gone": "That session had already ended.",
  "sessions-ended": "All other sessions have ended. You are still signed in here.",
  "key-added": "The key is added. Everyone who has it can open this account.",
  "key-merged":
    "The key is added and its account is merged into this one. Its tasks are listed here.",
  "key-removed": "The key is removed and the sessions it opened have ended. Its tasks stay here.",
  "key-last": "This is the account’s only key. Add another key first, or delete the account.",
  "key-unknown": "That key had already been removed.",
  "keys-confirmed": "All keys are confirmed.",
  "webhook-saved":
    "The webhook secret is saved and encrypted. Deliveries are now verified with it.",
  "webhook-removed": "The webhook secret is removed. Deliveries for this account are now rejected.",
}));

export function AccountPage(props: AccountPageProps) {
  const { account, keys, session, now } = props;
  const done = DONE.get(props.done ?? "");
  return (
    <>
      {account.sandbox && <SandboxAccountLine />}
      <h1>
        Account <span class="font-normal text-soft">{account.fingerprint}</span>
      </h1>
      {done !== undefined && <p class="notice calm mt-4" role="status">{done}</p>}
      <div class="settings mt-4 max-w-[60rem]">
        <Keys
          keys={keys}
          inUse={session.key_fingerprint}
          sandbox={account.sandbox}
          problem={problemText(props.problem)}
          now={now}
        />
        <Sessions sessions={props.sessions} here={session.id} now={now} />
        <section aria-labelledby="notifications">
          <h2 id="notifications">Notifications</h2>
          <p class="mt-1">
            <a href="/account/notifications">Get notified when runs and batches are done</a>: in
            Slack, Discord, Teams or ntfy, at your own URL, or in this browser.
          </p>
        </section>
        <Webhooks {...props.webhooks} />
        <Stored account={account} runs={props.runs} keptDays={props.keptDays} now={now} />
      </div>
    </>
  );
}
