/** The draft that a form is about: one that was stored before, or one of the table in the form. */
import { type BatchService, type Draft, readTable } from "../../../lib/batches/mod.ts";
import { placeOf } from "../../../lib/batches/model/mod.ts";
import { fieldsOf } from "./compose.ts";
import { firstFields, type NewBatchContent } from "./new_batch.ts";
import { postedTable, uploadValues } from "./upload.ts";

export type PostedDraft =
  | { readonly ok: true; readonly draft: Draft }
  | { readonly ok: false; readonly status: 404 | 422; readonly content: NewBatchContent };

/** What is said of a draft that is not there. */
export const NO_DRAFT =
  "This table is no longer here: a table that was not sent is kept for 24 hours. Upload it again.";

const NAME_CHARS = 200;

/** Finds the draft that the form names, or stores the form's table as a new one. */
export async function postedDraft(
  batches: BatchService,
  account: string,
  form: FormData,
): Promise<PostedDraft> {
  const id = form.get("draft");
  if (typeof id === "string" && id !== "") {
    const draft = await batches.draft(account, id);
    if (draft !== null) return { ok: true, draft };
    return { ok: false, status: 404, content: { problems: { table: NO_DRAFT } } };
  }
  const upload = uploadValues(form);
  const posted = await postedTable(form);
  const refused = (table: string): PostedDraft => ({
    ok: false,
    status: 422,
    content: { upload, problems: { table } },
  });
  if (posted === null) return refused("Choose a file, or paste some rows.");
  const read = await readTable(posted.source, posted);
  if (!read.ok) {
    const place = placeOf(read.format, read.problem);
    return refused(place === "" ? read.problem.message : `${place}: ${read.problem.message}`);
  }
  const { table } = read;
  const name = nameOf(posted.fileName);
  const fields = { ...firstFields(table), ...fieldsOf(form) };
  const draftId = await batches.saveDraft(account, { name, table, fields });
  const draft = await batches.draft(account, draftId);
  if (draft === null) throw new Error("A draft that was just stored is not there");
  return { ok: true, draft };
}

/** The file's name without its ending. */
function nameOf(fileName: string): string {
  const stem = fileName.replace(/^.*[\\/]/, "").replace(/\.[^.]{1,8}$/, "").trim();
  return stem.slice(0, NAME_CHARS) || "Pasted table";
}
