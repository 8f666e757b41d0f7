import { HttpError, page } from "fresh";
import { define } from "../../../lib/state.ts";
import { openedCell } from "./(_parts)/opened_cell.ts";
import { OpenedCell } from "./(_parts)/OpenedCell.tsx";
import { ownPlace } from "./(_parts)/batch_view.ts";
import { ownBatch } from "./(_parts)/own_batch.ts";

/**
 * One result with its reasoning and sources. The table opens it in a popover; without JavaScript it is a
 * page.
 */
export const handler = define.handlers({
  async GET(ctx) {
    const batch = await ownBatch(ctx);
    if (batch instanceof Response) return batch;
    const { account, services, view } = ctx.state;
    const cell = await openedCell(batch, ctx.url.searchParams, {
      place: ownPlace(batch),
      readRun: async ({ run_id }) =>
        run_id === null ? null : await services.runs.page(account!.id, run_id, view.weigh),
    });
    if (cell === null) throw new HttpError(404);
    return page(cell);
  },
});

export default define.page<typeof handler>(function Cell({ data }) {
  return <OpenedCell {...data} />;
});
