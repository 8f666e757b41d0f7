import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { readForm } from "../../lib/form_body.ts";
import { isStillSignedIn } from "../../lib/middleware/mod.ts";
import { define } from "../../lib/state.ts";
import { sessionEnded, signInFirst, textFields } from "../(_parts)/session_ended.ts";
import { NewSchedule, type NewScheduleProps } from "./(_parts)/NewSchedule.tsx";
import { ScheduleList, type ScheduleListProps } from "./(_parts)/ScheduleList.tsx";
import { newValues, readSchedule } from "./(_parts)/schedule_form.ts";
import { newScheduleOf, problemWords, targetIn } from "./(_parts)/target.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInFirst(ctx.url);
    const { schedules } = services;
    const found = (await schedules.list(account.id)).filter(({ created_ms }) =>
      created_ms < (account.refusedMs ?? Infinity)
    );
    const lines = await Promise.all(found.map(async (schedule) => {
      const [last = null] = await schedules.firings(schedule.id, 1);
      return { schedule, last };
    }));
    const list: ScheduleListProps = {
      lines,
      sandbox: account.sandbox,
      isDeleted: ctx.url.searchParams.has("deleted"),
    };
    return page<Shown>({ list });
  },

  /** Creates a schedule: 303 to its page. */
  async POST(ctx) {
    const { account, services } = ctx.state;
    const form = await readForm(ctx.req);
    const target = targetIn(form), id = form.get("schedule_id");
    // The session may have ended while the form was on its way.
    if (account === null || !await isStillSignedIn(ctx.state)) {
      return await sessionEnded(ctx.state, textFields(form), newScheduleOf(target));
    }
    if (target === null || typeof id !== "string") throw new HttpError(400);
    const cost = await services.schedules.cost(account.id, target);
    if (cost === "unknown") throw new HttpError(404);
    if (typeof cost === "string") throw new HttpError(422, problemWords(cost));
    const read = readSchedule(form, newValues(cost.title, cost.price_usd));
    const outcome = read.settings === null
      ? null
      : await services.schedules.create(account, id, target, read.settings);
    if (outcome?.ok) return ctx.redirect(`/schedules/${outcome.schedule.id}`, 303);
    if (outcome?.problem === "unknown") throw new HttpError(404);
    const isCap = outcome?.problem === "cap";
    const words = outcome === null || isCap ? null : problemWords(outcome.problem);
    const problems = isCap ? { cap_usd: problemWords("cap") } : read.problems;
    const refused: NewScheduleProps = {
      target,
      cost,
      form: { values: read.values, problems },
      id,
      problem: words,
      note: null,
      browserZone: false,
      now: services.schedules.now,
    };
    return page<Shown>({ refused }, { status: 422 });
  },
});

/** The list, or the form that was refused. */
type Shown = { readonly list: ScheduleListProps } | { readonly refused: NewScheduleProps };

export default define.page<typeof handler>(function SchedulesPage({ data }) {
  return (
    <>
      <Head>
        <title>{"list" in data ? "Schedules" : "Error: New schedule"} · Taskstream</title>
      </Head>
      {"list" in data ? <ScheduleList {...data.list} /> : <NewSchedule {...data.refused} />}
    </>
  );
});
