/** Asks before a key is added to an account: who gains access, and which accounts are merged. */
import type { KeyQuestion } from "../../../lib/accounts/mod.ts";
import { count } from "../../../lib/base/mod.ts";

export interface AddKeyProps {
  /** The account that gets the key. */
  readonly fingerprint: string;
  readonly sandbox: boolean;
  readonly question: KeyQuestion;
}

export function AddKey({ fingerprint, sandbox, question }: AddKeyProps) {
  const { keyId, fingerprint: added, runs, history } = question;
  const others = history?.others ?? [];
  return (
    <>
      <h1>Add key {added} to account {fingerprint}?</h1>
      <div class="max-w-[60ch]">
        <ul class="mt-2 list-disc pl-5">
          <li>
            Everyone who has key <code>{added}</code> can sign in to this account. They see its{" "}
            <strong>{tasks(runs)}</strong>{" "}
            and every task created later, and can export and delete them, set the webhook secret,
            and add or remove keys.
          </li>
          {history !== null && (
            <li>
              Key <code>{added}</code> already has an account here with{" "}
              <strong>{tasks(history.runs)}</strong>. Both accounts become one: everyone with a key
              of either sees all tasks. This cannot be undone.
            </li>
          )}
          {others.length > 0 && (
            <li>
              {others.length === 1 ? "A further key opens" : "Further keys open"}{" "}
              that account and will open this one too:{" "}
              {others.map(({ id, fingerprint: each }, index) => (
                <>
                  {index > 0 && ", "}
                  <code key={id}>{each}</code>
                </>
              ))}.
            </li>
          )}
          {history !== null && (
            <li>Sessions of that account end. Its holders sign in again with the same key.</li>
          )}
          {!sandbox && <li>New tasks are still billed to the key that you signed in with.</li>}
        </ul>
        <form method="post" action="/account/keys" class="mt-4">
          <input type="hidden" name="key_id" value={keyId} />
          <label class="choice">
            <input type="checkbox" name="confirm" value="yes" required />
            {history === null
              ? "I trust everyone who has this key with this account"
              : "I trust everyone who has these keys with both accounts"}
          </label>
          <p class="flex flex-wrap gap-4 mt-4">
            <button type="submit" class="button go">
              {history === null ? "Add the key" : "Add the key and merge the accounts"}
            </button>
            <a href="/account" class="button">Cancel</a>
          </p>
        </form>
      </div>
    </>
  );
}

function tasks(runs: number): string {
  return runs === 1 ? "1 task" : `${count(runs)} tasks`;
}
