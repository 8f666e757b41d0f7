/** Builds a batch from a table and the posted form, or reports problems by field. */
import { type BatchTask, type NewBatch, RESERVED_METADATA } from "../../../lib/batches/mod.ts";
import {
  duplicateRows,
  inputOf,
  type InputProblem,
  inputProblems,
  planInputs,
  type Table,
} from "../../../lib/batches/model/mod.ts";
import { beginning, inTurns } from "../../../lib/base/mod.ts";
import {
  checkForm,
  type FormProblems,
  maskServersText,
  readValues,
  type TaskFormValues,
} from "../../../lib/tasks/fields/mod.ts";
import { choicesJson, type ColumnChoice, defaultChoices, postedChoices } from "./column_choice.ts";

/** Problems by field name. */
export type BatchProblems = FormProblems & {
  readonly table?: string;
  readonly sheet?: string;
  readonly columns?: string;
  readonly template?: string;
  readonly trial?: string;
};

/** The form as typed, ready to redisplay, and what it describes. */
export interface Composed {
  readonly name: string;
  readonly values: TaskFormValues;
  readonly choices: readonly ColumnChoice[];
  readonly template: string;
  readonly problems: BatchProblems;
  /** The input and the request of the first row; `null` if the form is invalid. */
  readonly first: FirstRow | null;
  /** Rows that cannot be sent. */
  readonly unfit: readonly InputProblem[];
  /** Duplicate rows. */
  readonly repeated: number;
  /** `null` if there is a problem. */
  readonly batch: NewBatch | null;
}

/** A draft and its form. */
export interface DraftView extends Composed {
  readonly id: string;
  readonly table: Table;
}

/** The request for the first row. */
export interface FirstRow {
  readonly input: unknown;
  readonly task: BatchTask | null;
}

/** Maximum length of a batch's name (characters). */
const NAME_CHARS = 200;
/** Maximum rows of a trial, to keep it cheap. */
const MAX_TRIAL_ROWS = 100;

export async function compose(
  draft: { readonly name: string; readonly table: Table },
  form: FormData,
): Promise<Composed> {
  const { table } = draft;
  const values = readValues(form);
  const choices = postedChoices(form, table) ?? defaultChoices(table);
  const template = textOf(form, "template");
  const name = beginning(textOf(form, "name").trim(), NAME_CHARS) || draft.name;
  const columns = textOf(form, "columns") ||
    (form.has("choices") ? choicesJson(table, choices) : "");
  const problems: Record<string, string> = {};
  const planned = planInputs(table, { columns, template });
  if (!planned.ok) {
    for (const { field, message } of planned.problems) problems[field] ??= message;
  }
  const plan = planned.ok ? planned.plan : null;
  const input = plan === null ? null : inputOf(plan, table.rows[0]!);
  const task = taskOf(values, input, problems);
  const trial = trialOf(textOf(form, "trial"), problems);
  const specChars = task?.task_spec ? JSON.stringify(task.task_spec).length : 0;
  const unfit = plan === null ? [] : await inTurns(inputProblems(table, plan, specChars));
  if (unfit.length > 0) {
    problems.columns ??= unfit.length === 1
      ? "One row cannot be sent. Leave it out, or choose other columns."
      : "Some rows cannot be sent. Leave them out, or choose other columns.";
  }
  const masked = maskServersText(values.mcp_servers);
  const isRight = Object.keys(problems).length === 0;
  return {
    name,
    values: { ...values, mcp_servers: masked.text },
    choices,
    template,
    problems,
    first: input === null ? null : { input, task },
    unfit,
    repeated: (await inTurns(duplicateRows(table))).length,
    batch: isRight && plan !== null && task !== null ? { name, table, plan, task, trial } : null,
  };
}

/** Builds the shared task and validates it together with the first row's input. */
function taskOf(
  values: TaskFormValues,
  input: ReturnType<typeof inputOf> | null,
  problems: Record<string, string>,
): BatchTask | null {
  const sample = input ?? "x";
  const checked = checkForm({
    ...values,
    input: typeof sample === "string" ? sample : JSON.stringify(sample),
    input_format: typeof sample === "string" ? "text" : "json",
  });
  if (!checked.ok) {
    const { input: ofInput, input_format: _, ...others } = checked.problems;
    Object.assign(problems, others);
    // An empty first row is reported with the other rows that cannot be sent.
    if (ofInput !== undefined && Object.keys(Object(sample)).length > 0) {
      problems.columns ??= ofInput;
    }
    return null;
  }
  const { input: _, ...task } = checked.input;
  const taken = RESERVED_METADATA.filter((name) => Object.hasOwn(task.metadata ?? {}, name));
  if (taken.length > 0) {
    problems.metadata ??= `“${taken.join("” and “")}” ${
      taken.length === 1 ? "is" : "are"
    } used by the batch itself: each run’s metadata says which row it is. Choose another name.`;
  }
  return task;
}

/** Rows to send first; `null` for all. */
export function trialOf(text: string, problems: Record<string, string>): number | null {
  const typed = text.trim();
  if (typed === "") return null;
  const rows = Number(typed);
  if (Number.isSafeInteger(rows) && rows > 0 && rows <= MAX_TRIAL_ROWS) return rows;
  problems.trial = `Try 1 to ${MAX_TRIAL_ROWS} rows first, or leave this empty to run all.`;
  return null;
}

export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value.replace(/\r\n?/g, "\n") : "";
}

/** Fields of a single submission or a single task, which a draft does not keep. */
const LEFT_OUT = new Set([
  "draft",
  "drop",
  "idempotency_key",
  "input",
  "input_format",
  "keep",
  "over_budget",
  "paste",
  "rerun_of",
  "several",
  "suggest",
  "table",
  "trial",
]);

/** The form's fields as a draft stores them: without the table, and with secrets of MCP servers masked. */
export function fieldsOf(form: FormData): Record<string, string> {
  return Object.fromEntries(
    [...form].flatMap(([name, value]) => {
      if (typeof value !== "string" || LEFT_OUT.has(name)) return [];
      return [[name, name === "mcp_servers" ? maskServersText(value).text : value]];
    }),
  );
}
