/** The batch service that routes call. */
import type { RunOwner, StreamOutcome } from "../../runs/mod.ts";
import type { RunPage } from "../../runs/model/mod.ts";
import type { BatchEvent, Table } from "../model/mod.ts";
import { adoptGroup } from "./adopt.ts";
import { UNDO_MS } from "./commands.ts";
import { readOrders } from "./stored_orders.ts";
import { createBatch } from "./create.ts";
import { Downloads } from "./downloads.ts";
import { orderColumns, orderRows } from "./extend.ts";
import { BatchListing, type ListOptions } from "./listing.ts";
import { SharedBatches } from "./public.ts";
import type { BatchParts } from "./parts.ts";
import type { FoundBatch } from "./reader.ts";
import { keys } from "./store.ts";
import type {
  BatchCommand,
  BatchDownload,
  BatchPage,
  BatchSummary,
  CommandOutcome,
  CreateBatchOutcome,
  Draft,
  GroupAdoption,
  LinesBeside,
  NewBatch,
  NewColumns,
  NewDraft,
  UnsentDraft,
} from "./types.ts";

/**
 * The batches of accounts. IDs are untrusted: methods return `null` for a batch that the account does not have.
 * `beforeMs` is for a session whose key the API no longer accepts: batches created before can be read in their
 * state at that time, exported and deleted. Later ones are hidden.
 */
export class AccountBatches {
  /** Lines for lists that have batches among runs. */
  readonly listing: BatchListing;
  readonly #parts: BatchParts;
  readonly #shared: SharedBatches;
  readonly #beforeMs: number;

  constructor(parts: BatchParts, beforeMs = Infinity) {
    const { context, reader, streams } = parts;
    this.#parts = parts;
    this.#beforeMs = beforeMs;
    this.#shared = new SharedBatches(reader, streams, context.runPage);
    this.listing = new BatchListing(context.kv, beforeMs);
  }

  /** Stores a table for 24 hours and returns the draft's ID. An account keeps its 20 newest drafts. */
  saveDraft(
    account: string,
    draft: NewDraft,
    workbook: Uint8Array<ArrayBuffer> | null = null,
  ): Promise<string> {
    return this.#parts.drafts.save(account, draft, workbook);
  }

  /** The original workbook of a draft, so another sheet can be read. */
  draftWorkbook(account: string, draftId: string): Promise<Uint8Array | null> {
    return this.#parts.drafts.workbook(account, draftId);
  }

  draft(account: string, draftId: string): Promise<Draft | null> {
    return this.#parts.drafts.read(account, draftId);
  }

  /** The tables that were uploaded and not sent, the newest first. */
  unsentDrafts(account: string): Promise<UnsentDraft[]> {
    return this.#parts.drafts.unsent(account);
  }

  /** Replaces a draft. Returns `false` if there is none. */
  changeDraft(account: string, draftId: string, draft: NewDraft): Promise<boolean> {
    return this.#parts.drafts.change(account, draftId, draft);
  }

  /** Replaces the fields of a draft's form. Returns `false` if there is no draft. */
  changeDraftFields(
    account: string,
    draftId: string,
    fields: Draft["fields"],
  ): Promise<boolean> {
    return this.#parts.drafts.changeFields(account, draftId, fields);
  }

  removeDraft(account: string, draftId: string): Promise<void> {
    return this.#parts.drafts.remove(account, draftId);
  }

