/** One schedule: when it runs, what it may cost, and what was new each time. */
import { Icon } from "../../../components/ui/Icon.tsx";
import { SandboxAccountLine } from "../../../components/ui/Simulated.tsx";
import { dollars } from "../../../lib/base/mod.ts";
import { type Firing, nextTimes, type Schedule, type Target } from "../../../lib/schedules/mod.ts";
import { hrefOf } from "./target.ts";
import { Due, firingWords, timingOf } from "./words.tsx";

export interface SchedulePageProps {
  readonly schedule: Schedule;
  readonly firings: readonly Firing[];
  /** Where the next page of due times begins; `null` on the last one. */
  readonly older: number | null;
}

export function SchedulePage({ schedule, firings, older }: SchedulePageProps) {
  const {
    cap_usd,
    name,
    next_ms,
    only_changes,
    price_usd,
    processor,
    reason,
    simulated,
    state,
    target,
  } = schedule;
  const isTask = target.kind === "task";
  return (
    <>
      {simulated && <SandboxAccountLine />}
      <h1 dir="auto">{name}</h1>
      <Actions schedule={schedule} />
      {reason !== null && (
        <p class="notice caution mt-4 max-w-[80ch]" role="status" dir="auto">
          <strong>Paused.</strong> {reason}
        </p>
      )}
      <dl class="triples mt-4">
        <div>
          <dt>Repeats</dt>
          <dd>
            <a href={hrefOf(target)}>{isTask ? "this task" : "this batch"}</a>
          </dd>
          <dd>{processor}, {dollars(price_usd)} each time</dd>
        </div>
        <div>
          <dt>Runs</dt>
          <dd>{timingOf(schedule)}</dd>
          <dd>{state}</dd>
        </div>
        {next_ms !== null && (
          <div>
            <dt>Next</dt>
            <dd>
              <ol class="due-times">
                {nextTimes(schedule, next_ms - 1, 3).map((ms) => (
                  <li key={ms}>
                    <Due ms={ms} zone={schedule.zone} />
                  </li>
                ))}
              </ol>
            </dd>
            <dd>{schedule.zone}</dd>
          </div>
        )}
        <div>
          <dt>Cost</dt>
          <dd>
            {simulated ? "The sandbox is free" : dollars(schedule.spent_usd)}
            {!simulated && <span class="text-soft">in {schedule.month}</span>}
          </dd>
          <dd>at most {dollars(cap_usd)} a month</dd>
        </div>
        <div>
          <dt>Notifies</dt>
          <dd>
            {only_changes
              ? "when something changed, or if it pauses"
              : "as you chose for runs, when something changed, or if it pauses"}
          </dd>
          <dd>
            <a href="/account/notifications">Where</a>
          </dd>
        </div>
      </dl>
      <section aria-labelledby="times" class="mt-8">
        <h2 id="times">Past runs</h2>
        {firings.length === 0
          ? <p class="mt-2 text-soft">It has not run yet.</p>
          : (
            <ul class="timetable times mt-2">
              {firings.map((firing) => (
                <Time key={firing.due_ms} firing={firing} schedule={schedule} />
              ))}
            </ul>
          )}
        {older !== null && (
          <nav aria-label="Pages" class="flex mt-4">
            <a rel="next" class="ml-auto" href={`/schedules/${schedule.id}?before=${older}`}>
              Older →
            </a>
          </nav>
        )}
      </section>
      <p class="mt-8 text-sm">
        <a href="/schedules">All schedules</a>
      </p>
    </>
  );
}

function Actions({ schedule: { id, state } }: Pick<SchedulePageProps, "schedule">) {
  const path = `/schedules/${id}`;
  const isPaused = state === "paused";
  return (
    <ul class="actions print:hidden" aria-label="Actions">
      <li>
        <form method="post" action={`${path}/${isPaused ? "resume" : "pause"}`}>
          <button type="submit" class="plain touch">{isPaused ? "Resume" : "Pause"}</button>
        </form>
      </li>
      <li>
        <a href={`${path}/edit`}>Edit</a>
      </li>
      <li>
        <details class="menu start">
          <summary>
            Delete <Icon name="chevron-down" small />
          </summary>
          <form method="post" action={`${path}/delete`}>
            <p class="text-sm">
              Its runs stay.<br />
              This cannot be undone.
            </p>
            <button type="submit" class="button danger my-2">Delete schedule</button>
          </form>
        </details>
      </li>
    </ul>
  );
}

interface TimeProps {
  readonly firing: Firing;
  readonly schedule: Schedule;
}

function Time({ firing, schedule: { target, zone, simulated } }: TimeProps) {
  const { due_ms, price_usd, reason, result, run_id, state } = firing;
  const isGone = run_id === null || result?.status === "deleted";
  const run: Target | null = isGone ? null : { kind: target.kind, id: run_id };
  const words = firingWords(firing, target);
  const isBad = state === "failed" || state === "lost" || result?.status === "failed";
  const isBilled = !simulated && (state === "created" || state === "lost");
  return (
    <li>
      <p class="text-sm">
        <Due ms={due_ms} zone={zone} />
      </p>
      <div>
        <p class={isBad ? "bad" : ""} dir="auto">
          {run === null ? words : <a href={hrefOf(run)}>{words}</a>}
        </p>
        {reason !== null && <p class="text-sm text-soft" dir="auto">{reason}</p>}
      </div>
      <p class="text-sm">{run !== null && <Compared firing={firing} target={target} />}</p>
      <p class="text-sm text-soft number">
        {isBilled && result?.status !== "failed" && dollars(price_usd)}
      </p>
    </li>
  );
}

/** The way to see what changed. Batches have no page that compares them. */
function Compared({ firing: { result, run_id }, target }: {
  readonly firing: Firing;
  readonly target: Target;
}) {
  const other = result?.compared_with ?? null;
  if (other === null || run_id === null) return null;
  if (target.kind === "batch") {
    return <a href={hrefOf({ kind: "batch", id: other })}>the previous one</a>;
  }
  const ids = [other, run_id].map(encodeURIComponent).join(",");
  return <a href={`/compare?ids=${ids}`}>Compare with the previous one</a>;
}
