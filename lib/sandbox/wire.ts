/**
 * Runs as they go over the wire. REST leaves null members out, the event stream spells them: both as the
 * API does it today.
 */
import type { RunStatus, TaskRunInput, TaskRunOutput } from "../parallel/types.ts";
import { encodeSSE } from "../sse/encode.ts";
import type { SandboxRecord } from "./record.ts";
import { timestamp } from "./time.ts";
import type { Timeline } from "./timeline.ts";

/** The status at a moment. */
function statusAt(timeline: Timeline, us: number): RunStatus {
  if (us >= timeline.ending.us) return timeline.ending.status;
  return us >= timeline.runningUs ? "running" : "queued";
}

/** A run as REST gives it: without null members. */
export function restRun(record: SandboxRecord, timeline: Timeline, us: number): object {
  const { warnings, error, taskgroup_id: _, ...run } = fullRun(record, timeline, us);
  return {
    ...run,
    ...(warnings === null ? {} : { warnings }),
    ...(error === null ? {} : { error: timeline.ending.error }),
  };
}

/** A `task_run.state` event, as text; with the output where the run has completed. */
export function stateFrame(
  record: SandboxRecord,
  timeline: Timeline,
  us: number,
  output: TaskRunOutput | null,
): string {
  const run = fullRun(record, timeline, us);
  const type = "task_run.state";
  return encodeSSE({
    event: type,
    data: JSON.stringify({ type, event_id: null, input: null, run, output }),
  });
}

function fullRun({ runId, input }: SandboxRecord, timeline: Timeline, us: number) {
  const { ending, createdUs } = timeline;
  const status = statusAt(timeline, us);
  const isOver = us >= ending.us;
  const warnings = timeline.warningsAt(us);
  return {
    run_id: runId,
    interaction_id: runId,
    status,
    is_active: !isOver,
    warnings: warnings.length > 0 ? warnings : null,
    error: isOver && ending.error !== null ? { ...ending.error, detail: null } : null,
    processor: input.processor,
    metadata: input.metadata ?? {},
    taskgroup_id: null,
    created_at: timestamp(createdUs),
    // It moves on every look while the run is active.
    modified_at: timestamp(
      isOver ? ending.us : status === "queued" ? createdUs : Math.max(us, createdUs),
    ),
  };
}

/** The request as `/input` gives it back: MCP headers are write-only. */
export function shownInput(input: TaskRunInput): TaskRunInput {
  if (!input.mcp_servers) return input;
  const servers = input.mcp_servers.map(({ headers: _, ...server }) => server);
  return { ...input, mcp_servers: servers };
}
