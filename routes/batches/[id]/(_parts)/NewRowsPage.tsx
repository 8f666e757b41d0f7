/** The page that adds rows to a batch: read a table, preview it, confirm. */
import { Head } from "fresh/runtime";
import { NoEnter } from "../../../../components/form/Field.tsx";
import { type OverBudgetProps, Summary } from "../../../../components/form/Outcome.tsx";
import { SandboxLine } from "../../../../components/ui/Simulated.tsx";
import { beginning, count, dollars } from "../../../../lib/base/mod.ts";
import type { BatchPage } from "../../../../lib/batches/mod.ts";
import type { BatchLimits } from "../../../../lib/batches/model/mod.ts";
import { KeptNote } from "../../../(_parts)/KeptNote.tsx";
import { NO_UPLOAD, TableUpload, type UploadValues } from "../../(_parts)/TableUpload.tsx";
import type { AddedRows } from "./new_rows.ts";

export interface NewRowsProps {
  readonly batch: BatchPage;
  readonly limits: BatchLimits;
  readonly upload?: UploadValues;
  /** Why the table cannot be added. */
  readonly problem?: string;
  /** Rows awaiting confirmation. */
  readonly added?: AddedRows & { readonly ok: true };
  readonly draftId?: string;
  readonly over?: OverBudgetProps | null;
  /** About what was typed before signing in again. */
  readonly note?: string | null;
}

/** Rows of the preview. */
const ROWS_SHOWN = 5;
const CELL_CHARS = 120;

export function NewRowsPage(props: NewRowsProps) {
  const { batch: { batch, view }, problem, added } = props;
  const base = `/batches/${encodeURIComponent(batch.id)}`;
  return (
    <>
      <Head>
        <title>
          {`${
            problem === undefined ? "" : "Error: nothing was added · "
          }Add rows · ${view.name} · Taskstream`}
        </title>
      </Head>
      {batch.simulated && <SandboxLine />}
      <p class="mt-2 text-sm">
        <a href={base}>{view.name}</a>
      </p>
      <h1>Add rows</h1>
      <p class="max-w-[70ch] text-soft">
        Upload or paste a table with the batch’s headings. Its rows are added at the end.
      </p>
      <KeptNote note={props.note ?? null} />
      <div class="mt-6">
        {added === undefined
          ? (
            <TableUpload
              limits={props.limits}
              upload={props.upload ?? NO_UPLOAD}
              problem={problem}
              action={`${base}/rows`}
            />
          )
          : <Confirm {...props} added={added} base={base} />}
      </div>
    </>
  );
}

function Confirm(
  { batch: { batch }, added, draftId = "", over = null, base }: NewRowsProps & {
    readonly added: AddedRows & { readonly ok: true };
    readonly base: string;
  },
) {
  const { rows, missing, unknown, price_usd } = added;
  const names = (columns: readonly string[]) =>
    columns.slice(0, 20).map((name) => `“${name}”`).join(", ");
  const what = rows.length === 1 ? "the row" : `the ${count(rows.length)} rows`;
  return (
    <form method="post" action={`${base}/rows`} encType="multipart/form-data" class="stack">
      <NoEnter />
      <input type="hidden" name="draft" value={draftId} />
      <input type="hidden" name="confirm" value="on" />
      {over !== null && (
        <Summary caution>
          <h2>These rows would exceed your monthly budget</h2>
          <p>They cost {dollars(over.price)}. Nothing was sent.</p>
          <label class="choice">
            <input type="checkbox" name="over_budget" value="on" /> Run the rows anyway
          </label>
        </Summary>
      )}
      {missing.length > 0 && <p>Empty in these rows: {names(missing)}.</p>}
      {unknown.length > 0 && <p>Ignored, because the batch has no such column: {names(unknown)}.
      </p>}
      <div class="pane" role="region" aria-label="First rows" tabIndex={0}>
        <table class="grid-table">
          <thead>
            <tr>{batch.columns.map(({ name }) => <th key={name} scope="col">{name}</th>)}</tr>
          </thead>
          <tbody>
            {rows.slice(0, ROWS_SHOWN).map(({ line, cells }) => (
              <tr key={line}>
                {cells.map((cell, at) => (
                  <td key={at}>
                    <bdi>{beginning(cell, CELL_CHARS).toWellFormed()}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="flex flex-wrap items-center gap-x-4">
        <button type="submit" class="button">
          Add {what}
          {price_usd !== null && ` · ${dollars(price_usd)}`}
        </button>
        <a href={`${base}/rows`}>Read another table</a>
      </p>
    </form>
  );
}
