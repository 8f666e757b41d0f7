/** The page of a new task: the form, what went wrong with it, examples and the latest runs. */
import type { ComponentChildren } from "preact";
import type { ApiFailure } from "../../lib/parallel/mod.ts";
import type { RunSummary } from "../../lib/runs/model/mod.ts";
import { LatestRuns } from "./LatestRuns.tsx";
import { SimulatedTape } from "../ui/Simulated.tsx";
import { ErrorSummary } from "./ErrorSummary.tsx";
import { Examples } from "./Examples.tsx";
import { type FormFilled, FormNote } from "./FormNote.tsx";
import type { OptionFieldsProps } from "./OptionFields.tsx";
import { OverBudget, type OverBudgetProps } from "./OverBudget.tsx";
import { Refused } from "./Refused.tsx";
import { RequestTools, type RequestToolsProps } from "./RequestTools.tsx";
import { TaskFields } from "./TaskFields.tsx";

export interface NewTaskProps extends OptionFieldsProps, RequestToolsProps {
  /** Makes one task of a double submit. */
  readonly idempotencyKey: string;
  /** The run that is edited and run again. */
  readonly rerunOf: string | null;
  readonly sandbox: boolean;
  readonly latest: readonly RunSummary[];
  readonly now: number;
  /** The line that sends it: an island. */
  readonly send: ComponentChildren;
  /** What filled the form, if not the person. */
  readonly filled: FormFilled | null;
  /** Why the API made no run of it. */
  readonly failure: ApiFailure | null;
  /** It was not sent, for the budget. */
  readonly overBudget?: OverBudgetProps | null;
}

export function NewTask(props: NewTaskProps) {
  const { form, filled } = props;
  return (
    <>
      {props.sandbox && (
        <SimulatedTape>
          This is a sandbox account: runs cost nothing, and what they find is made up.
        </SimulatedTape>
      )}
      <div class="columns mt-6">
        <form id="task" method="post" action="/tasks" noValidate class="min-w-0">
          <Outcome {...props} />
          <p data-draft="" class="notice calm mb-6" role="status" hidden>
            Restored your draft from this browser.{" "}
            <button type="button" class="plain touch">Start over</button>
          </p>
          <p data-undo="" class="notice calm mb-6" role="status" hidden>
            <span></span> <button type="button" class="plain touch">Undo</button>
          </p>
          {filled && <FormNote filled={filled} />}
          <input type="hidden" name="idempotency_key" value={props.idempotencyKey} />
          {props.rerunOf && <input type="hidden" name="rerun_of" value={props.rerunOf} />}
          <TaskFields form={form} finished={props.finished} receiver={props.receiver} />
          {props.send}
          <RequestTools
            request={props.request}
            showCode={props.showCode}
            pasteProblem={props.pasteProblem}
            link={props.link}
          />
        </form>
        <div class="stack content-start">
          <Examples />
          <div id="latest-runs">
            <LatestRuns runs={props.latest} now={props.now} />
          </div>
        </div>
      </div>
    </>
  );
}

/** What became of the form that was sent, if it made no run. */
function Outcome({ form, failure, overBudget, pasteProblem }: NewTaskProps) {
  if (failure) return <Refused failure={failure} form={form} />;
  if (overBudget) return <OverBudget {...overBudget} form={form} />;
  return <ErrorSummary form={form} pasteProblem={pasteProblem} />;
}
