/** The API did not make a run: its own words, what was kept, what to do. */
import { adviceFor, type ApiFailure, mayHaveCreated } from "../../lib/parallel/mod.ts";
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
          We have not resent it, and “Create task” does not resend it unchanged. “Send anyway” may
          create a second task, and both would be billed.
        </p>
      )}
      <p class="text-sm">
        Your form is unchanged{asksAgain ? ", except for:" : "."}
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
