import { page } from "fresh";
import { isStillSignedIn } from "../../lib/middleware/mod.ts";
import type { BatchService } from "../../lib/batches/mod.ts";
import { suggestSchemaFromColumns, type Table } from "../../lib/batches/model/mod.ts";
import { define } from "../../lib/state.ts";
import { fieldsOf } from "./(_parts)/compose.ts";
import { dropIn, without } from "./(_parts)/drop.ts";
import { draftView, type NewBatchContent, newBatchPage } from "./(_parts)/new_batch.ts";
import { NewBatchPage } from "./(_parts)/NewBatchPage.tsx";
import { otherSheet, postedDraft } from "./(_parts)/posted_draft.ts";
import { readUpload, uploadEnded } from "./(_parts)/upload.ts";

/** Stores an uploaded table as a draft, or changes a draft. Sends nothing to the API. */
export const handler = define.handlers({
  /** A GET of the form's action, such as after signing in. */
  GET(ctx) {
    return ctx.redirect("/batches/new", 303);
  },

  async POST(ctx) {
    const { account, services } = ctx.state;
    const { batches } = services;
    const limits = services.config.batchLimits;
    const upload = await readUpload(ctx.req, limits);
    // The session may have ended during the upload.
    const isSignedIn = account !== null && await isStillSignedIn(ctx.state);
    if (upload.ok && upload.form.has("keep")) {
      if (isSignedIn) await keep(batches, account.id, upload.form);
      return new Response(null, { status: isSignedIn ? 204 : 401 });
    }
    if (!isSignedIn) {
      return await uploadEnded(ctx.state, ctx.url, upload);
    }
    const show = async (content: NewBatchContent, status: number) =>
      page(await newBatchPage(account, services, content), { status });
    if (!upload.ok) return show({ problems: { table: upload.message } }, upload.status);
    const { form } = upload;
    const found = await postedDraft(batches, account.id, form, limits);
    if (!found.ok) return show(found.content, found.status);
    const { draft } = found;
    const toDraft = () => ctx.redirect(`/batches/new?draft=${encodeURIComponent(draft.id)}`, 303);
    // A new draft.
    if (!form.has("choices")) return toDraft();
    const sheet = form.get("sheet");
    if (form.has("read_sheet") && typeof sheet === "string") {
      const read = await otherSheet(batches, account.id, draft, { sheet, form, limits });
      if (!read.ok) {
        const view = await draftView(draft, form);
        return show({ draft: view, problems: { sheet: read.message } }, 422);
      }
      const { table, fields } = read;
      await batches.changeDraft(account.id, draft.id, { ...draft, table, fields });
      return toDraft();
    }
    const drop = dropIn(form);
    if (drop !== null) {
      const view = await draftView(draft, form);
      const table = await without(draft.table, drop, view.unfit);
      if (table === null) {
        return show(
          { draft: view, note: "That would remove every row, so nothing was removed." },
          200,
        );
      }
      await batches.changeDraft(account.id, draft.id, { ...draft, table, fields: fieldsOf(form) });
      return toDraft();
    }
    const note = form.has("suggest") ? suggest(draft.table, form) : null;
    await batches.changeDraftFields(account.id, draft.id, fieldsOf(form));
    const view = await draftView(draft, form);
    // Who asks for fields has not finished the form.
    return show({ draft: view, problems: note === null ? view.problems : {}, note }, 200);
  },
});

/** Stores what the page's script sends while one types. */
async function keep(batches: BatchService, account: string, form: FormData) {
  const id = form.get("draft");
  if (typeof id === "string") await batches.changeDraftFields(account, id, fieldsOf(form));
}

/** Fills the form's schema from the table's empty columns. Returns a message. */
function suggest(table: Table, form: FormData): string {
  const suggested = suggestSchemaFromColumns(table);
  if (suggested === null) {
    return "No column has a heading without values, so there are no fields to suggest.";
  }
  form.set("output_type", "json");
  form.set("json_schema", JSON.stringify(suggested.schema, null, 2));
  const { length } = suggested.fields;
  return `The schema has ${length} ${
    length === 1 ? "field" : "fields"
  }, made of the empty columns.`;
}

export default define.page<typeof handler>(function Preview({ data }) {
  return <NewBatchPage {...data} />;
});
