/** The page that adds columns to a batch. */
import { Head } from "fresh/runtime";
import { FieldError, type FormState } from "../../../../components/form/Field.tsx";
import { Summary } from "../../../../components/form/Outcome.tsx";
import { ProcessorChoice } from "../../../../components/form/ProcessorChoice.tsx";
import { Output } from "../../../../components/form/TaskFields.tsx";
import { planOf } from "../../../../components/form/values.ts";
import { SandboxLine } from "../../../../components/ui/Simulated.tsx";
import BatchForm from "../../../../islands/BatchForm.tsx";
import { count, dollars } from "../../../../lib/base/mod.ts";
import { FIELDS, FORM_FIELDS, type FormField } from "../../../../lib/tasks/fields/mod.ts";
import { TRIAL_ROWS } from "../../(_parts)/NewBatchPage.tsx";
import type { NewColumnsProps } from "./new_columns.ts";

export function NewColumnsPage(props: NewColumnsProps) {
  const { batchId, name, rows, values, problems, overBudget } = props;
  const base = `/batches/${encodeURIComponent(batchId)}`;
  const form: FormState = { values, problems };
  const isWrong = overBudget !== null || Object.keys(problems).length > 0;
  return (
    <>
      <Head>
        <title>
          {`${isWrong ? "Error: nothing was sent · " : ""}Add columns · ${name} · Taskstream`}
        </title>
      </Head>
      {props.sandbox && <SandboxLine />}
      <p class="mt-2 text-sm">
        <a href={base}>{name}</a>
      </p>
      <h1>Add columns</h1>
      <p class="max-w-[70ch] text-soft">
        The same {rows === 1 ? "row runs" : `${count(rows)} rows run`}{" "}
        once more, for further fields. The answers become new columns in the table and its exports;
        the columns that are there stay as they are.
      </p>
      <form
        id="batch"
        method="post"
        action={`${base}/columns`}
        noValidate
        class="stack mt-6"
        data-fields={FORM_FIELDS.join(" ")}
      >
        <input type="hidden" name="version" value={props.version} />
        {/* Enter in a field activates a form's first button, so that one spends the least. */}
        <button
          type="submit"
          name="trial"
          value={rows > TRIAL_ROWS ? TRIAL_ROWS : ""}
          class="sr-only"
          tabIndex={-1}
          aria-hidden="true"
        >
          Send
        </button>
        <Wrong {...props} />
        <Output form={form} />
        <ProcessorChoice form={form} />
        <FieldError name="trial" problem={problems.trial} />
        <BatchForm
          rows={rows}
          trial={TRIAL_ROWS}
          plan={planOf(values)}
          sandbox={props.sandbox}
          leftUsd={props.leftUsd}
        />
      </form>
    </>
  );
}

/** The problems of the submitted form. */
function Wrong({ problems, overBudget }: NewColumnsProps) {
  if (overBudget !== null) {
    return (
      <Summary caution>
        <h2>These rows would exceed your monthly budget</h2>
        <p>They cost {dollars(overBudget.price)}. Nothing was sent.</p>
        <label class="choice">
          <input type="checkbox" name="over_budget" value="on" />
          Run the rows anyway, for {dollars(overBudget.price)}
        </label>
      </Summary>
    );
  }
  const wrong = Object.entries(problems);
  if (wrong.length === 0) return null;
  return (
    <Summary>
      <h2>Nothing was sent:</h2>
      <ul>
        {wrong.map(([name, message]) => (
          <li key={name}>
            <a href={`#${name}`}>
              {Object.hasOwn(FIELDS, name) ? FIELDS[name as FormField].label : "Rows"}
            </a>
            : {message}
          </li>
        ))}
      </ul>
    </Summary>
  );
}
