import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { SimulatedLine } from "../../../components/ui/Simulated.tsx";
import { readForm } from "../../../lib/form_body.ts";
import { isStillSignedIn } from "../../../lib/middleware/mod.ts";
import type { Schedule } from "../../../lib/schedules/mod.ts";
import { define } from "../../../lib/state.ts";
import { KeptNote, keptNote } from "../../(_parts)/KeptNote.tsx";
import { keptFields, sessionEnded, textFields } from "../../(_parts)/session_ended.ts";
import { ScheduleForm } from "../(_parts)/ScheduleForm.tsx";
import { type ReadSchedule, readSchedule, valuesOf } from "../(_parts)/schedule_form.ts";
import { ownSchedule, problemWords } from "../(_parts)/target.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const schedule = await ownSchedule(ctx);
    if (schedule instanceof Response) return schedule;
    const kept = await keptFields(ctx);
    const query = kept === null ? ctx.url.searchParams : new URLSearchParams(kept);
    const { values, problems } = readSchedule(query, valuesOf(schedule));
    const { now } = ctx.state.services.schedules;
    const note = keptNote(ctx.url, kept);
    return page<Shown>({ schedule, form: { values, problems }, problem: null, note, now });
  },

  /** Saves: 303 to the schedule. */
  async POST(ctx) {
    const { account, services } = ctx.state;
    const sent = await readForm(ctx.req);
    // The session may have ended while the form was on its way.
    if (account === null || !await isStillSignedIn(ctx.state)) {
      return await sessionEnded(ctx.state, textFields(sent), ctx.url.pathname);
    }
    const schedule = await ownSchedule(ctx);
    if (schedule instanceof Response) return schedule;
    const { values, problems, settings } = readSchedule(sent, valuesOf(schedule));
    const outcome = settings === null
      ? null
      : await services.schedules.change(account, schedule.id, settings);
    if (outcome?.ok) return ctx.redirect(`/schedules/${schedule.id}`, 303);
    if (outcome?.problem === "unknown") throw new HttpError(404);
    const isCap = outcome?.problem === "cap";
    const form = { values, problems: isCap ? { cap_usd: problemWords("cap") } : problems };
    const problem = outcome === null || isCap ? null : problemWords(outcome.problem);
    const { now } = services.schedules;
    return page<Shown>({ schedule, form, problem, note: null, now }, { status: 422 });
  },
});

interface Shown {
  readonly schedule: Schedule;
  readonly form: Pick<ReadSchedule, "values" | "problems">;
  readonly problem: string | null;
  readonly note: string | null;
  readonly now: number;
}

export default define.page<typeof handler>(function EditSchedule({ data }) {
  const { schedule: { id, name, price_usd, simulated, target }, form, problem, note, now } = data;
  const isRefused = problem !== null || Object.keys(form.problems).length > 0;
  return (
    <>
      <Head>
        <title>
          {isRefused ? "Error: " : ""}Edit {name} · Taskstream
        </title>
      </Head>
      {simulated && <SimulatedLine />}
      <h1 dir="auto">Edit {name}</h1>
      <KeptNote note={note} />
      {problem !== null && <p class="notice mt-4" role="alert">{problem}</p>}
      <ScheduleForm
        form={form}
        action={`/schedules/${id}/edit`}
        page={`/schedules/${id}/edit`}
        hidden={{ [target.kind === "task" ? "run" : "batch"]: target.id }}
        priceUsd={price_usd}
        simulated={simulated}
        browserZone={false}
        submit="Save"
        cancel={`/schedules/${id}`}
        now={now}
      />
    </>
  );
});
