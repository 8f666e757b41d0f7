/** The form that adds columns to a batch: reads and validates it. */
import type { OverBudgetProps } from "../../../../components/form/Outcome.tsx";
import type { BatchPage, NewColumns } from "../../../../lib/batches/mod.ts";
import { inputOf } from "../../../../lib/batches/model/mod.ts";
import type { State } from "../../../../lib/state.ts";
import {
  checkForm,
  emptyForm,
  type FormProblems,
  readValues,
  type TaskFormValues,
} from "../../../../lib/tasks/fields/mod.ts";
import { textOf, trialOf } from "../../(_parts)/compose.ts";

export type ColumnProblems = FormProblems & { readonly trial?: string };

export interface NewColumnsProps {
  readonly batchId: string;
  /** Names these columns, so that a form sent twice adds them once. */
  readonly version: string;
  readonly name: string;
  readonly rows: number;
  readonly sandbox: boolean;
  readonly values: TaskFormValues;
  readonly problems: ColumnProblems;
  readonly overBudget: OverBudgetProps | null;
  /** What became of the fields that were typed before signing in. */
  readonly note: string | null;
  /** What is left of the monthly budget (US dollars); `null` if none is set. */
  readonly leftUsd: number | null;
}

/** Builds the form's page. Without content it is the initial form. */
export async function newColumnsProps(
  { services, account }: State,
  { batch, view }: BatchPage,
  content: Partial<
    Pick<NewColumnsProps, "version" | "values" | "problems" | "overBudget" | "note">
  >,
): Promise<NewColumnsProps> {
  const budget = account === null || account.sandbox
    ? null
    : await services.histories.budgets.state(account.id);
  return {
    batchId: batch.id,
    version: crypto.randomUUID(),
    name: view.name,
    rows: view.rows,
    sandbox: batch.simulated,
    values: { ...emptyForm(), output_type: "json", processor: batch.processor },
    problems: {},
    overBudget: null,
    note: null,
    leftUsd: budget === null ? null : budget.budget_usd - budget.spent_usd - budget.open_usd,
    ...content,
  };
}

export type AskedColumns =
  & { readonly values: TaskFormValues; readonly version: string }
  & (
    | { readonly ok: true; readonly columns: NewColumns }
    | { readonly ok: false; readonly problems: ColumnProblems }
  );

/** Reads a posted form. Only the output and the processor are new. */
export function columnsIn(form: FormData, { batch, rows }: BatchPage): AskedColumns {
  const { output_type, text_description, json_schema, processor } = readValues(form);
  const values = {
    ...emptyForm(),
    output_type,
    text_description,
    json_schema,
    processor: processor || batch.processor,
  };
  const posted = textOf(form, "version");
  const version = UUID.test(posted) ? posted : crypto.randomUUID();
  const sample = rows[0] === undefined ? "x" : inputOf(batch.plan, rows[0]);
  const checked = checkForm({
    ...values,
    input: typeof sample === "string" ? sample : JSON.stringify(sample),
    input_format: typeof sample === "string" ? "text" : "json",
  });
  const problems: Record<string, string> = {};
  const trial = trialOf(textOf(form, "trial"), problems);
  if (!checked.ok) {
    // The input comes from the table and was validated with it.
    const { input: _, input_format: __, ...wrong } = checked.problems;
    Object.assign(problems, wrong);
  }
  if (!checked.ok || Object.keys(problems).length > 0) {
    return { ok: false, values, version, problems };
  }
  const { output_schema = { type: "auto" } as const } = checked.input.task_spec ?? {};
  return {
    ok: true,
    values,
    version,
    columns: {
      processor: values.processor,
      task_spec: { ...batch.task.task_spec, output_schema },
      trial,
    },
  };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
