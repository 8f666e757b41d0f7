/** What a form that was sent has come to, if it made no run: at the top of the page. */
import type { ComponentChildren } from "preact";
import { dollars } from "../../lib/base/mod.ts";
import { adviceFor, type ApiFailure, mayHaveCreated } from "../../lib/parallel/mod.ts";
import type { BudgetState } from "../../lib/runs/model/mod.ts";
import { FIELDS } from "../../lib/tasks/fields/mod.ts";
import { cx } from "../ui/cx.ts";
import type { FormState } from "./Field.tsx";
import { changesNeeded, failureHeadline, wrongFields } from "./headline.ts";

export interface OutcomeProps {
  readonly form: FormState;
  /** Why the API made no run of it. */
  readonly failure: ApiFailure | null;
  /** Set where it was not sent because of the budget. */
  readonly overBudget?: OverBudgetProps | null;
  /** Why a paste could not be read. */
  readonly pasteProblem: string | null;
}

export function Outcome({ form, failure, overBudget, pasteProblem }: OutcomeProps) {
  if (failure) return <Refused failure={failure} form={form} />;
  if (overBudget) return <OverBudget {...overBudget} form={form} />;
  return <ErrorSummary form={form} pasteProblem={pasteProblem} />;
}

/** Everything that is wrong with the form, each with a link to its field. */
function ErrorSummary({ form, pasteProblem }: Pick<OutcomeProps, "form" | "pasteProblem">) {
  const count = wrongFields(form).length + (pasteProblem === null ? 0 : 1);
  if (count === 0) return null;
  return (
    <Summary>
      <h2 data-count="">Nothing was sent. {changesNeeded(count)}:</h2>
      <WrongFields form={form} />
      {pasteProblem !== null && (
        <p>
          <a href="#paste">Paste a request</a>
        </p>
      )}
    </Summary>
  );
}

/** The API made no run: its message, and what to do. */
function Refused({ failure, form }: { failure: ApiFailure; form: FormState }) {
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

export interface OverBudgetProps {
  readonly budget: BudgetState;
  /** Of the task in the form (US dollars). */
  readonly price: number;
}

/** The task would exceed the monthly budget: what is left of it, and how to create the task anyway. */
function OverBudget({ budget, price, form }: OverBudgetProps & { form: FormState }) {
  const { budget_usd, spent_usd, open_usd } = budget;
  return (
    <Summary caution>
      <h2>This task would exceed your monthly budget</h2>
      <p>
        It costs {dollars(price)}. Of {dollars(budget_usd)}, {dollars(spent_usd)}{" "}
        are spent this month (UTC){open_usd > 0 && ` and ${dollars(open_usd)} in progress`}. Nothing
        was sent.
      </p>
      <WrongFields form={form} />
      <label class="choice">
        <input type="checkbox" name="over_budget" value="on" />
        Create it anyway
      </label>
      <p class="text-sm">
        <a href="/tasks#budget">Change the budget</a>
      </p>
    </Summary>
  );
}

/**
 * The message that gets the focus (static/page.js). The alert is inside the focused element: JAWS stopped
 * after the heading where one element was both (GOV.UK Frontend 4.4.0).
 */
export function Summary(
  { caution = false, children }: { caution?: boolean; children: ComponentChildren },
) {
  return (
    <div id="errors" class={cx("notice mb-6", caution && "caution")} tabIndex={-1}>
      <div role="alert">{children}</div>
    </div>
  );
}

/** Links to the invalid fields. Each field shows its own message, so the links do not repeat it. */
function WrongFields({ form }: { form: FormState }) {
  const names = wrongFields(form);
  if (names.length === 0) return null;
  return (
    <ul>
      {names.map((name) => (
        <li key={name}>
          <a href={`#${name}`}>{FIELDS[name].label}</a>
        </li>
      ))}
    </ul>
  );
}
