/** The page of a new batch: upload a table, check it, send it. */
import { Head } from "fresh/runtime";
import type { FormState } from "../../../components/form/Field.tsx";
import { type OverBudgetProps, Summary } from "../../../components/form/Outcome.tsx";
import { failureHeadline, wrongFields } from "../../../components/form/headline.ts";
import { OptionFields } from "../../../components/form/OptionFields.tsx";
import { ProcessorChoice } from "../../../components/form/ProcessorChoice.tsx";
import { Events, Output } from "../../../components/form/TaskFields.tsx";
import { Ago } from "../../../components/ui/Ago.tsx";
import { Icon } from "../../../components/ui/Icon.tsx";
import { SandboxLine } from "../../../components/ui/Simulated.tsx";
import { count, dollars } from "../../../lib/base/mod.ts";
import type { UnsentDraft } from "../../../lib/batches/mod.ts";
import { type BatchLimits, suggestSchemaFromColumns } from "../../../lib/batches/model/mod.ts";
import { FIELDS } from "../../../lib/tasks/fields/mod.ts";
import { adviceFor, type ApiFailure } from "../../../lib/parallel/mod.ts";
import type { BatchProblems, DraftView } from "./compose.ts";
import { FirstRowPreview, InputColumns } from "./InputColumns.tsx";
import { ReadAs } from "./ReadAs.tsx";
import { OverBudgetTick, SendForm } from "./SendForm.tsx";
import { TableUpload, type UploadValues } from "./TableUpload.tsx";

export interface NewBatchProps {
  readonly sandbox: boolean;
  readonly limits: BatchLimits;
  readonly upload: UploadValues;
  /** What was typed for a table that is gone. It goes with the next table. */
  readonly fields: Readonly<Record<string, string>>;
  readonly draft: DraftView | null;
  readonly problems: BatchProblems;
  /** What the last button did, if worth reporting. */
  readonly note: string | null;
  /** Why the API did not create a group. */
  readonly failure: ApiFailure | null;
  readonly overBudget: OverBudgetProps | null;
  /** What is left of the monthly budget (US dollars); `null` if none is set. */
  readonly leftUsd: number | null;
  readonly finished: readonly { readonly id: string; readonly title: string }[];
  /** Tables that were uploaded before and not sent. */
  readonly unsent: readonly UnsentDraft[];
  /** Unix ms. */
  readonly now: number;
  readonly receiver: string | null;
}

export function NewBatchPage(props: NewBatchProps) {
  const { draft, failure, overBudget } = props;
  const wrong = failure !== null || overBudget !== null || Object.keys(props.problems).length > 0;
  return (
    <>
      <Head>
        <title>{`${wrong ? "Error: nothing was sent · " : ""}New batch · Taskstream`}</title>
      </Head>
      {props.sandbox && <SandboxLine />}
      <h1>New batch</h1>
      {draft === null && (
        <p class="max-w-[70ch] text-soft">
          Upload or paste a table. Each row becomes a run, and its answers become new columns with
          their sources.
        </p>
      )}
      <div class="mt-4">
        <Outcome {...props} />
        {draft === null
          ? (
            <>
              <UnsentTables {...props} />
              <TableUpload
                limits={props.limits}
                upload={props.upload}
                fields={props.fields}
                problem={props.problems.table}
                isFirst
              />
            </>
          )
          : (
            <>
              <BatchFields {...props} draft={draft} />
              <details class="fold mt-8">
                <summary>Read another table</summary>
                <TableUpload limits={props.limits} upload={props.upload} />
              </details>
            </>
          )}
      </div>
    </>
  );
}

function UnsentTables({ unsent, now }: NewBatchProps) {
  if (unsent.length === 0) return null;
  const linesOf = (tables: typeof unsent) => (
    <ul class="lines mt-2">
      {tables.map(({ id, name, rows, created_ms }) => (
        <li key={id}>
          <a href={`/batches/new?draft=${encodeURIComponent(id)}`}>{name || "Table"}</a>{" "}
          <span class="text-soft">
            {count(rows)} {rows === 1 ? "row" : "rows"}, uploaded <Ago ms={created_ms} now={now} />
          </span>
        </li>
      ))}
    </ul>
  );
  const earlier = unsent.slice(NEWEST);
  return (
    <section class="mb-6" aria-labelledby="unsent">
      <h2 id="unsent">Not sent yet</h2>
      {linesOf(unsent.slice(0, NEWEST))}
      {earlier.length > 0 && (
        <details class="fold mt-2">
          <summary>{earlier.length} more</summary>
          {linesOf(earlier)}
        </details>
      )}
    </section>
  );
}

