import { page } from "fresh";
import { Head } from "fresh/runtime";
import { define } from "../../../lib/state.ts";
import { SchedulePage } from "../(_parts)/SchedulePage.tsx";
import { ownSchedule } from "../(_parts)/target.ts";

/** Due times on one page. */
const SHOWN = 25;

export const handler = define.handlers({
  async GET(ctx) {
    const schedule = await ownSchedule(ctx);
    if (schedule instanceof Response) return schedule;
    const before = Number(ctx.url.searchParams.get("before") ?? NaN);
    const found = await ctx.state.services.schedules.firings(
      schedule.id,
      SHOWN + 1,
      Number.isSafeInteger(before) ? before : undefined,
    );
    const firings = found.slice(0, SHOWN);
    const older = found.length > SHOWN ? firings.at(-1)?.due_ms ?? null : null;
    return page({ schedule, firings, older });
  },
});

export default define.page<typeof handler>(function OneSchedule({ data }) {
  return (
    <>
      <Head>
        <title>{data.schedule.name} · Schedule · Taskstream</title>
      </Head>
      <SchedulePage {...data} />
    </>
  );
});
