/**
 * The Task API's types. Uses the official SDK's where they fit, and looser ones where the API grows without
 * notice (statuses, warning types, event subtypes). Pure: runs in a browser.
 */
import type { Parallel } from "parallel-web";

export type Citation = Parallel.Citation;
export type FieldBasis = Parallel.FieldBasis;
export type McpServer = Parallel.McpServer;
export type McpToolCall = Parallel.McpToolCall;
export type TaskSpec = Parallel.TaskSpec;

/** The types of a run's metadata values. */
export type Metadata = Record<string, string | number | boolean>;

/** `advanced_settings`, including the data sources that the SDK does not type yet. */
export interface AdvancedSettings extends Parallel.TaskAdvancedSettings {
  data_sources?: { pay_per_use?: string[]; free?: string[] } | null;
}

/** The body of `POST /v1/tasks/runs`. */
export interface TaskRunInput extends Omit<Parallel.RunInput, "advanced_settings"> {
  advanced_settings?: AdvancedSettings | null;
}

/** The statuses that the API documents. */
export type KnownStatus = Parallel.TaskRun["status"];

/** A run's status; the API may add to them. */
export type RunStatus = KnownStatus | (string & Record<never, never>);

/** Every documented status, in the order of a run's life. */
export const STATUSES: readonly KnownStatus[] = [
  "queued",
  "running",
  "action_required",
  "cancelling",
  "completed",
  "failed",
  "cancelled",
];

/**
 * Returns whether a run with this status has ended: no event follows. `action_required` is not active and ends
 * streams. Unknown statuses have not ended.
 */
export function isTerminal(status: RunStatus): boolean {
  return /^(?:completed|failed|cancelled|action_required)$/.test(status);
}

/** A warning about a run; its type is one of the SDK's or a later one. */
export interface Warning {
  readonly type: Parallel.Warning["type"] | (string & Record<never, never>);
  readonly message: string;
  readonly detail?: Record<string, unknown> | null;
}

/** Why a run failed, or why a request was refused. */
export type ErrorObject = Parallel.ErrorObject;

/** The body of every non-2xx response. */
export type ErrorBody = Parallel.ErrorResponse;

/** The SDK's class of that name mixes the run's members with its methods. */
type RunFacts = Pick<
  Parallel.TaskRun,
  | "run_id"
  | "interaction_id"
  | "processor"
  | "is_active"
  | "created_at"
  | "modified_at"
  | "metadata"
  | "taskgroup_id"
  | "error"
>;

/** A run as the API describes it. */
export interface TaskRun extends RunFacts {
  status: RunStatus;
  warnings?: readonly Warning[] | null;
}

export type TaskRunTextOutput = Parallel.TaskRunTextOutput;
export type TaskRunJsonOutput = Parallel.TaskRunJsonOutput;

/** A result: text or a JSON object, each with its basis. */
export type TaskRunOutput = TaskRunTextOutput | TaskRunJsonOutput;

/** The body of `GET …/result`. */
export interface TaskRunResult {
  run: TaskRun;
  output: TaskRunOutput;
}
