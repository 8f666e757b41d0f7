/** The API did not make a run: its own words, what was kept, what to do. */
import { adviceFor, type ApiFailure, mayHaveCreated } from "../../lib/parallel/errors.ts";

export function Refused({ failure }: { failure: ApiFailure }) {
  return (
    <div id="errors" class="notice mb-6" role="alert" tabIndex={-1} aria-labelledby="errors-title">
      <h2 id="errors-title">{titleOf(failure)}</h2>
      <p>{failure.message}</p>
      <p>{adviceFor(failure)}</p>
      {mayHaveCreated(failure) && (
        <p>
          It was not sent again, and “Create task” does not send it again as it stands. “Send it
          anyway”, beside it, does: if the first one exists there are two then, each billed.
        </p>
      )}
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
    case "pending":
      return "This task is on its way already";
    case "limited":
      return "Too many tasks in a minute";
    case "unreachable":
      return mayHaveCreated(failure)
        ? "The connection broke: the task may exist"
        : "The Task API cannot be reached";
    case "timeout":
      return "The answer got lost: the task may exist";
    case "malformed":
      return mayHaveCreated(failure)
        ? "The answer makes no sense: the task may exist"
        : "The Task API gave an answer that makes no sense";
  }
}
