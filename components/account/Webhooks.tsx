/** The secret that webhooks of the account are verified with. It is written here and never shown. */
import { SecretField } from "../SecretField.tsx";

export interface WebhooksProps {
  /** Where Parallel is to send them. */
  readonly receiver: string;
  /** Whose secret they are verified with. */
  readonly secret: "instance" | "account" | "none";
  /** The receiver cannot be reached from outside. */
  readonly local: boolean;
  /** The sandbox sends them. */
  readonly sandbox: boolean;
  /** What is wrong with the secret that was just entered, as a sentence. */
  readonly problem: string | null;
}

export function Webhooks({ receiver, secret, local, sandbox, problem }: WebhooksProps) {
  return (
    <section aria-labelledby="webhooks">
      <h2 id="webhooks" class="ruled">Webhooks</h2>
      <p class="mt-1">
        Parallel can tell this app that a run has ended, however long it took. Give a task this
        address as its webhook:
      </p>
      <p class="mt-2">
        <code class="break-all">{receiver}</code>
      </p>
      {sandbox && (
        <p class="mt-2 text-muted">
          The sandbox’s notifications come here whatever address a task names, for nothing simulated
          leaves this server. They are signed with the secret that you set below: any will do.
        </p>
      )}
      {local && !sandbox && (
        <p class="mt-2 text-muted">
          That is on this machine, where Parallel cannot reach it. Runs are recorded all the same.
        </p>
      )}
      {secret === "instance"
        ? <p class="mt-2">Deliveries are verified with the secret of this instance.</p>
        : <SecretForm set={secret === "account"} sandbox={sandbox} problem={problem} />}
    </section>
  );
}

function SecretForm(
  { set, sandbox, problem }: { set: boolean; sandbox: boolean; problem: string | null },
) {
  return (
    <>
      <p class="mt-2">
        {set
          ? "A secret is kept, sealed. Enter another one where Parallel has given you a new one."
          : "No secret yet, so deliveries are refused: anybody could send them."}
        {!sandbox && (
          <>
            {" "}At Parallel it is under Settings → Webhooks and starts with <code>whsec_</code>.
          </>
        )}
      </p>
      <form method="post" action="/account/webhook" class="mt-4">
        <SecretField
          name="webhook_secret"
          label="Webhook secret"
          button="Keep"
          problem={problem}
        />
      </form>
      {set && (
        <form method="post" action="/account/webhook" class="mt-2">
          <button type="submit" name="forget" value="yes" class="plain touch">
            Forget the secret
          </button>
        </form>
      )}
    </>
  );
}
