/** A run's status as shape and word, so that colour is never the only sign. */
import { cx } from "./cx.ts";

interface Look {
  readonly word: string;
  readonly shape: string;
  readonly tone: string;
}

const LOOKS = new Map<string, Look>(Object.entries({
  queued: { word: "queued", shape: cx("shape-queued"), tone: cx("live") },
  running: { word: "running", shape: cx("shape-running"), tone: cx("live") },
  cancelling: { word: "cancelling", shape: cx("shape-running"), tone: cx("live") },
  completed: { word: "done", shape: cx("shape-completed"), tone: "" },
  failed: { word: "failed", shape: cx("shape-failed"), tone: cx("bad") },
  cancelled: { word: "cancelled", shape: cx("shape-stopped"), tone: cx("text-muted") },
  action_required: { word: "needs action", shape: cx("shape-action"), tone: cx("warn") },
  abandoned: { word: "not followed", shape: cx("shape-stopped"), tone: cx("bad") },
}));

/** The word a person reads for one of the API's statuses; unknown ones speak for themselves. */
export function statusWord(status: string): string {
  return LOOKS.get(status)?.word ?? status;
}

/**
 * The status to show for a run: one whose log ended while the API still called it active was
 * given up on, and must not look alive.
 */
export function shownStatus(run: { status: string; isActive: boolean; ended: boolean }): string {
  return run.ended && run.isActive ? "abandoned" : run.status;
}

/** Status mark: shape and word. */
export function Status({ status }: { status: string }) {
  const look = LOOKS.get(status);
  return (
    <span class={`status ${look?.tone ?? ""}`} data-status={status}>
      <i class={`shape ${look?.shape ?? "shape-queued"}`}></i>
      {statusWord(status)}
    </span>
  );
}
