/** Rows to add to a batch. They are read and validated before anything is sent. */
import type { BatchPage, BatchService } from "../../../../lib/batches/mod.ts";
import {
  type BatchLimits,
  inputProblems,
  type MatchedRows,
  matchRows,
  placeOf,
  type Table,
} from "../../../../lib/batches/model/mod.ts";
import { count, inTurns } from "../../../../lib/base/mod.ts";
import { NO_DRAFT, readPosted } from "../../(_parts)/posted_draft.ts";
import { pricesOf } from "./batch_view.ts";

/** The table in a form, or why there is none. */
export type PostedRows =
  | {
    readonly ok: true;
    readonly table: Table;
    readonly name: string;
    /** `null` for a table that was just uploaded. */
    readonly draftId: string | null;
  }
  | { readonly ok: false; readonly status: 404 | 422; readonly message: string };

export async function postedRows(
  batches: BatchService,
  account: string,
  form: FormData,
  limits: BatchLimits,
): Promise<PostedRows> {
  const id = form.get("draft");
  if (typeof id !== "string" || id === "") {
    const read = await readPosted(form, limits);
    return read.ok ? { ...read, draftId: null } : { ...read, status: 422 };
  }
  const draft = await batches.draft(account, id);
  if (draft === null) return { ok: false, status: 404, message: NO_DRAFT };
  return { ok: true, table: draft.table, name: draft.name, draftId: id };
}

/** The rows in the batch's columns with their price, or why they cannot be added. */
export type AddedRows =
  | { readonly ok: true; readonly price_usd: number | null } & MatchedRows
  | { readonly ok: false; readonly message: string };

export async function addedRows(
  page: BatchPage,
  table: Table,
  limits: BatchLimits,
): Promise<AddedRows> {
  const { batch, view } = page;
  const no = (message: string): AddedRows => ({ ok: false, message });
  const matched = matchRows(batch.columns, table);
  if (matched === null) {
    const names = batch.columns.slice(0, 20).map(({ name }) => `“${name}”`).join(", ");
    return no(`The table has none of the batch’s columns. Its headings must be among ${names}.`);
  }
  const rows = view.rows + matched.rows.length;
  if (rows > limits.rows) {
    return no(
      `The batch would have ${count(rows)} rows; the limit is ${count(limits.rows)}. ` +
        "Create another batch for them.",
    );
  }
  const { task_spec } = batch.task;
  const specChars = task_spec ? JSON.stringify(task_spec).length : 0;
  const [first, ...more] = await inTurns(
    inputProblems({ ...table, columns: batch.columns, rows: matched.rows }, batch.plan, specChars),
  );
  if (first !== undefined) {
    const place = placeOf(table.format, { line: first.line, column: null });
    const others = more.length === 0 ? "" : ` ${count(more.length)} more cannot be sent either.`;
    return no(`${place}: ${first.message}${others} Correct the table and read it again.`);
  }
  const price_usd = pricesOf(page).reduce(
    (sum, price) => sum === null || price === null ? null : sum + price * matched.rows.length,
    0 as number | null,
  );
  return { ok: true, price_usd, ...matched };
}
