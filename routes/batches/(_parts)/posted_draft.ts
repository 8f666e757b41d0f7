/** Finds the draft of a form: a stored one, or a new one of the table in the form. */
import { beginning } from "../../../lib/base/mod.ts";
import { type BatchService, type Draft, readTable } from "../../../lib/batches/mod.ts";
import { type BatchLimits, placeOf, type Table } from "../../../lib/batches/model/mod.ts";
import { fieldsOf } from "./compose.ts";
import { firstFields, type NewBatchContent } from "./new_batch.ts";
import { postedTable, uploadValues } from "./upload.ts";

export type PostedDraft =
  | { readonly ok: true; readonly draft: Draft }
  | { readonly ok: false; readonly status: 404 | 422; readonly content: NewBatchContent };

/** The message for a missing draft. */
export const NO_DRAFT =
  "This table has expired: unsent tables are kept for 24 hours. Upload it again.";

const NAME_CHARS = 200;

/** Finds the draft named in the form, or stores the form's table as a new one. */
export async function postedDraft(
  batches: BatchService,
  account: string,
  form: FormData,
  limits: BatchLimits,
): Promise<PostedDraft> {
  const id = form.get("draft");
  if (typeof id === "string" && id !== "") {
    const draft = await batches.draft(account, id);
    if (draft !== null) return { ok: true, draft };
    const content = { problems: { table: NO_DRAFT }, fields: fieldsBesideTable(form) };
    return { ok: false, status: 404, content };
  }
  const read = await readPosted(form, limits);
  if (!read.ok) {
    const upload = uploadValues(form);
    return { ok: false, status: 422, content: { upload, problems: { table: read.message } } };
  }
  const { table, name, workbook } = read;
  const fields = { ...firstFields(table), ...fieldsOf(form) };
  const draftId = await batches.saveDraft(account, { name, table, fields }, workbook);
  const draft = await batches.draft(account, draftId);
  if (draft === null) throw new Error("The draft just stored is missing");
  return { ok: true, draft };
}

/** Reads the table in a form, or says why it cannot. */
export async function readPosted(form: FormData, limits: BatchLimits): Promise<
  | {
    readonly ok: true;
    readonly table: Table;
    readonly name: string;
    /** The file, if it is a workbook with several sheets. */
    readonly workbook: Uint8Array<ArrayBuffer> | null;
  }
  | { readonly ok: false; readonly message: string }
> {
  const posted = await postedTable(form);
  if (posted === null) return { ok: false, message: "Choose a file, or paste some rows." };
  const read = await readTable(posted.source, { ...posted, limits });
  if (read.ok) {
    const { table } = read;
    const { source } = posted;
    const workbook = table.sheets.length > 1 && typeof source !== "string" ? source : null;
    return { ok: true, table, name: nameOf(posted.fileName), workbook };
  }
  const place = placeOf(read.format, read.problem), { message } = read.problem;
  return { ok: false, message: place === "" ? message : `${place}: ${message}` };
}

/** The file name without its extension. */
function nameOf(fileName: string): string {
  const stem = fileName.replace(/^.*[\\/]/, "").replace(/\.[^.]{1,8}$/, "").trim();
  return beginning(stem, NAME_CHARS) || "Pasted table";
}

/** Reads the draft's table from another sheet of its workbook, or says why it cannot. */
export async function otherSheet(
  batches: BatchService,
  account: string,
  { id, table: before }: Draft,
  { sheet, form, limits }: {
    readonly sheet: string;
    readonly form: FormData;
    readonly limits: BatchLimits;
  },
): Promise<
  | { readonly ok: true; readonly table: Table; readonly fields: Record<string, string> }
  | { readonly ok: false; readonly message: string }
> {
  const workbook = await batches.draftWorkbook(account, id);
  if (workbook === null) return { ok: false, message: NO_DRAFT };
  const read = await readTable(workbook, { format: "xlsx", sheet, limits });
  if (read.ok) {
    const fields = { ...firstFields(read.table), ...typedFields(form, before) };
    return { ok: true, table: read.table, fields };
  }
  const place = placeOf(read.format, read.problem), { message } = read.problem;
  return { ok: false, message: place === "" ? message : `${place}: ${message}` };
}

/** The fields that a user changed, without those about the columns of the table. */
function typedFields(form: FormData, table: Table): Record<string, string> {
  const first = firstFields(table);
  const entries = Object.entries(fieldsBesideTable(form)).filter(([name, value]) =>
    value.replace(/\r\n?/g, "\n") !== first[name]
  );
  return Object.fromEntries(entries);
}

/** The fields of a form that can be used with another table. */
export function fieldsBesideTable(form: FormData): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fieldsOf(form)).filter(([name]) => !OF_TABLE.test(name)),
  );
}

const OF_TABLE = /^(?:choices|columns|column\.\d+|name\.\d+|sheet|read_sheet)$/;
