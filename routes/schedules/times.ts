import { define } from "../../lib/state.ts";
import { inZone } from "../../lib/schedules/mod.ts";
import { newValues, preview, readSchedule } from "./(_parts)/schedule_form.ts";
import { targetIn } from "./(_parts)/target.ts";

/** The next times that a form means, for the form's script. */
export const handler = define.handlers({
  async GET(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return new Response(null, { status: 401 });
    const query = ctx.url.searchParams;
    const target = targetIn(query);
    const cost = target === null ? "unknown" : await services.schedules.cost(account.id, target);
    const { times, zone, words } = preview(readSchedule(query, newValues("", 0)), {
      now: services.schedules.now,
      priceUsd: typeof cost === "string" ? 0 : cost.price_usd,
    });
    return Response.json({
      times: times.map((ms) => ({ at: new Date(ms).toISOString(), text: inZone(ms, zone) })),
      zone,
      words,
    });
  },
});
