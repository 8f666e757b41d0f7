/** The account's schedules: what each repeats, when, and what was new last time. */
import { Icon } from "../../../components/ui/Icon.tsx";
import { SandboxAccountLine } from "../../../components/ui/Simulated.tsx";
import { dollars } from "../../../lib/base/mod.ts";
import type { Firing, Schedule } from "../../../lib/schedules/mod.ts";
import { Due, firingWords, timingOf } from "./words.tsx";

export interface ScheduleListProps {
  readonly lines: readonly { readonly schedule: Schedule; readonly last: Firing | null }[];
  readonly sandbox: boolean;
  /** One was just deleted. */
  readonly isDeleted: boolean;
}

export function ScheduleList({ lines, sandbox, isDeleted }: ScheduleListProps) {
  return (
    <>
      {sandbox && <SandboxAccountLine />}
      <h1>Schedules</h1>
      {isDeleted && (
        <p class="notice calm mt-4" role="status">The schedule is deleted. Its runs stay.</p>
      )}
      {lines.length === 0
        ? (
          <div class="max-w-[60ch] my-6">
            <p>No schedules yet.</p>
            <p class="text-sm text-soft mb-4">
              Open a task or batch and choose <strong>Run every …</strong>{" "}
              in its menu to run it each hour, day or week.
            </p>
            <a href="/tasks" class="button go">Choose a task</a>
          </div>
        )
        : (
          <ul class="timetable mt-4">
            {lines.map((line) => <Line key={line.schedule.id} {...line} />)}
          </ul>
        )}
      <p class="mt-8 text-sm">
        <a href="/watches">Watches</a>{" "}
        <span class="text-soft">
          are run by Parallel, which checks for changes itself.
        </span>
      </p>
    </>
  );
}

function Line({ schedule, last }: ScheduleListProps["lines"][number]) {
  const { cap_usd, id, name, next_ms, reason, simulated, spent_usd, state, target, zone } =
    schedule;
  const isPaused = state === "paused";
  return (
    <li>
      <span class={isPaused ? "mark warned" : "mark"}>
        <Icon name={isPaused ? "triangle-alert" : "calendar-clock"} />
      </span>
      <div>
        <a href={`/schedules/${id}`} class="row-link" dir="auto">{name}</a>
        <p class="text-sm text-soft" dir="auto">
          {timingOf(schedule)}
          {isPaused ? ` · paused: ${reason}` : last !== null && ` · ${firingWords(last, target)}`}
        </p>
      </div>
      <p class="text-sm text-soft">
        {next_ms !== null && (
          <>
            next <Due ms={next_ms} zone={zone} />
          </>
        )}
      </p>
      <p class="text-sm text-soft number">
        {!simulated && `${dollars(spent_usd)} of ${dollars(cap_usd)}`}
      </p>
    </li>
  );
}
