/** The page of a new task, shared by several routes. */
import { Head } from "fresh/runtime";
import { PREFIX } from "../../components/form/draft.ts";
import { headlineOf } from "../../components/form/headline.ts";
import { linesIn } from "../../components/form/values.ts";
import { planShown } from "./plan_shown.ts";
import { NewTask, type NewTaskProps } from "../../components/form/NewTask.tsx";
import TaskForm from "../../islands/TaskForm.tsx";
import { mayHaveCreated } from "../../lib/parallel/mod.ts";

export interface NewTaskPageProps extends Omit<NewTaskProps, "send"> {
  /** The account's ID, for its drafts in the browser. */
  readonly account: string;
  /** Whether the form holds a submitted task. */
  readonly continues: boolean;
}

/**
 * Hides the form while a draft waits to be put into it, so that it does not move visibly. Runs before the form is
 * painted.
 */
const RESTORING = "try{localStorage[document.currentScript.dataset.key+location.pathname+" +
  "location.search]&&(document.documentElement.dataset.restoring='')}catch{}";

export function NewTaskPage(props: NewTaskPageProps) {
  const { form, failure } = props;
  const lost = failure !== null && mayHaveCreated(failure);
  return (
    <>
      <Head>
        <title>{[headlineOf(props), "New task", "Taskstream"].filter(Boolean).join(" · ")}</title>
      </Head>
      {!props.continues && (
        <script
          data-key={`${PREFIX}${props.account}:`}
          // deno-lint-ignore react-no-danger
          dangerouslySetInnerHTML={{ __html: RESTORING }}
        />
      )}
      <NewTask
        {...props}
        send={
          <TaskForm
            plan={planShown(form.values)}
            inputs={props.several ? linesIn(form.values.input).length : null}
            retry={failure !== null && failure.kind !== "refused" && !lost}
            againKey={lost ? crypto.randomUUID() : null}
            account={props.account}
            continues={props.continues}
          />
        }
      />
    </>
  );
}
