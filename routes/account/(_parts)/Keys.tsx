/** The keys that open an account: remove one, or add another. */
import type { AccountKey } from "../../../lib/accounts/mod.ts";
import { Ago } from "../../../components/ui/Ago.tsx";
import { SecretField } from "../../../components/ui/SecretField.tsx";

export interface KeysProps {
  readonly keys: readonly AccountKey[];
  /** The fingerprint of the key that opened the current session. */
  readonly inUse: string;
  readonly sandbox: boolean;
  /** Why the last key was not added, as a sentence. */
  readonly problem: string | null;
  readonly now: number;
}

export function Keys({ keys, inUse, sandbox, problem, now }: KeysProps) {
  return (
    <section aria-labelledby="keys">
      <h2 id="keys">{keys.length === 1 ? "Key" : `${keys.length} keys`}</h2>
      <p class="mt-1">
        {sandbox
          ? "Sandbox keys work in this app alone and are never sent to the browser."
          : "Keys are stored encrypted on this server and never sent to the browser. The four characters are " +
            "a fingerprint: derived from the key, not part of it."}
      </p>
      <ul class="lines mt-2">
        {keys.map((key) => (
          <li key={key.id} class="flex flex-wrap items-baseline gap-x-6">
            <code>{key.fingerprint}</code>
            <span>
              added <Ago ms={key.added_ms} now={now} />
            </span>
            {key.fingerprint === inUse && (
              <span class="text-soft">
                {sandbox ? "in use" : "in use: new tasks are billed to it"}
              </span>
            )}
            {keys.length > 1 && (
              <form method="post" action="/account/keys/remove" class="ml-auto">
                <button
                  type="submit"
                  name="key_id"
                  value={key.id}
                  class="plain touch"
                  aria-label={`Remove key ${key.fingerprint}`}
                >
                  Remove
                </button>
              </form>
            )}
          </li>
        ))}
      </ul>
      <p class="mt-2 text-soft">
        {keys.length > 1 && "Removing a key ends the sessions it opened; the tasks stay here. "}
        To replace a key, add the new one before you revoke the old one at Parallel.
      </p>
      <details class="fold mt-2" open={problem !== null}>
        <summary>Add another key</summary>
        <p class="mb-4 max-w-[60ch]">
          Everyone who has that key will see this account’s tasks and can export and delete them.
          You confirm this on the next page.
        </p>
        <form method="post" action="/account/keys">
          <SecretField name="api_key" label="API key" button="Continue" problem={problem} />
        </form>
      </details>
    </section>
  );
}
