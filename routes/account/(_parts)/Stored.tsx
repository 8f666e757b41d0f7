/** The account's stored data, and how to export or delete it. */
import type { StoredAccount } from "../../../lib/accounts/mod.ts";
import { Ago } from "../../../components/ui/Ago.tsx";
import { count } from "../../../lib/base/mod.ts";

export interface StoredProps {
  readonly account: StoredAccount;
  readonly runs: number;
  /** Days that runs are kept; `null`: indefinitely. */
  readonly keptDays: number | null;
  readonly now: number;
}

export function Stored({ account, runs, keptDays, now }: StoredProps) {
  return (
    <section aria-labelledby="stored">
      <h2 id="stored">What is stored</h2>
      <ul class="mt-1 list-disc pl-5">
        <li>
          <a href="/tasks">{runs === 1 ? "1 run" : `${count(runs)} runs`}</a>, each with its input,
          every event and the result{keptDays !== null && `; kept for ${keptDays} days`}
        </li>
        <li>
          batches with their tables, <a href="/schedules">schedules</a> with their times, and{" "}
          <a href="/watches">watches</a>
        </li>
        <li>keys and the webhook secret, encrypted; key fingerprints and hashes</li>
        <li>
          <a href="/account/notifications">notification targets</a>, with encrypted URLs;
          notifications that have not arrived, for 24 hours
        </li>
        <li>sessions: the device’s name, when it signed in and when it was last used</li>
        <li>
          the account itself, since{" "}
          <Ago ms={account.created_ms} now={now} />, and its monthly budget: no name, no e-mail
          address
        </li>
      </ul>
      <p class="mt-2">
        The export is one file with all of this except the secrets. Another Taskstream can{" "}
        <a href="/tasks/transfer">import its runs</a>.
      </p>
      <p class="flex flex-wrap gap-4 mt-4">
        <a href="/account/export" class="button" download>Export everything</a>
        <a href="/account/delete" class="button danger">Delete everything …</a>
      </p>
    </section>
  );
}
