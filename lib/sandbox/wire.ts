/**
 * Runs in the wire format. Like the API today, REST omits null members and the event stream includes them.
 */
import type { RunStatus, TaskRunInput, TaskRunOutput } from "../parallel/mod.ts";
import { encodeSSE } from "../sse/mod.ts";
import type { SandboxRecord } from "./record.ts";
import { timestamp } from "./world.ts";
import type { Life } from "./timeline.ts";

/** The status at a time. */
export function statusAt(life: Life, us: number): RunStatus {
  if (us >= life.ending.us) return life.ending.status;
  return us >= life.runningUs ? "running" : "queued";
}

/** A run as REST returns it: without null members. */
export function restRun(record: SandboxRecord, life: Life, us: number): object {
  const { warnings, error, taskgroup_id, ...run } = fullRun(record, life, us);
  return {
    ...run,
    ...(taskgroup_id === null ? {} : { taskgroup_id }),
    ...(warnings === null ? {} : { warnings }),
    ...(error === null ? {} : { error: life.ending.error }),
  };
}

/** A `task_run.state` event as text, with the output if the run has completed. */
export function stateFrame(
  record: SandboxRecord,
  life: Life,
  us: number,
  output: TaskRunOutput | null,
  { eventId = null, input = null }: {
    readonly eventId?: string | null;
    readonly input?: TaskRunInput | null;
  } = {},
): string {
  const run = fullRun(record, life, us);
  const type = "task_run.state";
  return encodeSSE({
    event: type,
    data: JSON.stringify({ type, event_id: eventId, input, run, output }),
  });
}

function fullRun({ runId, input, group }: SandboxRecord, life: Life, us: number) {
  const { ending, createdUs } = life;
  const status = statusAt(life, us);
  const isOver = us >= ending.us;
  const warnings = life.warningsAt(us);
  return {
    run_id: runId,
    interaction_id: runId,
    status,
    is_active: !isOver,
    warnings: warnings.length > 0 ? warnings : null,
    error: isOver && ending.error !== null ? { ...ending.error, detail: null } : null,
    processor: input.processor,
    metadata: input.metadata ?? {},
    taskgroup_id: group?.id ?? null,
    created_at: timestamp(createdUs),
    // It changes on every read while the run is active.
    modified_at: timestamp(
      isOver ? ending.us : status === "queued" ? createdUs : Math.max(us, createdUs),
    ),
  };
}

/** The request as `/input` returns it: MCP headers are write-only. */
export function shownInput(input: TaskRunInput): TaskRunInput {
  if (!input.mcp_servers) return input;
  const servers = input.mcp_servers.map(({ headers: _, ...server }) => server);
  return { ...input, mcp_servers: servers };
}
