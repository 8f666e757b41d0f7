/** The front page for someone who is not signed in: what this is, and the ways in. */
import { SampleRun } from "./SampleRun.tsx";
import { SignIn, type SignInProps } from "./SignIn.tsx";

export function Welcome(props: SignInProps) {
  return (
    <>
      <h1>Research tasks that run for minutes, watched live and kept for good</h1>
      <p class="mt-2 max-w-[70ch]">
        Taskstream runs tasks on Parallel’s Task API: a question or a record goes in, web research
        goes on for seconds to hours, and a result with its sources comes out. Here you see every
        step while it happens. The API forgets the steps when a run ends; Taskstream keeps them, at
        an address you can bookmark.
      </p>
      {props.next !== "/" && (
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
