/** The front page for visitors: what this is, and how to sign in. */
import { SampleRun } from "./SampleRun.tsx";
import { SignIn, type SignInProps } from "../../components/SignIn.tsx";

export interface WelcomeProps extends SignInProps {
  /** A task was sent after the session ended, and was saved. */
  readonly ended?: boolean;
}

export function Welcome(props: WelcomeProps) {
  return (
    <>
      {props.ended && (
        <div class="notice caution mb-6" role="alert">
          <h2>Your session has ended, so nothing was sent</h2>
          <p>
            Your task is saved for an hour. Sign in with this browser and the form will be filled in
            again.
          </p>
        </div>
      )}
      <h1>Research tasks that run for minutes, watched live and kept for good</h1>
      <p class="mt-2 max-w-[70ch]">
        Taskstream runs tasks on Parallel’s Task API: you ask a question or send a record, the API
        researches the web for seconds to hours, and returns a result with its sources. Watch every
        step live. The API discards the steps when a run ends; Taskstream keeps them at a URL you
        can bookmark.
      </p>
      {props.next !== "/" && !props.ended && (
        <p class="notice calm mt-4">Sign in to open that page.</p>
      )}
      <div class="mt-8">
        <SignIn {...props} />
      </div>
      <div class="mt-12">
        <SampleRun />
      </div>
    </>
  );
}
