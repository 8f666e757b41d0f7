/** The page that adds columns to a batch. */
import { Head } from "fresh/runtime";
import type { FormState } from "../../../../components/form/Field.tsx";
import { Summary } from "../../../../components/form/Outcome.tsx";
import { ProcessorChoice } from "../../../../components/form/ProcessorChoice.tsx";
import { Output } from "../../../../components/form/TaskFields.tsx";
import { SandboxLine } from "../../../../components/ui/Simulated.tsx";
import { count, dollars } from "../../../../lib/base/mod.ts";
import { FIELDS, type FormField } from "../../../../lib/tasks/fields/mod.ts";
import { OverBudgetTick, SendForm } from "../../(_parts)/SendForm.tsx";
import { KeptNote } from "../../../(_parts)/KeptNote.tsx";
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
      <KeptNote note={props.note} />
      <div class="mt-6">
        <SendForm
          action={`${base}/columns`}
          rows={rows}
          values={values}
          problem={problems.trial}
          sandbox={props.sandbox}
          leftUsd={props.leftUsd}
        >
          <input type="hidden" name="version" value={props.version} />
          <Wrong {...props} />
          <Output form={form} />
          <ProcessorChoice form={form} />
        </SendForm>
      </div>
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
        <OverBudgetTick price={overBudget.price} />
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
            {Object.hasOwn(FIELDS, name)
              ? <a href={`#${name}`}>{FIELDS[name as FormField].label}</a>
              // The rows have no field here.
              : message}
          </li>
        ))}
      </ul>
    </Summary>
  );
}
