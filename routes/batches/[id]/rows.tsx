import { HttpError, page } from "fresh";
import { formOf } from "../../../lib/form_body.ts";
import { isStillSignedIn } from "../../../lib/middleware/mod.ts";
import { define } from "../../../lib/state.ts";
import { keptNote } from "../../(_parts)/KeptNote.tsx";
import { keptFields } from "../../(_parts)/session_ended.ts";
import { budgetWarning } from "../../(_parts)/submit_responses.ts";
import { readUpload, uploadEnded, uploadValues } from "../(_parts)/upload.ts";
import { NewRowsPage, type NewRowsProps } from "./(_parts)/NewRowsPage.tsx";
import { addedRows, postedRows } from "./(_parts)/new_rows.ts";
import { ownBatch } from "./(_parts)/own_batch.ts";

/** Adds rows to a batch: previews a table, then sends it on confirmation. */
export const handler = define.handlers({
  async GET(ctx) {
    const batch = await ownBatch(ctx);
    if (batch instanceof Response) return batch;
    const { account, services } = ctx.state;
    const limits = services.config.batchLimits;
    const kept = await keptFields(ctx);
    if (account === null || kept === null) {
      return page<NewRowsProps>({ batch, limits, note: keptNote(ctx.url, kept) });
    }
    const note = keptNote(ctx.url, kept);
    const form = formOf(kept);
    const posted = form.has("draft")
      ? await postedRows(services.batches, account.id, form, limits)
      : null;
    if (posted?.ok && posted.draftId !== null) {
      const added = await addedRows(batch, posted.table, limits);
      if (added.ok) {
        return page<NewRowsProps>({ batch, limits, added, draftId: posted.draftId, note });
      }
    }
    return page<NewRowsProps>({ batch, limits, upload: uploadValues(form), note });
  },

  async POST(ctx) {
    const limits = ctx.state.services.config.batchLimits;
    const upload = await readUpload(ctx.req, limits);
    const { account, services } = ctx.state;
    // The session may have ended during the upload.
    if (account === null || !await isStillSignedIn(ctx.state)) {
      const at = new URL(ctx.url.pathname, ctx.url);
      return await uploadEnded(ctx.state, ctx.url, upload, at);
    }
    const batch = await ownBatch(ctx);
    if (batch instanceof Response) return batch;
    const path = `/batches/${encodeURIComponent(batch.batch.id)}`;
    if (!upload.ok) {
      const content = { batch, limits, problem: upload.message };
      return page<NewRowsProps>(content, { status: upload.status });
    }
    const { form } = upload;
    const posted = await postedRows(services.batches, account.id, form, limits);
    if (!posted.ok) {
      const { message: problem, status } = posted;
      const content = { batch, limits, problem, upload: uploadValues(form) };
      return page<NewRowsProps>(content, { status });
    }
    const added = await addedRows(batch, posted.table, limits);
    if (!added.ok) {
      const content = { batch, limits, problem: added.message, upload: uploadValues(form) };
      return page<NewRowsProps>(content, { status: 422 });
    }
    const draftId = posted.draftId ??
      await services.batches.saveDraft(account.id, { ...posted, fields: {} });
    const over = form.has("over_budget")
      ? null
      : await budgetWarning(services, account, added.price_usd);
    const isConfirmed = form.has("confirm");
    if (!isConfirmed || over !== null) {
      const content = { batch, limits, added, draftId, over: isConfirmed ? over : null };
      return page<NewRowsProps>(content, { status: isConfirmed ? 409 : 200 });
    }
    // Remove the draft first, so a second click does not find it.
    await services.batches.removeDraft(account.id, draftId);
    const outcome = await services.batches.addRows(account, batch.batch.id, posted.table, draftId);
    if (outcome === "unknown" || outcome === "other columns") throw new HttpError(404);
    return ctx.redirect(path, 303);
  },
});

export default define.page<typeof handler>(function NewRows({ data }) {
  return <NewRowsPage {...data} />;
});
