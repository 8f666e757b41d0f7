/** What routes ask of batches, and what they get. */
import type {
  Again,
  BatchState,
  BatchView,
  InputPlan,
  Table,
  TableColumn,
  TableRow,
} from "../model/mod.ts";
import type { ApiFailure, TaskRunInput } from "../../parallel/mod.ts";
import type { Position, RunOwner, StreamOutcome } from "../../runs/mod.ts";
import type { RunPage } from "../../runs/model/mod.ts";

/** What the runs of a batch have in common: a request without its input. */
export type BatchTask = Omit<TaskRunInput, "input">;

/** Further columns for the rows of a batch. */
export interface NewColumns {
  readonly processor: string;
  readonly task_spec: BatchTask["task_spec"];
  /** How many rows to send first; `null` for all. */
  readonly trial: number | null;
}

/** Names that `metadata` must not have: they tell which row a run answers, and which try it is. */
export const RESERVED_METADATA: readonly string[] = ["row", "attempt"];

/** A table that was uploaded and not sent. */
export interface NewDraft {
  /** Names the table, such as its file's name. */
  readonly name: string;
  readonly table: Table;
  /** The form's other fields, as they were sent: `columns`, `template`, `processor` and so on. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A stored draft. It is kept for 24 hours. */
export interface Draft extends NewDraft {
  readonly id: string;
  /** The batch that it became; `null` as long as it was not sent. */
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

/** The batch, or why there is none. Nothing was billed in either case. */
export type CreateBatchOutcome =
  | { readonly ok: true; readonly batchId: string }
  | { readonly ok: false; readonly failure: ApiFailure };

/** What stays the same in a batch. */
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
  /** US dollars for each run when the batch was created; `null` if the processor is unknown. */
  readonly price_usd: number | null;
  readonly simulated: boolean;
}

/** Everything that a batch's page shows. */
export interface BatchPage {
  readonly batch: Batch;
  /** `outputs` are the columns that cells belong to. */
  readonly view: BatchView;
  /** The rows as uploaded. Row `n` of the view is `rows[n - 1]`. */
  readonly rows: readonly TableRow[];
  /** The token of the link to it; `null` if it is not shared. */
  readonly share: string | null;
}

/** One line of the list of batches. */
export interface BatchLine {
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
  /** When a row was sent last; lines of earlier versions have none (Unix ms). */
  readonly sent_ms?: number | null;
  /** The names of the answers' columns. */
  readonly outputs: readonly string[];
}

/** What a person tells a batch to do. */
export type BatchCommand =
  /** Sends what was not sent, up to so many more rows; `null` for all of them. */
  | { readonly type: "start"; readonly rows: number | null }
  | { readonly type: "pause" }
  | { readonly type: "rename"; readonly name: string }
  /** Sends failed rows again; `null` for all that failed. */
  | { readonly type: "retry" } & Again
  /** Runs rows again on another processor and keeps both answers; `null`: those of low confidence. */
  | { readonly type: "escalate"; readonly processor: string } & Again;

/**
 * `done`: the batch's log has it. `accepted`: it is stored, and will be carried out by the process that holds
 * the batch. `unknown`: the account has no such batch.
 */
export type CommandOutcome = "done" | "accepted" | "unknown";

/** Which rows a download has, and how. */
export interface BatchDownload {
  /** Numbers of the rows, in order; from 1. */
  readonly rows: readonly number[];
  /** Whether confidence and sources have columns of their own. */
  readonly sources: boolean;
  /** Tells Excel that a CSV is UTF-8. */
  readonly bom: boolean;
}

/** Selects lines of a list that both runs and batches are in. */
export interface BesideOptions {
  /** Those created after a place; otherwise those before it. */
  readonly newer: boolean;
  readonly limit: number;
  readonly fits: (batch: BatchLine) => boolean;
}

/** Lines for lists that have batches among runs. */
export interface LinesBeside {
  /** The batches next to a place in a list, nearest first. `null`: from the end on. */
  beside(account: string, at: Position | null, options: BesideOptions): Promise<BatchLine[]>;
  /** The lines of these batches, without those that the account does not have. */
  lines(account: string, batchIds: readonly string[]): Promise<BatchLine[]>;
}

/** What routes call. The class is `Batches`. All ids may be invented: what is not the account's is `null`. */
export interface BatchService {
  /** Stores a table for 24 hours and returns the draft's id. An account keeps its 20 newest drafts. */
  saveDraft(
    account: string,
    draft: NewDraft,
    workbook?: Uint8Array<ArrayBuffer> | null,
  ): Promise<string>;
  /** The workbook that a draft was read from, so that another sheet of it can be read. */
  draftWorkbook(account: string, draftId: string): Promise<Uint8Array | null>;
  draft(account: string, draftId: string): Promise<Draft | null>;
  /** Replaces a draft under its id. `false` if there is none. */
  changeDraft(account: string, draftId: string, draft: NewDraft): Promise<boolean>;
  removeDraft(account: string, draftId: string): Promise<void>;
  /**
   * Creates the group, which costs nothing, stores all rows under its id, and then starts to send them. Pass
   * metadata without {@linkcode RESERVED_METADATA}.
   */
  create(owner: RunOwner, batch: NewBatch): Promise<CreateBatchOutcome>;
  /**
   * Creates a batch of a draft, once: another request for the same draft gets the same batch, or a failure
   * of the kind `pending` while it is being created.
   */
  createOnce(owner: RunOwner, draftId: string, batch: NewBatch): Promise<CreateBatchOutcome>;
  page(account: string, batchId: string): Promise<BatchPage | null>;
  /** Lines for lists that have batches among runs. */
  readonly listing: LinesBeside;
  /** A batch's line in its account's list. */
  line(account: string, batchId: string): Promise<BatchLine | null>;
  /** The newest batches of an account, newest first. `cursor` is the `next` of the page before. */
  list(
    account: string,
    options?: { readonly limit?: number; readonly cursor?: string | null },
  ): Promise<{ readonly batches: readonly BatchLine[]; readonly next: string | null }>;
  /** All batches of an account as values for the lines of a file: each one, then its rows. */
  exported(
    account: string,
    beforeMs?: number,
  ): AsyncGenerator<Readonly<Record<string, unknown>>>;
  /** Carries a command out, or leaves it to the process that holds the batch. */
  command(owner: RunOwner, batchId: string, command: BatchCommand): Promise<CommandOutcome>;
  /** Adds rows behind the last one. The table must have the batch's columns, by name. */
  addRows(
    owner: RunOwner,
    batchId: string,
    table: Table,
  ): Promise<CommandOutcome | "other columns">;
  /**
   * Runs the same rows for further columns, which join in the table. The task is the batch's own with this
   * output and processor. `full`: the table has as many sets of columns as it may.
   */
  addColumns(
    owner: RunOwner,
    batchId: string,
    columns: NewColumns,
  ): Promise<CommandOutcome | "full">;
  /** The batch's events after an id. Each is one `BatchEvent` as JSON. */
  stream(account: string, batchId: string, after: number): Promise<StreamOutcome>;
  /** Makes a link to the batch, or returns the token of the one that it has. `null`: no such batch. */
  share(account: string, batchId: string): Promise<string | null>;
  /** Revokes the link, and ends the streams of those who came by it. `false`: no such batch. */
  unshare(account: string, batchId: string): Promise<boolean>;
  /** The batch that a link leads to, without what belongs to its owner alone. */
  sharedPage(token: string): Promise<BatchPage | null>;
  /** The run that answers a row, in one set of columns, of the batch that a link leads to. */
  sharedRun(token: string, row: number, set: number): Promise<RunPage | null>;
  isShared(token: string): Promise<boolean>;
  sharedStream(token: string, after: number): Promise<StreamOutcome>;
  /** Deletes the batch and its rows' runs. It can be undone for ten minutes. */
  remove(account: string, batchId: string): Promise<boolean>;
  restore(account: string, batchId: string): Promise<"restored" | "late" | "unknown">;
  csv(account: string, page: BatchPage, download: BatchDownload): AsyncGenerator<string>;
  xlsx(
    account: string,
    page: BatchPage,
    download: BatchDownload,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>>;
  ndjson(account: string, page: BatchPage, download: BatchDownload): AsyncGenerator<string>;
  /** One report for each row that has a run. */
  reports(
    account: string,
    page: BatchPage,
    download: BatchDownload,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>>;
}
