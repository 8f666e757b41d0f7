/** The account's sessions, and how to end them. Every form works without script. */
import type { SessionInfo } from "../../../lib/accounts/mod.ts";
import { Ago } from "../../../components/ui/Ago.tsx";

/** A longer list would be unreadable. The button below ends the others too. */
const SHOWN = 50;

export interface SessionsProps {
  readonly sessions: readonly SessionInfo[];
  /** The current session. */
  readonly here: string;
  readonly now: number;
}

export function Sessions({ sessions, here, now }: SessionsProps) {
  const more = sessions.length - SHOWN;
  const ordered = sessions.toSorted((a, b) => Number(b.id === here) - Number(a.id === here));
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">
        {sessions.length === 1 ? "1 session" : `${sessions.length} sessions`}
      </h2>
      <p class="mt-1">
        A session ends after 7 days without use, and after 30 days at most. “Used” is updated once
        an hour.
      </p>
      <ul class="lines mt-2">
        {ordered.slice(0, SHOWN).map((session) => (
          <li key={session.id} class="flex flex-wrap items-baseline gap-x-6">
            <span>
              <strong>{session.device ?? "Unknown device"}</strong>
              {session.id === here && " (this one)"}
            </span>
            <span>
              used <Ago ms={session.used_ms} now={now} />
            </span>
            <span>
              signed in <Ago ms={session.created_ms} now={now} /> with key{" "}
              <code>{session.key_fingerprint}</code>
            </span>
            <form method="post" action="/account/sessions" class="ml-auto">
              <button
                type="submit"
                name="end"
                value={session.id}
                class="plain touch"
                aria-label={session.id === here
                  ? undefined
                  : `End the session of ${session.device ?? "an unknown device"}`}
              >
                {session.id === here ? "Sign out" : "End"}
              </button>
            </form>
          </li>
        ))}
      </ul>
      {more > 0 && <p class="mt-2 text-soft">And {more} more.</p>}
      {sessions.length > 1 && (
        <form method="post" action="/account/sessions" class="flex flex-wrap gap-4 mt-4">
          <button type="submit" name="end" value="others" class="button">
            End all other sessions
          </button>
          <button type="submit" name="end" value="all" class="button">
            End all sessions
          </button>
        </form>
      )}
    </section>
  );
}
