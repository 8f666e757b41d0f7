/** The account: who this is, where it is signed in, what is kept of it, and how to end each. */
import type { StoredAccount, StoredKey } from "../../lib/accounts/accounts.ts";
import type { SessionInfo } from "../../lib/accounts/sessions.ts";
import { Ago } from "../Ago.tsx";
import { KeyWay, ParallelWay, problemText } from "../SignIn.tsx";
import { cx } from "../cx.ts";
import { SimulatedTape } from "../Simulated.tsx";
import { Sessions } from "./Sessions.tsx";
import { Stored } from "./Stored.tsx";
import { Webhooks, type WebhooksProps } from "./Webhooks.tsx";

export interface AccountPageProps {
  readonly account: StoredAccount;
  readonly keys: readonly StoredKey[];
  readonly sessions: readonly SessionInfo[];
  /** The session that looks. */
  readonly session: SessionInfo;
  readonly webhooks: WebhooksProps;
  readonly runs: number;
  /** Days that runs are kept; `null`: for good. */
  readonly keptDays: number | null;
  /** The word for what was just done. */
  readonly done: string | null;
  /** The word for why a key was not added. */
  readonly problem: string | null;
  readonly now: number;
}

const DONE = new Map(Object.entries({
  "session-ended": "That session is over: whoever held it has to sign in again.",
  "session-gone": "That session was over already.",
  "sessions-ended": "Every other session is over. This one goes on.",
  "webhook-saved":
    "The webhook secret is kept, sealed. Deliveries are verified with it from now on.",
  "webhook-removed":
    "The webhook secret is forgotten. Deliveries for this account are refused from now on.",
}));

export function AccountPage(props: AccountPageProps) {
  const { account, keys, session, now } = props;
  const done = DONE.get(props.done ?? "");
  return (
    <>
      {account.sandbox && <SimulatedTape />}
      <h1 class={cx(account.sandbox && "mt-6")}>Account {account.fingerprint}</h1>
      {done !== undefined && <p class="notice calm mt-4" role="status">{done}</p>}
      <div class="grid gap-10 mt-6 max-w-[80ch]">
        <section aria-labelledby="keys">
          <h2 id="keys" class="ruled">{keys.length === 1 ? "Key" : `${keys.length} keys`}</h2>
          <p class="mt-1">
            {account.sandbox
              ? "A key of the embedded sandbox, made for this account. It never gets to the browser."
              : "Keys are sealed on this server and never get to the browser. Each is known here " +
                "by a fingerprint: four characters that are derived from it and not part of it."}
          </p>
          <ul class="lines mt-2">
            {keys.map((key) => (
              <li key={key.fingerprint} class="flex flex-wrap items-baseline gap-x-6">
                <code>{key.fingerprint}</code>
                <span>
                  added <Ago ms={key.added_ms} now={now} />
                </span>
                {key.fingerprint === session.key_fingerprint && (
                  <span class="text-muted">
                    {account.sandbox ? "in use" : "in use: what you create now is billed to it"}
                  </span>
                )}
              </li>
            ))}
          </ul>
          {!account.sandbox && <AddKey problem={props.problem} />}
        </section>
        <Sessions sessions={props.sessions} here={session.id} now={now} />
        <Webhooks {...props.webhooks} />
        <Stored account={account} runs={props.runs} keptDays={props.keptDays} now={now} />
      </div>
    </>
  );
}

/** Another key that shares this history. */
function AddKey({ problem }: { problem: string | null }) {
  return (
    <details class="fold mt-2" open={problem !== null}>
      <summary>Add another key</summary>
      <p class="mb-4">
        A key that is new here joins this account and shares its history. One that has an account
        already keeps that, and takes you there.
      </p>
      <div class="ways">
        <ParallelWay next="/account" first={false} />
        <KeyWay next="/account" problem={problemText(problem)} />
      </div>
    </details>
  );
}
