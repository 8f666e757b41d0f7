/** The page for a failed sign-in with Parallel: what happened, what was kept, what to do. */
import { Head } from "fresh/runtime";
import type { LoginFailure, LoginProblem } from "../../../lib/accounts/mod.ts";

interface Words {
  readonly title: string;
  readonly what: string;
}

const WORDS: Readonly<Record<LoginProblem, Words>> = {
  "denied": {
    title: "Access was not granted",
    what: "Parallel asked whether Taskstream may use a key, and access was denied. " +
      "Taskstream received no key.",
  },
  "provider-error": {
    title: "Parallel did not complete the sign-in",
    what: "It returned an error instead of a key. Trying again often works.",
  },
  "unknown": {
    title: "This sign-in link is invalid or has expired",
    what: "It was started more than an hour ago or on another site, or the address was copied " +
      "incompletely.",
  },
  "foreign": {
    title: "This sign-in was started in another browser",
    what:
      "A sign-in must finish in the browser where it started, so that no one can sign you in to " +
      "an account that is not yours. It is still open there. If it was this browser, allow " +
      "cookies for this site and start again.",
  },
  "expired": {
    title: "This sign-in took too long",
    what: "A sign-in must be completed within ten minutes, so that an old address cannot be " +
      "misused. The response was not used.",
  },
  "replayed": {
    title: "This sign-in is already over",
    what: "Its response can be used only once, and this page was reloaded or its address opened " +
      "twice. If you were signed in, you still are.",
  },
  "malformed": {
    title: "This address is incomplete",
    what: "A sign-in returns with more parameters than this address has, so nothing was done.",
  },
  "wrong-issuer": {
    title: "This response is not from Parallel",
    what: "It names a different sign-in service from the one where this sign-in was started. " +
      "Nothing was sent to it.",
  },
  "unreachable": {
    title: "Parallel’s sign-in cannot be reached",
    what: "It is down or unreachable. Try again in a moment, or sign in with an API key.",
  },
  "timeout": {
    title: "Parallel’s sign-in does not respond",
    what:
      "There was no response within ten seconds. Try again in a moment, or sign in with an API key.",
  },
  "broken": {
    title: "Parallel’s sign-in returned an invalid response",
    what: "It may be under maintenance. Try again later, or sign in with an API key.",
  },
  "exchange-refused": {
    title: "Parallel did not return a key",
    what: "It allowed the sign-in, then did not complete it. Start again: each attempt needs a " +
      "new permission.",
  },
  "no-key": {
    title: "Parallel returned an invalid key",
    what: "It does not look like an API key, so it was discarded. Try again, or sign in with " +
      "an API key.",
  },
  "key-refused": {
    title: "Parallel does not accept the key it returned",
    what: "The sign-in worked, but the API rejected the new key. Create a new key in " +
      "Parallel’s settings, then try again.",
  },
  "key-unchecked": {
    title: "The key could not be checked",
    what:
      "The sign-in worked, but the API did not respond when the key was checked. Try again in a " +
      "moment.",
  },
};

export interface LoginFailedProps {
  readonly failure: LoginFailure;
  /** A session is still open. */
  readonly signedIn: boolean;
}

export function LoginFailed(
  { failure: { problem, providerMessage, next }, signedIn }: LoginFailedProps,
) {
  const { title, what } = WORDS[problem];
  const query = new URLSearchParams({ next });
  return (
    <>
      <Head>
        <title>{`${title} · Taskstream`}</title>
      </Head>
      <h1>{title}</h1>
      <p class="mt-2 max-w-[60ch]">{what}</p>
      {providerMessage !== null && (
        <p class="mt-2 max-w-[60ch]">
          Parallel says: <q>{providerMessage}</q>
        </p>
      )}
      <p class="mt-2 max-w-[60ch]">
        {signedIn
          ? "You are signed in as before."
          : "No one was signed in, and nothing was stored."}
      </p>
      <p class="flex flex-wrap gap-4 mt-6">
        <a href={`/auth/login?${query}`} class="button go">Sign in with Parallel</a>
        {signedIn
          ? <a href="/tasks" class="button">Your tasks</a>
          : <a href={`/?${query}`} class="button">Other ways in</a>}
      </p>
    </>
  );
}
