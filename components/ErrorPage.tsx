/** What a person reads when a request cannot be answered. */

/** What is known about it. */
export interface ErrorPageProps {
  /** The response's status. */
  readonly status: number;
  /** A sentence for the person; only shown where the mistake is not ours. */
  readonly message: string;
  /** Finds the error in the log. */
  readonly reference: string | null;
}

/** Says whose mistake it is, what was kept, and what to do. */
export function ErrorPage({ status, message, reference }: ErrorPageProps) {
  const ours = status >= 500;
  return (
    <>
      <h1>{ours ? "Something went wrong here" : "This request cannot be answered"}</h1>
      <p class="mt-2 max-w-[60ch]">
        {ours
          ? "The mistake is ours. Runs that are under way are recorded all the same. " +
            "Load the page again; if it comes back, the reference below finds it in the log."
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
