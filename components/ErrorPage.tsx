/** What a person reads when a request cannot be answered. */

/** What is known about it. */
export interface ErrorPageProps {
  /** The response's status. */
  readonly status: number;
  /** A sentence for the person; only shown where the mistake is not ours, or it passes by itself. */
  readonly message: string;
  /** Finds the error in the log. */
  readonly reference: string | null;
}

/** Says whose mistake it is, what was kept, and what to do. */
export function ErrorPage({ status, message, reference }: ErrorPageProps) {
  // Busy (503) is no mistake.
  const ours = status >= 500 && !(status === 503 && message !== "");
  return (
    <>
      <h1>{ours ? "Something went wrong" : "This request cannot be answered"}</h1>
      <p class="mt-2 max-w-[60ch]">
        {ours
          ? "The error is on our side. Runs in progress are still recorded. Reload the page; if the " +
            "error stays, look for the reference below in the log."
          : message !== ""
          ? message
          : `The server answers with status ${status}.`}
      </p>
      <p class="mt-4 text-sm text-muted">
        status {status}
        {ours && reference !== null && (
          <>
            {" "}· reference <code>{reference}</code>
          </>
        )}
      </p>
      <p class="mt-4">
        <a href="/">The front page</a>
      </p>
    </>
  );
}
