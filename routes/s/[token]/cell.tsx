import { HttpError, page } from "fresh";
import { define } from "../../../lib/state.ts";
import { sharedPlace } from "../../batches/[id]/(_parts)/batch_view.ts";
import { openedCell } from "../../batches/[id]/(_parts)/opened_cell.ts";
import { OpenedCell } from "../../batches/[id]/(_parts)/OpenedCell.tsx";

/** One answer of a shared batch with its reasoning and sources. */
export const handler = define.handlers({
  async GET(ctx) {
    const token = ctx.params.token ?? "";
    const { batches } = ctx.state.services;
    const batch = await batches.sharedPage(token);
    const cell = batch === null ? null : await openedCell(batch, ctx.url.searchParams, {
      place: sharedPlace(token),
      readRun: ({ row, set }) => batches.sharedRun(token, row, set),
    });
    if (cell === null) throw new HttpError(404);
    return page(cell, { headers: { "x-robots-tag": "noindex, nofollow" } });
  },
});

export default define.page<typeof handler>(function SharedCell({ data }) {
  return <OpenedCell {...data} />;
});