  /**
   * Creates the group, which is free, stores all rows under its ID, then starts sending them. The metadata
   * must not use {@linkcode RESERVED_METADATA}.
   */
  create(owner: RunOwner, batch: NewBatch): Promise<CreateBatchOutcome> {
    return createBatch(this.#parts.context, owner, batch);
  }

  /**
   * Creates at most one batch from a draft. Another request for the same draft gets the same batch, or a
   * failure of kind `pending` while it is being created.
   */
  createOnce(owner: RunOwner, draftId: string, batch: NewBatch): Promise<CreateBatchOutcome> {
    return this.#parts.drafts.sendOnce(owner.id, draftId, () => this.create(owner, batch));
  }

  /** A batch's line in its account's list. */
  async line(account: string, batchId: string): Promise<BatchSummary | null> {
    const found = await this.#find(account, batchId);
    if (found === null) return null;
    const key = keys.line(account, found.record.created_ms, batchId);
    return (await this.#parts.context.kv.get<BatchSummary>(key)).value;
  }

  async page(account: string, batchId: string): Promise<BatchPage | null> {
    const found = await this.#find(account, batchId);
    return found && await this.#parts.reader.page(batchId, found, this.#beforeMs);
  }

  /**
   * Makes a group that was created elsewhere a batch of the account, if the API shows it to the account. Waits a
   * moment for its rows. Bills nothing.
   */
  async adopt(owner: RunOwner, groupId: string): Promise<GroupAdoption> {
    // The API shows nothing to a key that it no longer accepts.
    if (this.#beforeMs < Infinity) return { state: "unknown" };
    return await adoptGroup(this.#parts.context, owner, groupId);
  }

  /** Checks in the background whether an adopted group has new runs. Does little if called again soon. */
  lookAgain(account: string, batchId: string): void {
    if (this.#beforeMs === Infinity) this.#parts.groupChecks.check(account, batchId);
  }

  /** The newest batches of an account, newest first. `cursor` is the `next` of the page before. */
  list(account: string, options?: ListOptions) {
    return this.listing.page(account, options);
  }

  /** Executes a command, or leaves it to the process that holds the batch. */
  async command(owner: RunOwner, batchId: string, command: BatchCommand): Promise<CommandOutcome> {
    if (await this.#find(owner.id, batchId) === null) return "unknown";
    return await this.#parts.orders.send(batchId, command, owner);
  }

  /**
   * Appends rows. The table must have the batch's columns, by name. `version` names the addition: the same
   * one again, such as a form that the browser sent twice, changes nothing.
   */
  async addRows(
    owner: RunOwner,
    batchId: string,
    table: Table,
    version: string = crypto.randomUUID(),
  ): Promise<CommandOutcome | "other columns"> {
    const found = await this.#find(owner.id, batchId);
    if (found === null) return "unknown";
    const { context, orders } = this.#parts;
    const order = await orderRows(context, batchId, found, table, version);
    return order === null ? "other columns" : await orders.send(batchId, order, owner);
  }

  /**
   * Runs the same rows again to add columns to the table. The task is the batch's own with this output and
   * processor. `full`: the batch has the maximum number of column sets. `version` as in `addRows`.
   */
  async addColumns(
    owner: RunOwner,
    batchId: string,
    columns: NewColumns,
    version: string = crypto.randomUUID(),
  ): Promise<CommandOutcome | "full"> {
    const found = await this.#find(owner.id, batchId);
    if (found === null) return "unknown";
    const { context, orders } = this.#parts;
    const order = await orderColumns(context, batchId, found, columns, version);
    return order === null ? "full" : await orders.send(batchId, order, owner);
  }

  /** Streams the batch's events after an ID. Each is one `BatchEvent` as JSON. */
  async stream(account: string, batchId: string, after: number): Promise<StreamOutcome> {
    const found = await this.#find(account, batchId);
    if (found === null) return { status: "unknown" };
    const options = { head: found.head, account, after, share: null };
    if (this.#beforeMs === Infinity) return this.#parts.streams.open(batchId, options);
    // Later events keep their IDs, without content.
    const show = (event: BatchEvent) =>
      event.at_ms < this.#beforeMs ? event : { ...event, data: {} };
    return this.#parts.streams.open(batchId, { ...options, show });
  }

  /** Creates a share link, or returns the existing one's token. `null`: no such batch. */
  async share(account: string, batchId: string): Promise<string | null> {
    if (await this.#find(account, batchId) === null) return null;
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const token = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
    await this.#parts.orders.send(batchId, { type: "share", token });
    return (await this.#parts.reader.find(batchId))?.head.share ?? null;
  }

  /** Revokes the share link and ends the streams opened through it. `false`: no such batch. */
  async unshare(account: string, batchId: string): Promise<boolean> {
    if (await this.#find(account, batchId) === null) return false;
    await this.#parts.orders.send(batchId, { type: "unshare" });
    return true;
  }

  /** The public view of the batch behind a share link. */
  sharedPage(token: string): Promise<BatchPage | null> {
    return this.#shared.page(token);
  }

  isShared(token: string): Promise<boolean> {
    return this.#shared.isShared(token);
  }

  /** The run of a row in one column set, through the batch's share link. */
  sharedRun(token: string, row: number, set: number): Promise<RunPage | null> {
    return this.#shared.run(token, row, set);
  }

  sharedStream(token: string, after: number): Promise<StreamOutcome> {
    return this.#shared.stream(token, after);
  }

  /** Deletes the batch and its rows' runs. The deletion can be undone for ten minutes. */
  async remove(account: string, batchId: string): Promise<boolean> {
    if (await this.#find(account, batchId) === null) return false;
    await this.#parts.orders.send(batchId, { type: "delete" });
    return true;
  }

  async restore(account: string, batchId: string): Promise<"restored" | "late" | "unknown"> {
    const found = await this.#find(account, batchId, { deletedToo: true });
    if (found === null) return "unknown";
    const { deleted_ms } = found.head;
    const { context, orders } = this.#parts;
    if (deleted_ms === null) {
      // Its deletion may still be on the way to the process that holds it.
      const stored = await readOrders(context.kv, batchId);
      if (!stored.some(({ value }) => value.order.type === "delete")) return "restored";
    } else if (deleted_ms + UNDO_MS <= context.now()) return "late";
    await orders.send(batchId, { type: "undelete" });
    return "restored";
  }

  csv(account: string, page: BatchPage, download: BatchDownload): AsyncGenerator<string> {
    return this.#downloads(account, page, download).csv();
  }

  ndjson(account: string, page: BatchPage, download: BatchDownload): AsyncGenerator<string> {
    return this.#downloads(account, page, download).ndjson();
  }

  xlsx(account: string, page: BatchPage, download: BatchDownload) {
    return this.#downloads(account, page, download).xlsx();
  }

  /** One report per row with a run. */
  reports(account: string, page: BatchPage, download: BatchDownload) {
    return this.#downloads(account, page, download).reports();
  }

  /** All batches of an account as values for an export: each batch, then its rows. */
  exported(account: string) {
    return this.#parts.upkeep.exported(account, this.#beforeMs);
  }

  /** Finds a batch of the account that this session may see. */
  async #find(
    account: string,
    batchId: string,
    options: { readonly deletedToo?: boolean } = {},
  ): Promise<FoundBatch | null> {
    const found = await this.#parts.reader.find(batchId, options);
    if (found === null) return null;
    const { account: owner, created_ms } = found.record;
    return owner === account && created_ms < this.#beforeMs ? found : null;
  }

  #downloads(account: string, page: BatchPage, download: BatchDownload): Downloads {
    const { runPage, runResult } = this.#parts.context;
    const read = {
      page: (runId: string) => runPage(account, runId),
      result: (runId: string) => runResult(account, runId),
    };
    return new Downloads(read, page, download);
  }
}

/** The batches of accounts as routes use them. Tests replace them. */
export type BatchService = Omit<AccountBatches, "listing"> & { readonly listing: LinesBeside };
