/** The page that makes a schedule of a task or batch. */
import { SandboxAccountLine } from "../../../components/ui/Simulated.tsx";
import type { Schedule, Target } from "../../../lib/schedules/mod.ts";
import { KeptNote } from "../../(_parts)/KeptNote.tsx";
import { ScheduleForm } from "./ScheduleForm.tsx";
import type { ReadSchedule } from "./schedule_form.ts";
import { hrefOf } from "./target.ts";

export interface NewScheduleProps {
  readonly target: Target;
  readonly cost: Pick<Schedule, "price_usd" | "processor" | "simulated"> & {
    readonly title: string;
  };
  readonly form: Pick<ReadSchedule, "values" | "problems">;
  /** The new schedule's id: makes a double submit create one. */
  readonly id: string;
  /** Why it was not created. */
  readonly problem: string | null;
  /** What became of the fields that were typed before signing in. */
  readonly note: string | null;
  readonly browserZone: boolean;
  readonly now: number;
}

export function NewSchedule({ target, cost, form, id, problem, note, ...props }: NewScheduleProps) {
  const isTask = target.kind === "task";
  return (
    <>
      {cost.simulated && <SandboxAccountLine />}
      <h1>New schedule</h1>
      <p class="mt-2" dir="auto">
        <a href={hrefOf(target)}>{cost.title || "(empty input)"}</a>{" "}
        <span class="text-soft">
          {isTask ? "one run" : "all rows as a new batch, without added columns,"} each time, on
          {" "}
          {cost.processor}
        </span>
      </p>
      <KeptNote note={note} />
      {problem !== null && <p class="notice mt-4" role="alert">{problem}</p>}
      <ScheduleForm
        {...props}
        form={form}
        action="/schedules"
        page="/schedules/new"
        hidden={{ [isTask ? "run" : "batch"]: target.id, schedule_id: id }}
        priceUsd={cost.price_usd}
        simulated={cost.simulated}
        submit="Create schedule"
        cancel={hrefOf(target)}
      />
    </>
  );
}
