/** The front page for someone who is not signed in: what this is, and the ways in. */
import { SampleRun } from "./SampleRun.tsx";
import { SignIn, type SignInProps } from "./SignIn.tsx";

export interface WelcomeProps extends SignInProps {
  /** A task came after the session had ended, and is kept. */
  readonly ended?: boolean;
}

export function Welcome(props: WelcomeProps) {
  return (
    <>
      {props.ended && (
        <div class="notice caution mb-6" role="alert">
          <h2>Your session has ended, so nothing was sent</h2>
          <p>
            Your task is kept for an hour. Sign in here, in this browser, and it is in the form
            again.
          </p>
        </div>
      )}
      <h1>Research tasks that run for minutes, watched live and kept for good</h1>
      <p class="mt-2 max-w-[70ch]">
        Taskstream runs tasks on Parallel’s Task API: a question or a record goes in, web research
        goes on for seconds to hours, and a result with its sources comes out. Here you see every
        step while it happens. The API forgets the steps when a run ends; Taskstream keeps them, at
        an address you can bookmark.
      </p>
      {props.next !== "/" && !props.ended && (
        <p class="notice calm mt-4">Sign in to see that page. You will be taken there.</p>
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
