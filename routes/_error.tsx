import { HttpError } from "fresh";
import { Head } from "fresh/runtime";
import { define } from "../lib/state.ts";

export default define.page(function ErrorPage({ error, state }) {
  const status = error instanceof HttpError ? error.status : 500;
  const ours = status >= 500;
  return (
    <>
      <Head>
        <title>{`Error ${status} · Taskstream`}</title>
      </Head>
      <h1>{ours ? "Something went wrong here" : "This request cannot be answered"}</h1>
      <p class="mt-2 max-w-[60ch]">
        {ours
          ? "The mistake is ours. Runs that are under way are recorded all the same. " +
            "Load the page again; if it comes back, the reference below finds it in the log."
          : error instanceof Error && error.message !== ""
          ? error.message
          : `The server answers with status ${status}.`}
      </p>
      <p class="mt-4 text-sm text-muted">
        status {status}
        {ours && state.requestId && (
          <>
            {" "}· reference <code>{state.requestId}</code>
          </>
        )}
      </p>
      <p class="mt-4">
        <a href="/">The front page</a>
      </p>
    </>
  );
});
