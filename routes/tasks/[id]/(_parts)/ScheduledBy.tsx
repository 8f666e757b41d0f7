/** The line of a run that a schedule made: which one, and what is new in its result. */
import { Icon } from "../../../../components/ui/Icon.tsx";
import type { Account } from "../../../../lib/accounts/mod.ts";
import type { StoredRun } from "../../../../lib/runs/model/mod.ts";
import { changedWords, type Firing, type Schedule } from "../../../../lib/schedules/mod.ts";
import type { State } from "../../../../lib/state.ts";

export interface ScheduledByProps {
  readonly schedule: Schedule;
  readonly firing: Firing;
}

/** Due times of each schedule to look at, and how far the API's clock may be behind ours (ms). */
const NEAR = 20, SKEW_MS = 5 * 60_000;

/** Finds the schedule that made a run, and its due time; `null` if none did, or if it was deleted. */
export async function scheduleOf(
  { schedules }: Pick<State["services"], "schedules">,
  account: Account | null,
  { run_id, source, created_ms }: StoredRun,
): Promise<ScheduledByProps | null> {
  // A session whose key is refused sees what was there before.
  if (account === null || account.refusedMs !== null || source !== "schedule") return null;
  const found = await Promise.all((await schedules.list(account.id)).map(async (schedule) => {
    const firings = await schedules.firings(schedule.id, NEAR, created_ms + SKEW_MS);
    const firing = firings.find((each) => each.run_id === run_id);
    return firing === undefined ? [] : [{ schedule, firing }];
  }));
  return found.flat()[0] ?? null;
}

export function ScheduledBy({ schedule, firing: { result, run_id } }: ScheduledByProps) {
  const other = result?.compared_with ?? null;
  return (
    <p class="mt-2 text-sm print:hidden" dir="auto">
      <Icon name="calendar-clock" small /> Run by the schedule{" "}
      <a href={`/schedules/${schedule.id}`}>{schedule.name}</a>
      {result !== null && result.changed !== null && (
        <>
          {": "}
          {result.changed === 0
            ? "nothing changed since the previous run"
            : changedWords(result, "task")}
        </>
      )}
      {other !== null && run_id !== null && (
        <>
          {" · "}
          <a href={`/compare?ids=${[other, run_id].map(encodeURIComponent).join(",")}`}>
            Compare with the previous one
          </a>
        </>
      )}
    </p>
  );
}
