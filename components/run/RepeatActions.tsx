/** Items of a run's actions that repeat it: by a schedule here, or by a watch at Parallel. */
import type { RunPage } from "../../lib/runs/model/mod.ts";
import { Icon } from "../ui/Icon.tsx";

export function RepeatActions({ run: { run, view } }: { readonly run: RunPage }) {
  const id = encodeURIComponent(run.run_id);
  return (
    <>
      <li>
        <a href={`/schedules/new?run=${id}`}>
          <Icon name="calendar-clock" /> Run every …
        </a>
      </li>
      {view.status === "completed" && (
        <li>
          <a href={`/watches/new?run=${id}`}>
            <Icon name="eye" /> Watch for changes
          </a>
        </li>
      )}
    </>
  );
}