/** Tables that are not folded. */
const NEWEST = 3;

function BatchFields(props: NewBatchProps & { readonly draft: DraftView }) {
  const { draft, overBudget, sandbox } = props;
  const form: FormState = { values: draft.values, problems: props.problems };
  return (
    <SendForm
      action="/batches"
      rows={draft.table.rows.length}
      values={draft.values}
      problem={props.problems.trial}
      sandbox={sandbox}
      leftUsd={props.leftUsd}
      isKept
    >
      <input type="hidden" name="draft" value={draft.id} />
      {overBudget !== null && <OverBudgetTick price={overBudget.price} />}
      <ReadAs draft={draft} sheetProblem={props.problems.sheet} />
      <div class="max-w-[30rem]">
        <label for="name">Name of the batch</label>
        <input id="name" name="name" value={draft.name} maxLength={200} autocomplete="off" />
      </div>
      <InputColumns
        table={draft.table}
        choices={draft.choices}
        template={draft.template}
        problems={props.problems}
      />
      <Output
        form={form}
        suggest={suggestSchemaFromColumns(draft.table) && (
          <p class="beside">
            <button
              type="submit"
              name="suggest"
              value="columns"
              formaction="/batches/preview"
              class="button"
            >
              <Icon name="wand-sparkles" /> Suggest from empty columns
            </button>
            <span class="text-sm text-soft">
              Columns with a heading and no values become fields.
            </span>
          </p>
        )}
      />
      <ProcessorChoice form={form} />
      <Events form={form} />
      <OptionFields form={form} finished={props.finished} receiver={props.receiver} />
      <FirstRowPreview first={draft.first} />
    </SendForm>
  );
}

/** The outcome of the submitted form, if it created no batch. */
function Outcome({ draft, problems, failure, overBudget, note }: NewBatchProps) {
  if (failure?.kind === "pending") {
    return (
      <Summary caution>
        <h2>This table is already being sent</h2>
        <p>{failure.message}</p>
      </Summary>
    );
  }
  if (failure !== null) {
    return (
      <Summary>
        <h2>{failureHeadline(failure)}</h2>
        <p>{failure.message}</p>
        <p>{adviceFor(failure)}</p>
        <p>No row was sent. Your table and the form are unchanged.</p>
      </Summary>
    );
  }
  if (overBudget !== null) {
    const { budget_usd, spent_usd, open_usd } = overBudget.budget;
    return (
      <Summary caution>
        <h2>These rows would exceed your monthly budget</h2>
        <p>
          They cost {dollars(overBudget.price)}. Of {dollars(budget_usd)}, {dollars(spent_usd)}{" "}
          are spent this month (UTC){open_usd > 0 && ` and ${dollars(open_usd)} in progress`}.
          Nothing was sent. Tick “Run the rows anyway” below, or{" "}
          <a href="/tasks#budget">change the budget</a>.
        </p>
      </Summary>
    );
  }
  const wrong = Object.entries(labelsOf(problems));
  if (wrong.length > 0) {
    return (
      <Summary>
        <h2>
          Nothing was sent. {wrong.length === 1 ? "Fix one field" : `Fix ${wrong.length} fields`}:
        </h2>
        <ul>
          {wrong.map(([name, label]) => (
            <li key={name}>
              <a href={`#${name}`}>{label}</a>
            </li>
          ))}
        </ul>
        {draft !== null && draft.unfit.length > 0 && (
          <p>{count(draft.unfit.length)} rows are listed below the table.</p>
        )}
      </Summary>
    );
  }
  return note === null ? null : <p class="notice calm mb-6" role="status">{note}</p>;
}

const LABELS: Readonly<Record<string, string>> = {
  table: "Table",
  sheet: "Sheet",
  columns: "Columns",
  template: "Text with placeholders",
  trial: "Rows to try first",
};

/** The fields with a problem, in the order of the page. */
function labelsOf(problems: BatchProblems): Record<string, string> {
  const own = Object.keys(LABELS).filter((name) => Object.hasOwn(problems, name));
  const task = wrongFields({ values: undefined as never, problems });
  return Object.fromEntries([
    ...own.map((name) => [name, LABELS[name]!] as const),
    ...task.map((name) => [name, FIELDS[name].label] as const),
  ]);
}
