/** The ways to sign in. All create a session and return to the requested page. */
import { SecretField } from "./ui/SecretField.tsx";

export interface SignInProps {
  /** The path on this site to continue to. */
  readonly next: string;
  readonly sandboxEnabled: boolean;
  /** The code of the last attempt's problem (lib/accounts). */
  readonly problem: string | null;
}

/** The ways, and the id of the form on the page that enters the sandbox. */
type WaysProps = SignInProps & { readonly sandboxForm: string };

const PROBLEMS = new Map(Object.entries({
  malformed: "That does not look like an API key. Keys have at least 8 characters and no spaces.",
  refused: "Parallel does not accept this key. Copy it again from your Parallel account.",
  unreachable: "Could not check this key with Parallel. Nothing was stored. Try again soon.",
  "not-kept":
    "Your session has ended, and what you typed is too long to save. Go back in your browser to find " +
    "it, sign in in another tab, and send it again.",
  "not-sent":
    "Your session has ended, so nothing was sent. Sign in, and send it again. Going back in your " +
    "browser shows what you typed.",
  "no-sandbox": "The sandbox is switched off on this instance. Sign in with an API key.",
  own: "This key already opens this account.",
  mixed: "Sandbox keys and real keys cannot share an account.",
  full: "An account can have at most 50 keys. Remove one first.",
  changed: "This account’s keys changed at the same time. Try again.",
  late: "That confirmation has expired. Enter the key again.",
}));

/** Returns the sentence for a problem's code, or `null` if there was none. */
export function problemText(word: string | null): string | null {
  return word === null ? null : PROBLEMS.get(word) ?? "Signing in did not work. Try again.";
}

export function SignIn({ next, sandboxEnabled, problem: word, sandboxForm }: WaysProps) {
  const problem = problemText(word);
  return (
    <div class="ways">
      {sandboxEnabled && (
        <section aria-labelledby="way-sandbox">
          <h2 id="way-sandbox">Try the sandbox</h2>
          <p>
            No account, no cost. Runs behave like real ones, but are faster; what they find is made
            up and marked so on every page.
          </p>
          <button type="submit" form={sandboxForm} class="button">Try the sandbox</button>
        </section>
      )}
      <ParallelWay next={next} />
      <KeyWay next={next} problem={problem} />
    </div>
  );
}

/** A link, not a form: it redirects to another site, which the page's policy forbids for forms. */
export function ParallelWay({ next }: { next: string }) {
  return (
    <section aria-labelledby="way-parallel">
      <h2 id="way-parallel">Sign in with Parallel</h2>
      <p>Choose one of your keys at Parallel; nothing to copy. Runs are real and billed there.</p>
      <a href={`/auth/login?${new URLSearchParams({ next })}`} class="button">
        Sign in with Parallel
      </a>
    </section>
  );
}

/** Pasting a key. `problem` is a sentence about the last attempt. */
export function KeyWay({ next, problem }: { next: string; problem: string | null }) {
  return (
    <section aria-labelledby="way-key">
      <h2 id="way-key">Use an API key</h2>
      <p>Encrypted on this server, never sent back to a browser.</p>
      <form method="post" action="/auth/key">
        <input type="hidden" name="next" value={next} />
        <SecretField
          name="api_key"
          label="Parallel API key"
          button="Sign in"
          problem={problem}
          inside
        />
      </form>
    </section>
  );
}
