/** The line of a run or batch that a schedule made: which one, and what is new in its result. */
import { Icon } from "../../components/ui/Icon.tsx";
import type { Account } from "../../lib/accounts/mod.ts";
import { changedWords, type Firing, type Schedule, type Target } from "../../lib/schedules/mod.ts";
import type { State } from "../../lib/state.ts";

export interface ScheduledByProps {
  readonly schedule: Schedule;
  readonly firing: Firing;
}

/** Due times of each schedule to look at, and how far the API's clock may be behind ours (ms). */
const NEAR = 20, SKEW_MS = 5 * 60_000;

/** Finds the schedule that made a run or batch, and its due time; `null` if none did, or if it was deleted. */
export async function scheduleOf(
  { schedules }: Pick<State["services"], "schedules">,
  account: Account | null,
  { kind, id, created_ms }: {
    readonly kind: Target["kind"];
    readonly id: string;
    readonly created_ms: number;
  },
): Promise<ScheduledByProps | null> {
  // A session whose key is refused sees only schedules created before.
  if (account === null || account.refusedMs !== null) return null;
  const listed = (await schedules.list(account.id)).filter(({ target }) => target.kind === kind);
  const found = await Promise.all(listed.map(async (schedule) => {
    const firings = await schedules.firings(schedule.id, NEAR, created_ms + SKEW_MS);
    const firing = firings.find(({ run_id }) => run_id === id);
    return firing === undefined ? [] : [{ schedule, firing }];
  }));
  return found.flat()[0] ?? null;
}

/** How many schedules repeat a run or batch. Without it they cannot go on. */
export async function repeating(
  { schedules }: Pick<State["services"], "schedules">,
  account: Account | null,
  id: string,
): Promise<number> {
  if (account === null || account.refusedMs !== null) return 0;
  return (await schedules.list(account.id)).filter(({ target }) => target.id === id).length;
}

export function ScheduledBy({ schedule, firing: { result, run_id } }: ScheduledByProps) {
  const other = result?.compared_with ?? null, { kind } = schedule.target;
  return (
    <p class="mt-2 text-sm print:hidden" dir="auto">
      <Icon name="calendar-clock" small /> Run by the schedule{" "}
      <a href={`/schedules/${schedule.id}`}>{schedule.name}</a>
      {result !== null && result.changed !== null && (
        <>
          {": "}
          {result.changed === 0
            ? `nothing changed since the previous ${kind === "task" ? "run" : "batch"}`
            : changedWords(result, kind)}
        </>
      )}
      {other !== null && run_id !== null && (
        <>
          {" · "}
          {kind === "task"
            ? (
              <a href={`/compare?ids=${[other, run_id].map(encodeURIComponent).join(",")}`}>
                Compare with the previous one
              </a>
            )
            : <a href={`/batches/${encodeURIComponent(other)}`}>See the previous one</a>}
        </>
      )}
    </p>
  );
}
