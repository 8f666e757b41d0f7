/** Asks for confirmation before an account and its data are deleted, and reports the result. */
import { count } from "../../../lib/base/mod.ts";

export interface DeleteAccountProps {
  readonly fingerprint: string;
  readonly runs: number;
  readonly keys: number;
  /** Watches that continue at Parallel. */
  readonly watches: number;
  readonly sandbox: boolean;
  /** The form was submitted without ticking its box. */
  readonly unconfirmed: boolean;
}

export function DeleteAccount(
  { fingerprint, runs, keys, watches, sandbox, unconfirmed }: DeleteAccountProps,
) {
  return (
    <>
      <h1>Delete account {fingerprint} and everything in it?</h1>
      <div class="max-w-[60ch]">
        <p class="mt-2">This deletes, without an undo:</p>
        <ul class="mt-2 list-disc pl-5">
          <li>
            <strong>{runsText(runs)}</strong> with their inputs, events, results and share links
          </li>
          <li>
            {keys === 1 ? "the key" : `${keys} keys`}, the webhook secret, where notifications go,
            and all sessions on all devices
          </li>
        </ul>
        <p class="mt-2">
          It all becomes inaccessible at once, and is erased from the database within a few minutes.
        </p>
        {watches > 0 && (
          <p class="notice caution mt-4">
            {watches === 1 ? "A watch continues" : `${watches} watches continue`} at Parallel and
            {" "}
            {watches === 1 ? "is" : "are"} billed after this.{" "}
            <a href="/watches">Cancel {watches === 1 ? "it" : "them"} first</a>.
          </p>
        )}
        {!sandbox && (
          <p class="mt-2">
            Nothing changes at Parallel: active runs continue there and are billed, and your keys
            stay valid. A run that another account also has stays in that account.
          </p>
        )}
        <form method="post" action="/account/delete" class="mt-4">
          <label class="choice">
            <input
              type="checkbox"
              name="confirm"
              value="yes"
              required
              aria-invalid={unconfirmed ? "true" : undefined}
              aria-describedby={unconfirmed ? "confirm-error" : undefined}
            />
            I understand that this cannot be undone
          </label>
          {unconfirmed && (
            <p id="confirm-error" class="error-text mt-1">
              Tick the box first. Nothing was deleted.
            </p>
          )}
          <p class="flex flex-wrap gap-4 mt-4">
            <button type="submit" class="button danger">Delete everything</button>
            <a href="/account" class="button">Keep it</a>
          </p>
        </form>
      </div>
    </>
  );
}

export interface AccountDeletedProps {
  readonly runs: number | null;
  readonly keys: number | null;
  readonly sessions: number | null;
}

export function AccountDeleted({ runs, keys, sessions }: AccountDeletedProps) {
  return (
    <>
      <h1>Your account is deleted</h1>
      <div class="max-w-[60ch]">
        <p class="mt-2">
          {runs !== null && keys !== null && sessions !== null
            ? `${runsText(runs)}, ${count(keys)} ${keys === 1 ? "key" : "keys"} and ${
              count(sessions)
            } ${sessions === 1 ? "session" : "sessions"} are deleted, and you are signed out. `
            : "You are signed out. "}
          They are erased from the database within a few minutes.
        </p>
        <p class="mt-2">
          Nothing changed at Parallel: active runs continue there, and API keys stay valid until you
          revoke them in Parallel’s settings. Signing in here with one of them creates a new, empty
          account.
        </p>
        <p class="mt-4">
          <a href="/">The front page</a>
        </p>
      </div>
    </>
  );
}

function runsText(runs: number): string {
  return runs === 1 ? "1 run" : `${count(runs)} runs`;
}
