import { HttpError } from "fresh";
import { readOwnForm } from "../../../lib/form_body.ts";
import { define } from "../../../lib/state.ts";
import { ownSchedule } from "../(_parts)/target.ts";

/** Deletes a schedule: 303 to the list. Its runs stay. */
export const handler = define.handlers({
  async POST(ctx) {
    const schedule = await ownSchedule(ctx);
    if (schedule instanceof Response) return schedule;
    const { account, services } = ctx.state;
    await readOwnForm(ctx);
    if (account === null || !await services.schedules.remove(account.id, schedule.id)) {
      throw new HttpError(404);
    }
    return ctx.redirect("/schedules?deleted=1", 303);
  },
});
