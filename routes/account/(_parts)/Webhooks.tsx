/** The secret that verifies the account's webhooks. It can be set, but is never shown. */
import { SecretField } from "../../../components/ui/SecretField.tsx";

export interface WebhooksProps {
  /** The URL for Parallel to send them to. */
  readonly receiver: string;
  /** The owner of the secret that verifies them. */
  readonly secret: "instance" | "account" | "none";
  /** The receiver is not reachable from outside. */
  readonly local: boolean;
  /** The sandbox sends them. */
  readonly sandbox: boolean;
  /** The problem with the secret that was just entered, as a sentence. */
  readonly problem: string | null;
}

export function Webhooks({ receiver, secret, local, sandbox, problem }: WebhooksProps) {
  return (
    <section aria-labelledby="webhooks">
      <h2 id="webhooks">Webhooks</h2>
      <p class="mt-1">
        Parallel can notify this app when a run ends. Use this address as a task’s webhook:
      </p>
      <p class="mt-2">
        <code>{receiver}</code>
      </p>
      {sandbox && (
        <p class="mt-2 text-soft">
          The sandbox delivers here, whichever address a task names: nothing simulated leaves this
          server. Deliveries are signed with the secret below, which can be any text of 16 or more
          characters.
        </p>
      )}
      {local && !sandbox && (
        <p class="mt-2 text-soft">
          This address is local, so Parallel cannot reach it. Runs are still recorded.
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
          ? "A secret is stored, encrypted. Enter a new one to replace it."
          : "No secret yet. Deliveries are rejected, because anyone could send them."}
        {!sandbox && (
          <>
            {" "}The secret is at Parallel under Settings → Webhooks and starts with{" "}
            <code>whsec_</code>.
          </>
        )}
      </p>
      <form method="post" action="/account/webhook" class="mt-4">
        <SecretField
          name="webhook_secret"
          label="Webhook secret"
          button="Save"
          problem={problem}
        />
      </form>
      {set && (
        <form method="post" action="/account/webhook" class="mt-2">
          <button type="submit" name="forget" value="yes" class="plain touch">
            Remove the secret
          </button>
        </form>
      )}
    </>
  );
}
