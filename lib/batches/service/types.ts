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
import type { Position, RunOwner, StreamOutcome } from "../../runs/mod.ts";
import type { RunPage } from "../../runs/model/mod.ts";

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

/**
 * The batches of an account, as routes use them. `AccountBatches` implements it. IDs are untrusted: methods return
 * `null` for a batch that the account does not have.
 */
export interface BatchService {
  /** Stores a table for 24 hours and returns the draft's ID. An account keeps its 20 newest drafts. */
  saveDraft(
    account: string,
    draft: NewDraft,
    workbook?: Uint8Array<ArrayBuffer> | null,
  ): Promise<string>;
  /** The original workbook of a draft, so another sheet can be read. */
  draftWorkbook(account: string, draftId: string): Promise<Uint8Array | null>;
  draft(account: string, draftId: string): Promise<Draft | null>;
  /** Replaces a draft. Returns `false` if there is none. */
  changeDraft(account: string, draftId: string, draft: NewDraft): Promise<boolean>;
  /** Replaces the fields of a draft's form. Returns `false` if there is no draft. */
  changeDraftFields(
    account: string,
    draftId: string,
    fields: Readonly<Record<string, string>>,
  ): Promise<boolean>;
  removeDraft(account: string, draftId: string): Promise<void>;
  /**
   * Creates the group, which is free, stores all rows under its ID, then starts sending them. The metadata
   * must not use {@linkcode RESERVED_METADATA}.
   */
  create(owner: RunOwner, batch: NewBatch): Promise<CreateBatchOutcome>;
  /**
   * Creates at most one batch from a draft. Another request for the same draft gets the same batch, or a
   * failure of kind `pending` while it is being created.
   */
  createOnce(owner: RunOwner, draftId: string, batch: NewBatch): Promise<CreateBatchOutcome>;
  page(account: string, batchId: string): Promise<BatchPage | null>;
  /**
   * Makes a group that was created elsewhere a batch of the account, if the API shows it to the account. Waits a
   * moment for its rows. Bills nothing.
   */
  adopt(owner: RunOwner, groupId: string): Promise<GroupAdoption>;
  /** Checks in the background whether an adopted group has new runs. Does little if called again soon. */
  lookAgain(account: string, batchId: string): void;
  /** Lines for lists that have batches among runs. */
  readonly listing: LinesBeside;
  /** A batch's line in its account's list. */
  line(account: string, batchId: string): Promise<BatchSummary | null>;
  /** The newest batches of an account, newest first. `cursor` is the `next` of the page before. */
  list(
    account: string,
    options?: { readonly limit?: number; readonly cursor?: string | null },
  ): Promise<{ readonly batches: readonly BatchSummary[]; readonly next: string | null }>;
  /** All batches of an account as values for an export: each batch, then its rows. */
  exported(account: string): AsyncGenerator<Readonly<Record<string, unknown>>>;
  /** Executes a command, or leaves it to the process that holds the batch. */
  command(owner: RunOwner, batchId: string, command: BatchCommand): Promise<CommandOutcome>;
  /**
   * Appends rows. The table must have the batch's columns, by name. `version` names the addition: the same
   * one again, such as a form that the browser sent twice, changes nothing.
   */
  addRows(
    owner: RunOwner,
    batchId: string,
    table: Table,
    version?: string,
  ): Promise<CommandOutcome | "other columns">;
  /**
   * Runs the same rows again to add columns to the table. The task is the batch's own with this output and
   * processor. `full`: the batch has the maximum number of column sets. `version` as in `addRows`.
   */
  addColumns(
    owner: RunOwner,
    batchId: string,
    columns: NewColumns,
    version?: string,
  ): Promise<CommandOutcome | "full">;
  /** Streams the batch's events after an ID. Each is one `BatchEvent` as JSON. */
  stream(account: string, batchId: string, after: number): Promise<StreamOutcome>;
  /** Creates a share link, or returns the existing one's token. `null`: no such batch. */
  share(account: string, batchId: string): Promise<string | null>;
  /** Revokes the share link and ends the streams opened through it. `false`: no such batch. */
  unshare(account: string, batchId: string): Promise<boolean>;
  /** The public view of the batch behind a share link. */
  sharedPage(token: string): Promise<BatchPage | null>;
  /** The run of a row in one column set, through the batch's share link. */
  sharedRun(token: string, row: number, set: number): Promise<RunPage | null>;
  isShared(token: string): Promise<boolean>;
  sharedStream(token: string, after: number): Promise<StreamOutcome>;
  /** Deletes the batch and its rows' runs. The deletion can be undone for ten minutes. */
  remove(account: string, batchId: string): Promise<boolean>;
  restore(account: string, batchId: string): Promise<"restored" | "late" | "unknown">;
  csv(account: string, page: BatchPage, download: BatchDownload): AsyncGenerator<string>;
  xlsx(
    account: string,
    page: BatchPage,
    download: BatchDownload,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>>;
  ndjson(account: string, page: BatchPage, download: BatchDownload): AsyncGenerator<string>;
  /** One report per row with a run. */
  reports(
    account: string,
    page: BatchPage,
    download: BatchDownload,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>>;
}
