/** The front page for visitors: what one gets, shown on a made-up example, and how to sign in. */
import { SampleRun } from "./SampleRun.tsx";
import { SignIn, type SignInProps } from "../../components/SignIn.tsx";

export interface WelcomeProps extends SignInProps {
  /** A form was sent after the session ended, and was saved. */
  readonly ended?: boolean;
}

/** The form that enters the sandbox. Two buttons submit it. */
const SANDBOX_FORM = "try-sandbox";

export function Welcome(props: WelcomeProps) {
  return (
    <>
      {props.ended && (
        <div class="notice caution mb-6" role="alert">
          <h2>Your session has ended, so nothing was sent</h2>
          <p>
            What you typed is saved for an hour. Sign in with this browser and the form will be
            filled in again.
          </p>
        </div>
      )}
      {props.next !== "/" && !props.ended && (
        <p class="notice calm mb-6">Sign in to open that page.</p>
      )}
      <section class="hero">
        <div>
          <h1>Research you can watch, and check.</h1>
          <p>
            Ask a question or send a table. Parallel’s Task API reads the web for minutes to hours;
            Taskstream shows each step and keeps every source.
          </p>
        </div>
        {props.sandboxEnabled
          ? (
            <form id={SANDBOX_FORM} method="post" action="/auth/sandbox" class="hero-act">
              <input type="hidden" name="next" value={props.next} />
              <a href="#ways">or sign in</a>
              <button type="submit" class="button go big">Try the sandbox</button>
            </form>
          )
          : (
            <p class="hero-act">
              <a href="#ways" class="button go big">Sign in</a>
            </p>
          )}
      </section>
      <SampleRun />
      <div id="ways" class="mt-8">
        <SignIn {...props} sandboxForm={SANDBOX_FORM} />
      </div>
    </>
  );
}
