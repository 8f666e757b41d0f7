import { HttpError } from "fresh";
import { readOwnForm } from "../../../lib/form_body.ts";
import { define } from "../../../lib/state.ts";
import { ownSchedule } from "../(_parts)/target.ts";

/** Pauses or resumes a schedule: 303 to its page. */
export const handler = define.handlers({
  /** The address of a form that was sent, such as after a reload. */
  async GET(ctx) {
    const schedule = await ownSchedule(ctx);
    if (schedule instanceof Response) return schedule;
    return ctx.redirect(`/schedules/${schedule.id}`, 303);
  },

  async POST(ctx) {
    const schedule = await ownSchedule(ctx);
    if (schedule instanceof Response) return schedule;
    const { account, services: { schedules } } = ctx.state;
    const { action } = ctx.params, { id } = schedule;
    await readOwnForm(ctx);
    if (account === null) throw new HttpError(404);
    const isDone = action === "pause"
      ? await schedules.pause(account.id, id)
      : action === "resume" && await schedules.resume(account, id);
    if (!isDone) throw new HttpError(404);
    return ctx.redirect(`/schedules/${id}`, 303);
  },
});
