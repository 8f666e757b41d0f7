import { page } from "fresh";
import { isStillSignedIn } from "../../lib/middleware/mod.ts";
import { define } from "../../lib/state.ts";
import { budgetWarning, failureResponse } from "../(_parts)/submit_responses.ts";
import { priceOf } from "../../lib/parallel/mod.ts";
import { draftView, type NewBatchContent, newBatchPage } from "./(_parts)/new_batch.ts";
import { NewBatchPage } from "./(_parts)/NewBatchPage.tsx";
import { postedDraft } from "./(_parts)/posted_draft.ts";
import { readUpload, uploadEnded } from "./(_parts)/upload.ts";

export const handler = define.handlers({
  GET(ctx) {
    return ctx.redirect("/tasks?kind=batch", 303);
  },

  /** Creates a batch and starts sending its rows. */
  async POST(ctx) {
    const { account, services } = ctx.state;
    const limits = services.config.batchLimits;
    const upload = await readUpload(ctx.req, limits);
    if (account === null || !await isStillSignedIn(ctx.state)) {
      return await uploadEnded(ctx.state, ctx.url, upload);
    }
    const show = async (
      content: NewBatchContent,
      init: { status: number; headers?: HeadersInit },
    ) => page(await newBatchPage(account, services, content), init);
    const toBatch = (id: string) => ctx.redirect(`/batches/${encodeURIComponent(id)}`, 303);
    if (!upload.ok) return show({ problems: { table: upload.message } }, { status: upload.status });
    const { form } = upload;
    const found = await postedDraft(services.batches, account.id, form, limits);
    if (!found.ok) return show(found.content, { status: found.status });
    // A second click, or a resubmission after Back.
    if (found.draft.batch_id !== null) return toBatch(found.draft.batch_id);
    const draft = await draftView(found.draft, form);
    const { batch, problems } = draft;
    if (batch === null) return show({ draft, problems }, { status: 422 });
    const price = priceOf(batch.task.processor);
    const rows = batch.trial ?? batch.table.rows.length;
    const overBudget = form.has("over_budget")
      ? null
      : await budgetWarning(services, account, price === null ? null : rows * price);
    if (overBudget !== null) return show({ draft, overBudget }, { status: 409 });
    const created = await services.batches.createOnce(account, found.draft.id, batch);
    if (!created.ok) {
      return show({ draft, failure: created.failure }, failureResponse(created.failure));
    }
    return toBatch(created.batchId);
  },
});

export default define.page<typeof handler>(function NewBatch({ data }) {
  return <NewBatchPage {...data} />;
});
