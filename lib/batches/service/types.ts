/** The types of the batch service. */
import type {
  BatchState,
  BatchView,
  InputPlan,
  Pace,
  RowsToRerun,
  Table,
  TableColumn,
  TableRow,
} from "../model/mod.ts";
import type { ApiFailure, TaskRunInput } from "../../parallel/mod.ts";
import type { Position } from "../../runs/mod.ts";

/** The task that all rows share: a request without its input. */
export type BatchTask = Omit<TaskRunInput, "input">;

/** Columns to add to a batch. */
export interface NewColumns {
  readonly processor: string;
  readonly task_spec: BatchTask["task_spec"];
  /** How many rows to send first; `null` for all. */
  readonly trial: number | null;
}

/** Reserved `metadata` names: they hold a run's row and attempt. */
export const RESERVED_METADATA: readonly string[] = ["row", "attempt"];

/** A table that was uploaded but not sent. */
export interface NewDraft {
  /** The table's title, such as its file name. */
  readonly name: string;
  readonly table: Table;
  /** The form's other fields as submitted: `columns`, `template`, `processor` and so on. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A stored draft. Kept for 24 hours. */
export interface Draft extends NewDraft {
  readonly id: string;
  /** The batch that it became; `null` until it is sent. */
  readonly batch_id: string | null;
  /** Unix ms. */
  readonly created_ms: number;
}

/** A draft in a list. */
export interface UnsentDraft extends Pick<Draft, "id" | "name" | "created_ms"> {
  readonly rows: number;
}

/** A batch to create. */
export interface NewBatch {
  readonly name: string;
  readonly table: Table;
  readonly plan: InputPlan;
  readonly task: BatchTask;
  /** How many rows to send first; `null` for all. */
  readonly trial: number | null;
}

/** The batch, or why it could not be created. Neither case has billed anything yet. */
export type CreateBatchOutcome =
  | { readonly ok: true; readonly batchId: string }
  | { readonly ok: false; readonly failure: ApiFailure };

/** The immutable part of a batch. */
export interface Batch {
  /** The API's `taskgroup_id`. */
  readonly id: string;
  /** Unix ms. */
  readonly created_ms: number;
  /** The uploaded columns, in their order. */
  readonly columns: readonly TableColumn[];
  readonly plan: InputPlan;
  /** Header values of MCP servers are masked. */
  readonly task: BatchTask;
  readonly processor: string;
  /** Price per run when the batch was created (US dollars); `null` if the processor is unknown. */
  readonly price_usd: number | null;
  readonly simulated: boolean;
  /** The group was created elsewhere. Each row has the request of its own run. */
  readonly adopted?: true;
}

/** The outcome of a request for a group that is not one of the account's batches. */
export type GroupAdoption =
  /** It is a batch of the account now, or was one already. */
  | { readonly state: "adopted" }
  /** The API does not show it to the account, the account deleted it, or it is another account's batch. */
  | { readonly state: "unknown" }
  /** It has no runs yet. */
  | { readonly state: "empty" }
  /** It has more runs than a batch can have rows. */
  | { readonly state: "large"; readonly runs: number; readonly most: number }
  /** The account has asked for too many unknown groups. */
  | { readonly state: "limited" }
  /** The API does not answer. */
  | { readonly state: "away"; readonly failure: ApiFailure };

/** Everything that a batch's page shows. */
export interface BatchPage {
  readonly batch: Batch;
  /** Cells match its `outputs` by index. */
  readonly view: BatchView;
  /** The uploaded rows. Row `n` of the view is `rows[n - 1]`. */
  readonly rows: readonly TableRow[];
  /** The token of its share link; `null` if it is not shared. */
  readonly share: string | null;
}

/** One line of the list of batches. */
export interface BatchSummary {
  readonly id: string;
  readonly name: string;
  readonly created_ms: number;
  readonly processor: string;
  readonly simulated: boolean;
  readonly state: BatchState;
  readonly reason: string | null;
  readonly rows: number;
  /** Rows by status. */
  readonly counts: Readonly<Record<string, number>>;
  readonly spent_usd: number;
  /** When a row was last sent (Unix ms). Lines from earlier versions have none. */
  readonly sent_ms?: number | null;
  /** The names of the result columns. */
  readonly outputs: readonly string[];
  /** Rows with a low-confidence cell. Lines from earlier versions have none, nor the two below. */
  readonly low?: number;
  /** When the first row was sent (Unix ms), and the rows that ended recently. */
  readonly started_ms?: number | null;
  readonly pace?: Pace;
  /** How a finished batch came out; `null` before that. Lines from earlier versions have none. */
  readonly outcome?: BatchOutcome | null;
}

/** How a batch came out. */
export interface BatchOutcome {
  /** When its last row ended (Unix ms); `null` if runs of its rows were deleted. */
  readonly ended_ms: number | null;
  /** The most frequent confidence of each result column that the line names; `null` if it has none. */
  readonly levels: readonly (string | null)[];
  /** Number of result cells. */
  readonly cells: number;
  /** Number of them with high confidence. */
  readonly high: number;
}

/** A user's command to a batch. */
export type BatchCommand =
  /** Sends up to this many unsent rows; `null` for all of them. */
  | { readonly type: "start"; readonly rows: number | null }
  | { readonly type: "pause" }
  | { readonly type: "rename"; readonly name: string }
  /** Runs failed rows again; `null` for all of them. */
  | { readonly type: "retry" } & RowsToRerun
  /** Runs rows again on another processor and keeps both results; `null` for low-confidence rows. */
  | { readonly type: "escalate"; readonly processor: string } & RowsToRerun;

/**
 * `done`: executed. `accepted`: stored; the process that holds the batch will execute it. `unknown`: the
 * account has no such batch.
 */
export type CommandOutcome = "done" | "accepted" | "unknown";

/** The contents of a download. */
export interface BatchDownload {
  /** Row numbers in order, from 1. */
  readonly rows: readonly number[];
  /** Whether each field also gets a confidence and a sources column. */
  readonly sources: boolean;
  /** Tells Excel that a CSV is UTF-8. */
  readonly bom: boolean;
}

/** Selects batches for a list that shows both runs and batches. */
export interface BesideOptions {
  /** Select batches created after the position instead of before it. */
  readonly newer: boolean;
  readonly limit: number;
  readonly fits: (batch: BatchSummary) => boolean;
}

/** Lines for lists that have batches among runs. */
export interface LinesBeside {
  /** The batches next to a place in a list, nearest first. `null`: from the end on. */
  beside(account: string, at: Position | null, options: BesideOptions): Promise<BatchSummary[]>;
  /** The lines of these batches, without those that the account does not have. */
  lines(account: string, batchIds: readonly string[]): Promise<BatchSummary[]>;
}
