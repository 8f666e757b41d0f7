/** The API did not make a run: its own words, what was kept, what to do. */
import { adviceFor, type ApiFailure } from "../../lib/parallel/errors.ts";

export function Refused({ failure }: { failure: ApiFailure }) {
  return (
    <div id="errors" class="notice mb-6" role="alert" tabIndex={-1} aria-labelledby="errors-title">
      <h2 id="errors-title">{titleOf(failure)}</h2>
      <p>{failure.message}</p>
      <p>{adviceFor(failure)}</p>
      <p class="text-sm">
        Your form is kept as it was.
        {failure.refId && (
          <>
            {" "}Parallel’s reference: <code>{failure.refId}</code>
          </>
        )}
      </p>
    </div>
  );
}

function titleOf(failure: ApiFailure): string {
  switch (failure.kind) {
    case "refused":
      return `Parallel refused the request (${failure.status})`;
    case "unreachable":
      return "The Task API cannot be reached";
    case "timeout":
      return "The Task API did not answer in time";
    case "malformed":
      return "The Task API gave an answer that makes no sense";
  }
}
