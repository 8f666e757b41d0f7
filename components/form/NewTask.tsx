/** The page of a new task: the form, its problems, and beside it what to start from. */
import type { ComponentChildren } from "preact";
import type { RunSummary } from "../../lib/runs/model/mod.ts";
import { EXAMPLES, FORM_FIELDS } from "../../lib/tasks/fields/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { SandboxLine } from "../ui/Simulated.tsx";
import { LatestRuns } from "./LatestRuns.tsx";
import { type FormFilled, FormNote } from "./FormNote.tsx";
import { NoEnter } from "./Field.tsx";
import { OptionFields, type OptionFieldsProps } from "./OptionFields.tsx";
import { Outcome, type OutcomeProps } from "./Outcome.tsx";
import { UnloadedNote } from "./UnloadedNote.tsx";
import { ProcessorChoice } from "./ProcessorChoice.tsx";
import { PasteRequest, RequestTools, type RequestToolsProps } from "./RequestTools.tsx";
import { Events, Output, Question } from "./TaskFields.tsx";

export interface NewTaskProps extends OptionFieldsProps, OutcomeProps, RequestToolsProps {
  /** A form that is sent twice creates one task. */
  readonly idempotencyKey: string;
  /** The run that is edited and run again. */
  readonly rerunOf: string | null;
  readonly sandbox: boolean;
  /** Each line of the question is its own input: together they become a batch. */
  readonly several: boolean;
  readonly latest: readonly RunSummary[];
  readonly now: number;
  /** The line with the submit button: an island. */
  readonly send: ComponentChildren;
  /** What filled the form, if not the person who uses it. */
  readonly filled: FormFilled | null;
}

const FORM = "task";

export function NewTask(props: NewTaskProps) {
  const { form, filled, several } = props;
  const isCalm = props.failure === null && !props.overBudget && props.pasteProblem === null &&
    Object.keys(form.problems).length === 0;
  return (
    <>
      {props.sandbox && <SandboxLine />}
      <div class="form-columns">
        <form
          id={FORM}
          method="post"
          action="/tasks"
          noValidate
          class="min-w-0"
          data-fields={FORM_FIELDS.join(" ")}
        >
          <NoEnter />
          <Outcome {...props} />
          <input type="hidden" name="idempotency_key" value={props.idempotencyKey} />
          {props.rerunOf && <input type="hidden" name="rerun_of" value={props.rerunOf} />}
          <Question
            form={form}
            several={several}
            focused={isCalm && !props.showCode}
            notes={
              <>
                <p data-draft="" role="status" hidden>
                  Restored your draft. <button type="button" class="plain touch">Start over</button>
                </p>
                <p data-undo="" role="status" hidden>
                  <span></span> <button type="button" class="plain touch">Undo</button>
                </p>
                <UnloadedNote isKept />
                {filled && <FormNote filled={filled} />}
              </>
            }
          />
          <Output
            form={form}
            hasQuestion={!several}
            suggest={!several && (
              <p class="unscripted mt-2">
                <button type="submit" name="show" value="suggest" class="button">
                  Suggest from the question
                </button>
              </p>
            )}
          />
          <ProcessorChoice form={form} />
          <Events form={form} />
          <OptionFields form={form} finished={props.finished} receiver={props.receiver}>
            <RequestTools request={props.request} showCode={props.showCode} link={props.link} />
          </OptionFields>
          {props.send}
        </form>
        <div class="stack content-start">
          <Examples filled={filled} pasteProblem={props.pasteProblem} />
          <div id="latest-runs">
            <LatestRuns runs={props.latest} now={props.now} />
          </div>
        </div>
      </div>
    </>
  );
}

/** Ready-made tasks, and other ways to begin. A link fills the form on the server; the island in place. */
function Examples(
  { filled, pasteProblem }: Pick<NewTaskProps, "filled" | "pasteProblem">,
) {
  const current = filled?.by === "example" ? filled.title : null;
  return (
    <section aria-labelledby="examples">
      <h2 id="examples" class="text-sm">Start from</h2>
      <ul class="starts">
        {EXAMPLES.map(({ id, title, summary, input }) => (
          <li key={id}>
            <a
              href={`/?example=${encodeURIComponent(id)}`}
              data-example={id}
              // “false” keeps the framework from marking every link to “/” as current.
              aria-current={title === current ? "true" : "false"}
            >
              <b>{title}</b>
              <span>{summary} · {input.processor}</span>
            </a>
          </li>
        ))}
      </ul>
      <PasteRequest problem={pasteProblem} formId={FORM} />
      <p class="side-tool">
        <a href="/batches/new">
          <Icon name="table" /> Upload a table
        </a>
      </p>
    </section>
  );
}
