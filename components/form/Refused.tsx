/** The API did not make a run: its own words, what was kept, what to do. */
import { adviceFor, type ApiFailure, mayHaveCreated } from "../../lib/parallel/errors.ts";
import { Summary, WrongFields } from "./ErrorSummary.tsx";
import type { FormState } from "./Field.tsx";
import { failureHeadline, wrongFields } from "./headline.ts";

export function Refused({ failure, form }: { failure: ApiFailure; form: FormState }) {
  const asksAgain = wrongFields(form).length > 0;
  return (
    <Summary>
      <h2>{failureHeadline(failure)}</h2>
      <p>{failure.message}</p>
      <p>{adviceFor(failure)}</p>
      {mayHaveCreated(failure) && (
        <p>
          It was not sent again, and “Create task” does not send it again as it stands. “Send it
          anyway”, beside it, does: if the first one exists there are two then, each billed.
        </p>
      )}
      <p class="text-sm">
        Your form is kept as it was{asksAgain ? ", but for this:" : "."}
      </p>
      <WrongFields form={form} />
      {failure.refId && (
        <p class="text-sm">
          Parallel’s reference: <code>{failure.refId}</code>
        </p>
      )}
    </Summary>
  );
}
