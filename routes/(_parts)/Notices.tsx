/** The notices on every page about account keys that need the owner's attention. */
import type { AccountKey } from "../../lib/accounts/mod.ts";
import { Ago } from "../../components/ui/Ago.tsx";

export interface KeyNoticeProps {
  readonly keys: readonly AccountKey[];
  readonly now: number;
}

/** Shown until confirmed: the account got several keys without asking. */
export function KeyNotice({ keys, now }: KeyNoticeProps) {
  return (
    <section class="notice caution mb-6" aria-labelledby="key-notice">
      <h2 id="key-notice">{keys.length} keys open this account</h2>
      <p class="mt-1 max-w-[70ch]">
        Everyone who has one of these keys sees all tasks of this account and can export and delete
        them. Keys used to be added just by signing in with them. Check that each belongs here, and
        remove those that do not on your <a href="/account">account page</a>.
      </p>
      <ul class="mt-2 list-disc pl-5">
        {keys.map(({ id, fingerprint, added_ms }) => (
          <li key={id}>
            Key <code>{fingerprint}</code>, added <Ago ms={added_ms} now={now} />
          </li>
        ))}
      </ul>
      <form method="post" action="/account/keys/confirm" class="mt-2">
        <button type="submit" class="button">All of them belong here</button>
      </form>
    </section>
  );
}

/** The API no longer accepts the session's key. */
export function RefusedNotice({ since, now }: { readonly since: number; readonly now: number }) {
  return (
    <section class="notice mb-6" aria-labelledby="refused-notice">
      <h2 id="refused-notice">Parallel no longer accepts your key</h2>
      <p class="mt-1 max-w-[70ch]">
        It first refused the key{" "}
        <Ago ms={since} now={now} />. You can still read, export and delete tasks created before
        then. To create tasks and to see later ones, sign in with a key that works.
      </p>
      <form method="post" action="/auth/logout" class="mt-2">
        <button type="submit" class="button">Sign out and use another key</button>
      </form>
    </section>
  );
}
