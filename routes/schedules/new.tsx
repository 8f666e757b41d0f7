import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { define } from "../../lib/state.ts";
import { keptNote } from "../(_parts)/KeptNote.tsx";
import { keptFields, signInFirst } from "../(_parts)/session_ended.ts";
import { NewSchedule } from "./(_parts)/NewSchedule.tsx";
import { newValues, readSchedule } from "./(_parts)/schedule_form.ts";
import { problemWords, targetIn } from "./(_parts)/target.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInFirst(ctx.url);
    const kept = await keptFields(ctx);
    const query = kept === null ? ctx.url.searchParams : new URLSearchParams(kept);
    const target = targetIn(query);
    if (target === null) return ctx.redirect("/schedules", 303);
    const cost = await services.schedules.cost(account.id, target);
    if (cost === "unknown") throw new HttpError(404);
    if (typeof cost === "string") throw new HttpError(422, problemWords(cost));
    const read = readSchedule(query, newValues(cost.title, cost.price_usd));
    return page({
      target,
      cost,
      // A page that was asked for the next times shows what is wrong; a new one does not.
      form: { values: read.values, problems: query.has("every") ? read.problems : {} },
      id: query.get("schedule_id") ?? crypto.randomUUID(),
      problem: null,
      note: keptNote(ctx.url, kept),
      browserZone: !query.has("every"),
      now: services.schedules.now,
    });
  },
});

export default define.page<typeof handler>(function New({ data }) {
  return (
    <>
      <Head>
        <title>New schedule · Taskstream</title>
      </Head>
      <NewSchedule {...data} />
    </>
  );
});
