/** The page of a new task: the form, its problems, examples and the latest runs. */
import type { ComponentChildren } from "preact";
import type { RunSummary } from "../../lib/runs/model/mod.ts";
import { EXAMPLES, FORM_FIELDS } from "../../lib/tasks/fields/mod.ts";
import { LatestRuns } from "./LatestRuns.tsx";
import { SimulatedLine } from "../ui/Simulated.tsx";
import { type FormFilled, FormNote } from "./FormNote.tsx";
import type { OptionFieldsProps } from "./OptionFields.tsx";
import { Outcome, type OutcomeProps } from "./Outcome.tsx";
import { RequestTools, type RequestToolsProps } from "./RequestTools.tsx";
import { TaskFields } from "./TaskFields.tsx";

export interface NewTaskProps extends OptionFieldsProps, OutcomeProps, RequestToolsProps {
  /** A form that is sent twice creates one task. */
  readonly idempotencyKey: string;
  /** The run that is edited and run again. */
  readonly rerunOf: string | null;
  readonly sandbox: boolean;
  readonly latest: readonly RunSummary[];
  readonly now: number;
  /** The line with the submit button: an island. */
  readonly send: ComponentChildren;
  /** What filled the form, if not the person who uses it. */
  readonly filled: FormFilled | null;
}

export function NewTask(props: NewTaskProps) {
  const { form, filled } = props;
  return (
    <>
      {props.sandbox && (
        <SimulatedLine>
          This is a sandbox account: runs cost nothing, and what they find is made up.
        </SimulatedLine>
      )}
      <div class="columns mt-6">
        <form
          id="task"
          method="post"
          action="/tasks"
          noValidate
          class="min-w-0"
          data-fields={FORM_FIELDS.join(" ")}
        >
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
          <p>
            Many inputs? <a href="/batches/new">Run a table as a batch</a>
          </p>
          <div id="latest-runs">
            <LatestRuns runs={props.latest} now={props.now} />
          </div>
        </div>
      </div>
    </>
  );
}

/** Ready-made tasks. A link fills the form on the server; the island fills it in place. */
function Examples() {
  return (
    <section aria-labelledby="examples">
      <h2 id="examples">Start from an example</h2>
      <ul class="lines">
        {EXAMPLES.map((example) => (
          <li key={example.id}>
            <a href={`/?example=${encodeURIComponent(example.id)}`} data-example={example.id}>
              {example.title}
            </a>
            <p class="text-sm text-soft">{example.summary}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
