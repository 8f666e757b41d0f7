/** The page for a failed sign-in with Parallel: what happened, what was kept, what to do. */
import { Head } from "fresh/runtime";
import type { LoginFailure, LoginProblem } from "../../../lib/accounts/mod.ts";

interface Words {
  readonly title: string;
  readonly what: string;
}

const WORDS: Readonly<Record<LoginProblem, Words>> = {
  "denied": {
    title: "You did not allow it",
    what: "Parallel asked whether Taskstream may have a key, and the answer was no. " +
      "No key was handed over.",
  },
  "provider-error": {
    title: "Parallel did not complete the sign-in",
    what: "It sent you back with an error instead of a key. Often a second try works.",
  },
  "unknown": {
    title: "This sign-in link is invalid or has expired",
    what: "It was started more than an hour ago, or somewhere else, or the address was copied " +
      "in part. It cannot be used.",
  },
  "foreign": {
    title: "This sign-in was started in another browser",
    what: "A sign-in ends in the browser it began in, so that nobody can sign you in to what is " +
      "not yours. It is still open there. If it was this browser, it kept no cookie: allow " +
      "cookies for this site and start again.",
  },
  "expired": {
    title: "This sign-in took too long",
    what: "It has to be completed within ten minutes, so that an address that is left lying " +
      "around is worth nothing. Its answer was not used.",
  },
  "replayed": {
    title: "This sign-in is already over",
    what: "Its answer was used once and cannot be used again: this page was loaded again, or its " +
      "address opened twice. If it signed you in, you still are.",
  },
  "malformed": {
    title: "This address is not complete",
    what: "Parallel sends people back with more in the address than there is here. Nothing of it " +
      "was used.",
  },
  "wrong-issuer": {
    title: "This answer does not come from Parallel",
    what: "It names another sign-in service than the one that this sign-in was started with. " +
      "Nothing was sent to it.",
  },
  "unreachable": {
    title: "Parallel’s sign-in cannot be reached",
    what: "It is down, or the way there is. Try again in a moment, or sign in with an API key.",
  },
  "timeout": {
    title: "Parallel’s sign-in does not answer",
    what: "No answer came within ten seconds. Try again in a moment, or sign in with an API key.",
  },
  "broken": {
    title: "Parallel’s sign-in returned an invalid response",
    what: "It is probably being worked on. Try again later, or sign in with an API key.",
  },
  "exchange-refused": {
    title: "Parallel did not hand over a key",
    what: "It allowed the sign-in, and then refused to complete it. Start again: each try gets a " +
      "permission of its own.",
  },
  "no-key": {
    title: "Parallel returned an invalid key",
    what: "It does not look like an API key, so it was thrown away. Try again, or sign in with " +
      "an API key.",
  },
  "key-refused": {
    title: "Parallel does not accept the key it handed over",
    what: "The sign-in worked, but the API refused the key that came of it. Create a new key in " +
      "Parallel’s settings, then try again.",
  },
  "key-unchecked": {
    title: "The key could not be checked",
    what:
      "The sign-in worked, but the API did not answer when asked about the key. Try again in a " +
      "moment.",
  },
};

export interface LoginFailedProps {
  readonly failure: LoginFailure;
  /** A session is still open. */
  readonly signedIn: boolean;
}

export function LoginFailed({ failure: { problem, said, next }, signedIn }: LoginFailedProps) {
  const { title, what } = WORDS[problem];
  const query = new URLSearchParams({ next });
  return (
    <>
      <Head>
        <title>{`${title} · Taskstream`}</title>
      </Head>
      <h1>{title}</h1>
      <p class="mt-2 max-w-[60ch]">{what}</p>
      {said !== null && (
        <p class="mt-2 max-w-[60ch]">
          Parallel says: <q>{said}</q>
        </p>
      )}
      <p class="mt-2 max-w-[60ch]">
        {signedIn
          ? "You are signed in as before."
          : "Nobody was signed in, and nothing was stored."}
      </p>
      <p class="flex flex-wrap gap-4 mt-6">
        <a href={`/auth/login?${query}`} class="button">Sign in with Parallel</a>
        {signedIn
          ? <a href="/tasks" class="button quiet">Your tasks</a>
          : <a href={`/?${query}`} class="button quiet">Other ways in</a>}
      </p>
    </>
  );
}
