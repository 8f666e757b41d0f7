import { HttpError, page } from "fresh";
import { formOf, readForm } from "../../../lib/form_body.ts";
import { isStillSignedIn } from "../../../lib/middleware/mod.ts";
import { priceOf } from "../../../lib/parallel/mod.ts";
import { define } from "../../../lib/state.ts";
import { keptNote } from "../../(_parts)/KeptNote.tsx";
import { keptFields, sessionEnded, textFields } from "../../(_parts)/session_ended.ts";
import { budgetWarning } from "../../(_parts)/submit_responses.ts";
import { NewColumnsPage } from "./(_parts)/NewColumnsPage.tsx";
import { columnsIn, newColumnsProps } from "./(_parts)/new_columns.ts";
import { ownBatch } from "./(_parts)/own_batch.ts";

/** Adds columns to a batch by running its rows again with other output fields. */
export const handler = define.handlers({
  async GET(ctx) {
    const batch = await ownBatch(ctx);
    if (batch instanceof Response) return batch;
    const kept = await keptFields(ctx);
    const note = keptNote(ctx.url, kept);
    const typed = kept && columnsIn(formOf(kept), batch);
    const content = typed === null ? { note } : { ...typed, problems: {}, note };
    return page(await newColumnsProps(ctx.state, batch, content));
  },

  async POST(ctx) {
    const { account, services } = ctx.state;
    const form = await readForm(ctx.req);
    // The session may have ended while the form was on its way.
    if (account === null || !await isStillSignedIn(ctx.state)) {
      return await sessionEnded(ctx.state, textFields(form), ctx.url.pathname);
    }
    const batch = await ownBatch(ctx);
    if (batch instanceof Response) return batch;
    const asked = columnsIn(form, batch);
    const show = async (content: Parameters<typeof newColumnsProps>[2], status: number) =>
      page(
        await newColumnsProps(ctx.state, batch, {
          values: asked.values,
          version: asked.version,
          ...content,
        }),
        {
          status,
        },
      );
    if (!asked.ok) return show({ problems: asked.problems }, 422);
    const price = priceOf(asked.columns.processor);
    const rows = asked.columns.trial ?? batch.view.rows;
    const over = form.has("over_budget")
      ? null
      : await budgetWarning(services, account, price === null ? null : rows * price);
    if (over !== null) return show({ overBudget: over }, 409);
    const { columns, version } = asked;
    const outcome = await services.batches.addColumns(account, batch.batch.id, columns, version);
    if (outcome === "unknown") throw new HttpError(404);
    if (outcome === "full") {
      const full = "This batch cannot have more added columns. Export it and create a new batch.";
      return show({ problems: { output_type: full } }, 422);
    }
    return ctx.redirect(`/batches/${encodeURIComponent(batch.batch.id)}`, 303);
  },
});

export default define.page<typeof handler>(function NewColumns({ data }) {
  return <NewColumnsPage {...data} />;
});
