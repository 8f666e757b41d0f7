/** Groups of runs, as the Task API describes them. Pure. */
import type { Parallel } from "parallel-web";
import { isObject, type JsonObject } from "../base/mod.ts";
import type { Metadata, TaskRunInput, TaskSpec } from "./types.ts";

/** The most runs that one request may add to a group. */
export const GROUP_INPUTS = 1_000;

/** The number of a group's runs in each status. */
export interface GroupStatus extends Parallel.TaskGroupStatus {
  task_run_status_counts: Record<string, number>;
}

/** A group of runs. */
export interface TaskGroup extends Pick<Parallel.TaskGroup, "taskgroup_id" | "created_at"> {
  readonly status: GroupStatus;
  readonly metadata?: JsonObject | null;
}

/** The body of `POST …/groups`. */
export interface GroupInput {
  readonly metadata?: Metadata | null;
}

/** The body of `POST …/groups/{id}/runs`. */
export interface GroupRunsInput {
  /** At most {@linkcode GROUP_INPUTS}. */
  readonly inputs: readonly TaskRunInput[];
  /** For inputs without a `task_spec` of their own. */
  readonly default_task_spec?: TaskSpec | null;
}

/** The response to it. Cursors are `null` for the first runs of a group. */
export interface AddedRuns {
  readonly status: GroupStatus;
  /** They may not be in the order of the inputs. To match them, put a key into each run's `metadata`. */
  readonly run_ids: readonly string[];
  /** The cursor in `…/runs` before these runs. */
  readonly run_cursor: string | null;
  /** The cursor in `…/events` before the events of these runs. */
  readonly event_cursor: string | null;
}

/** Reads a group. */
export function readGroup(value: unknown): TaskGroup | null {
  if (!isObject(value)) return null;
  const { taskgroup_id, created_at, metadata } = value;
  const status = readGroupStatus(value.status);
  if (typeof taskgroup_id !== "string" || taskgroup_id === "" || status === null) return null;
  return {
    taskgroup_id,
    status,
    created_at: textOf(created_at),
    metadata: isObject(metadata) ? metadata : null,
  };
}

/** Reads the status of a group. */
export function readGroupStatus(value: unknown): GroupStatus | null {
  if (!isObject(value) || !isCount(value.num_task_runs)) return null;
  const { num_task_runs, is_active, status_message, modified_at } = value;
  const counts = isObject(value.task_run_status_counts) ? value.task_run_status_counts : {};
  const task_run_status_counts = Object.fromEntries(
    Object.entries(counts).filter((entry): entry is [string, number] => isCount(entry[1])),
  );
  return {
    num_task_runs,
    task_run_status_counts,
    is_active: typeof is_active === "boolean"
      ? is_active
      : ["queued", "running", "cancelling"].some((name) => (task_run_status_counts[name] ?? 0) > 0),
    status_message: textOf(status_message),
    modified_at: textOf(modified_at),
  };
}

/** Reads the response to added runs. */
export function readAddedRuns(value: unknown): AddedRuns | null {
  if (!isObject(value) || !Array.isArray(value.run_ids)) return null;
  const status = readGroupStatus(value.status);
  const { run_cursor, event_cursor } = value;
  const run_ids = value.run_ids.filter((id): id is string => typeof id === "string" && id !== "");
  if (status === null || run_ids.length !== value.run_ids.length) return null;
  return { status, run_ids, run_cursor: textOf(run_cursor), event_cursor: textOf(event_cursor) };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** The value if it is a text that is not empty, otherwise `null`. */
function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
