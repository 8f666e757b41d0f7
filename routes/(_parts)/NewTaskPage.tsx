/** The page of a new task, composed for the routes that show it. */
import { Head } from "fresh/runtime";
import { headlineOf } from "../../components/form/headline.ts";
import { NewTask, type NewTaskProps } from "../../components/form/NewTask.tsx";
import TaskForm from "../../islands/TaskForm.tsx";
import { mayHaveCreated } from "../../lib/parallel/mod.ts";
import { EXAMPLES, formValuesFrom } from "../../lib/tasks/fields/mod.ts";

export interface NewTaskPageProps extends Omit<NewTaskProps, "send"> {
  /** The account's id: whose drafts the browser keeps. */
  readonly account: string;
  /** The form holds what a submit has sent. */
  readonly continues: boolean;
}

export function NewTaskPage(props: NewTaskPageProps) {
  const { form, failure } = props;
  const lost = failure !== null && mayHaveCreated(failure);
  return (
    <>
      <Head>
        <title>{[headlineOf(props), "New task", "Taskstream"].filter(Boolean).join(" · ")}</title>
      </Head>
      <NewTask
        {...props}
        send={
          <TaskForm
            sandbox={props.sandbox}
            processor={form.values.processor}
            retry={failure !== null && failure.kind !== "refused" && !lost}
            againKey={lost ? crypto.randomUUID() : null}
            account={props.account}
            continues={props.continues}
            examples={EXAMPLES.map(({ id, input }) => ({
              id,
              values: given(formValuesFrom(input)),
            }))}
          />
        }
      />
    </>
  );
}

/** Empty fields go without saying. */
function given(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
}
