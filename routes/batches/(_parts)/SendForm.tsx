/** The form that sends a batch's rows, with the line that says what they cost. */
import type { ComponentChildren } from "preact";
import { FieldError, NoEnter } from "../../../components/form/Field.tsx";
import { UnloadedNote } from "../../../components/form/UnloadedNote.tsx";
import { planShown } from "../../(_parts)/plan_shown.ts";
import BatchForm from "../../../islands/BatchForm.tsx";
import { dollars } from "../../../lib/base/mod.ts";
import { FORM_FIELDS, type TaskFormValues } from "../../../lib/tasks/fields/mod.ts";

/** Rows of a trial. */
const TRIAL_ROWS = 3;

export interface SendFormProps {
  readonly action: string;
  readonly rows: number;
  readonly values: TaskFormValues;
  /** What is wrong with the number of rows to try. */
  readonly problem: string | undefined;
  readonly sandbox: boolean;
  /** What is left of the monthly budget (US dollars); `null` if none is set. */
  readonly leftUsd: number | null;
  /** What is typed is kept with the table. */
  readonly isKept?: boolean;
  readonly children: ComponentChildren;
}

export function SendForm(
  { action, rows, values, problem, sandbox, leftUsd, isKept = false, children }: SendFormProps,
) {
  return (
    <form
      id="batch"
      method="post"
      action={action}
      noValidate
      class="stack"
      data-fields={FORM_FIELDS.join(" ")}
    >
      <NoEnter />
      {children}
      <UnloadedNote isKept={isKept} />
      {/* Two buttons choose it: the summary of what is wrong links here. */}
      <div id="trial" tabIndex={-1}>
        <FieldError name="trial" problem={problem} />
      </div>
      <BatchForm
        rows={rows}
        trial={TRIAL_ROWS}
        plan={planShown(values)}
        sandbox={sandbox}
        leftUsd={leftUsd}
      />
    </form>
  );
}

/** Confirms that the rows run although they exceed the budget. */
export function OverBudgetTick({ price }: { readonly price: number }) {
  return (
    <label class="choice">
      <input type="checkbox" name="over_budget" value="on" />
      Run the rows anyway, for {dollars(price)}
    </label>
  );
}
