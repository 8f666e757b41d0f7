/** The ways to sign in. All create a session and return to the requested page. */
import { cx } from "./ui/cx.ts";
import { SecretField } from "./ui/SecretField.tsx";

export interface SignInProps {
  /** The path on this site to continue to. */
  readonly next: string;
  readonly sandboxEnabled: boolean;
  /** The code of the last attempt's problem (lib/accounts). */
  readonly problem: string | null;
}

const PROBLEMS = new Map(Object.entries({
  malformed: "That does not look like an API key. Keys have at least 8 characters and no spaces.",
  refused: "Parallel does not accept this key. Copy it again from your Parallel account.",
  unreachable: "Could not check this key with Parallel. Nothing was stored. Try again soon.",
  "not-kept":
    "Your session has ended, and your task is too long to save. Go back in your browser to find it, " +
    "sign in in another tab, and send it again.",
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

export function SignIn({ next, sandboxEnabled, problem: word }: SignInProps) {
  const problem = problemText(word);
  return (
    <div class="ways">
      {sandboxEnabled && (
        <section aria-labelledby="way-sandbox">
          <h2 id="way-sandbox">Try the sandbox</h2>
          <p class="mt-1">
            No account, no cost. A simulated Task API answers: runs look and behave like real ones;
            their findings are made up and labelled.
          </p>
          <form method="post" action="/auth/sandbox" class="mt-4">
            <input type="hidden" name="next" value={next} />
            <button type="submit" class="button go">Try the sandbox</button>
          </form>
        </section>
      )}
      <ParallelWay next={next} first={!sandboxEnabled} />
      <KeyWay next={next} problem={problem} />
    </div>
  );
}

/** A link, not a form: it redirects to another site, which the page's policy forbids for forms. */
export function ParallelWay({ next, first }: { next: string; first: boolean }) {
  return (
    <section aria-labelledby="way-parallel">
      <h2 id="way-parallel">Sign in with Parallel</h2>
      <p class="mt-1">
        Choose or create an API key at Parallel, with nothing to copy. Runs are real and billed by
        Parallel.
      </p>
      <p class="mt-4">
        <a
          href={`/auth/login?${new URLSearchParams({ next })}`}
          class={cx("button", first && "go")}
        >
          Sign in with Parallel
        </a>
      </p>
    </section>
  );
}

/** Pasting a key. `problem` is a sentence about the last attempt. */
export function KeyWay({ next, problem }: { next: string; problem: string | null }) {
  return (
    <section aria-labelledby="way-key">
      <h2 id="way-key">Use your API key</h2>
      <p class="mt-1">
        Runs are real and billed by Parallel. The key is sealed on this server and never sent back
        to the browser.
      </p>
      <form method="post" action="/auth/key" class="mt-4">
        <input type="hidden" name="next" value={next} />
        <SecretField name="api_key" label="Parallel API key" button="Sign in" problem={problem} />
      </form>
    </section>
  );
}
