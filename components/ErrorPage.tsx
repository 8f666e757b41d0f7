/** The page for a failed request, or for one that arrived while the server was busy. */

/** The known facts. */
export interface ErrorPageProps {
  /** The response's status. */
  readonly status: number;
  /** A sentence for the user, shown only if the error is not ours or is temporary. */
  readonly message: string;
  /** Identifies the error in the log. */
  readonly reference: string | null;
}

/** Says whose error it is, what was kept, and what to do. */
export function ErrorPage({ status, message, reference }: ErrorPageProps) {
  const busy = status === 503 && message !== "";
  const ours = status >= 500 && !busy;
  return (
    <>
      <h1>
        {busy
          ? "The server is busy"
          : ours
          ? "Something went wrong"
          : "This request cannot be processed"}
      </h1>
      <p class="mt-2 max-w-[60ch]">
        {ours
          ? "The error is on our side. Runs in progress are still recorded. Reload the page. If it " +
            "happens again, look for the reference below in the log."
          : message !== ""
          ? message
          : status === 405
          ? "Nothing can be sent to this address."
          : `The server responded with status ${status}.`}
      </p>
      <p class="mt-2 text-sm text-soft">
        status {status}
        {ours && reference !== null && (
          <>
            {" "}· reference <code>{reference}</code>
          </>
        )}
      </p>
      <p class="flex flex-wrap gap-2 mt-4">
        {/* The same page again: an empty address is this one. */}
        {busy && <a href="" class="button go">Try again</a>}
        <a href="/" class="button">The front page</a>
      </p>
    </>
  );
}
