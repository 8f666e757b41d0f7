/** The batch service that routes call. */
import type { RunOwner, StreamOutcome, StreamsContext } from "../../runs/mod.ts";
import type { RunPage } from "../../runs/model/mod.ts";
import type { BatchEvent, Table } from "../model/mod.ts";
import { type AdoptContext, adoptGroup } from "./adopt.ts";
import { BatchesBefore } from "./before.ts";
import { UNDO_MS } from "./commands.ts";
import { createBatch, type CreateBatchContext, repeatBatch, type RepeatOptions } from "./create.ts";
import { Downloads } from "./downloads.ts";
import { Drafts } from "./drafts.ts";
import { orderColumns, orderRows } from "./extend.ts";
import { Holders } from "./holders.ts";
import { SharedBatches } from "./public.ts";
import { BatchListing, type ListOptions } from "./listing.ts";
import { Looks } from "./looks.ts";
import { Orders } from "./orders.ts";
import { BatchReader } from "./reader.ts";
import type { RunnerContext } from "./runner.ts";
import { keys } from "./store.ts";
import { BatchStreams } from "./streams.ts";
import { BatchUpkeep } from "./upkeep.ts";
import type {
  BatchCommand,
  BatchDownload,
  BatchPage,
  BatchService,
  BatchSummary,
  CommandOutcome,
  CreateBatchOutcome,
  Draft,
  GroupAdoption,
  NewBatch,
  NewColumns,
  NewDraft,
} from "./types.ts";

/** Dependencies of batches. */
export interface BatchesContext
  extends
    Omit<RunnerContext, "onEvents" | "onOrder">,
    Pick<AdoptContext, "keptMs" | "keyring" | "mayAdopt">,
    StreamsContext {}

/** Batches. One per process. */
export class Batches implements BatchService {
  readonly #context: RunnerContext & BatchesContext & CreateBatchContext;
  readonly #drafts: Drafts;
  readonly streams: BatchStreams;
  readonly listing: BatchListing;
  /** Keeps batches in step with accounts and runs. */
  readonly upkeep: BatchUpkeep;
  readonly #holders: Holders;
  readonly #reader: BatchReader;
  readonly #shared: SharedBatches;
  readonly #orders: Orders;
  /** Finds new runs of adopted groups. */
  readonly looks: Looks;

  constructor(context: BatchesContext) {
    this.#drafts = new Drafts(context);
    this.#reader = new BatchReader(context.kv);
    this.listing = new BatchListing(context.kv);
    this.streams = new BatchStreams(context);
    this.#shared = new SharedBatches(this.#reader, this.streams, context.runPage);
    this.#context = {
      ...context,
      onEvents: (id: string, events: readonly BatchEvent[]) => this.streams.publish(id, events),
      onStored: (id: string) => this.#holders.hold(id),
      onOrder: (key: Deno.KvKey) => this.#orders.carriedOut(key),
    };
    this.#holders = new Holders(this.#context);
    this.#orders = new Orders(this.#context, (id) => this.#holders.hold(id));
    this.looks = new Looks({
      ...this.#context,
      reader: this.#reader,
      order: (id) => this.#orders.leave(id, { type: "look" }),
    });
    this.upkeep = new BatchUpkeep({
      ...context,
      reader: this.#reader,
      drafts: this.#drafts,
      order: (id, order) => this.#orders.send(id, order),
      leave: (id, order) => this.#orders.leave(id, order),
    });
  }

  saveDraft(...draft: Parameters<BatchService["saveDraft"]>): Promise<string> {
    return this.#drafts.save(...draft);
  }

  draftWorkbook(account: string, draftId: string): Promise<Uint8Array | null> {
    return this.#drafts.workbook(account, draftId);
  }

  draft(account: string, draftId: string): Promise<Draft | null> {
    return this.#drafts.read(account, draftId);
  }

  changeDraft(account: string, draftId: string, draft: NewDraft): Promise<boolean> {
    return this.#drafts.change(account, draftId, draft);
  }

  removeDraft(account: string, draftId: string): Promise<void> {
    return this.#drafts.remove(account, draftId);
  }

  async create(owner: RunOwner, batch: NewBatch): Promise<CreateBatchOutcome> {
    return await createBatch(this.#context, owner, batch);
  }

  /** Creates a batch with the rows and the task of another one. Returns `null` if that one does not exist. */
  async repeat(owner: RunOwner, batchId: string, options: RepeatOptions) {
    const found = await this.#reader.find(batchId);
    if (found?.record.account !== owner.id) return null;
    return await repeatBatch(this.#context, owner, { id: batchId, ...found }, options);
  }

  async createOnce(
    owner: RunOwner,
    draftId: string,
    batch: NewBatch,
  ): Promise<CreateBatchOutcome> {
    return await this.#drafts.sendOnce(owner.id, draftId, () => this.create(owner, batch));
  }

  /** A batch's line in its account's list; `null` if the account has no such batch. */
  async line(account: string, batchId: string): Promise<BatchSummary | null> {
    const found = await this.#reader.find(batchId);
    if (found?.record.account !== account) return null;
    const key = keys.line(account, found.record.created_ms, batchId);
    return (await this.#context.kv.get<BatchSummary>(key)).value;
  }

  async page(account: string, batchId: string): Promise<BatchPage | null> {
    const found = await this.#reader.find(batchId);
    return found?.record.account === account ? await this.#reader.page(batchId, found) : null;
  }

  adopt(owner: RunOwner, groupId: string): Promise<GroupAdoption> {
    return adoptGroup(this.#context, owner, groupId);
  }

  lookAgain(account: string, batchId: string): void {
    this.looks.look(account, batchId);
  }

  list(account: string, options?: ListOptions): ReturnType<BatchService["list"]> {
    return this.listing.page(account, options);
  }

  async command(owner: RunOwner, batchId: string, command: BatchCommand): Promise<CommandOutcome> {
    if (!await this.#has(owner.id, batchId)) return "unknown";
    return await this.#orders.send(batchId, command, owner);
  }

  async addRows(
    owner: RunOwner,
    batchId: string,
    table: Table,
    version: string = crypto.randomUUID(),
  ): Promise<CommandOutcome | "other columns"> {
    const found = await this.#reader.find(batchId);
    if (found === null || found.record.account !== owner.id) return "unknown";
    const order = await orderRows(this.#context, batchId, found, table, version);
    return order === null ? "other columns" : await this.#orders.send(batchId, order, owner);
  }

  async addColumns(
    owner: RunOwner,
    batchId: string,
    columns: NewColumns,
    version: string = crypto.randomUUID(),
  ): Promise<CommandOutcome | "full"> {
    const found = await this.#reader.find(batchId);
    if (found === null || found.record.account !== owner.id) return "unknown";
    const order = await orderColumns(this.#context, batchId, found, columns, version);
    return order === null ? "full" : await this.#orders.send(batchId, order, owner);
  }

  async stream(account: string, batchId: string, after: number): Promise<StreamOutcome> {
    const found = await this.#reader.find(batchId);
    if (found === null || found.record.account !== account) return { status: "unknown" };
    return this.streams.open(batchId, { head: found.head, account, after, share: null });
  }

  /** Creates a share link or returns the existing one. Returns `null` if the batch does not exist. */
  async share(account: string, batchId: string): Promise<string | null> {
    if (!await this.#has(account, batchId)) return null;
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const token = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
    await this.#orders.send(batchId, { type: "share", token });
    return (await this.#reader.find(batchId))?.head.share ?? null;
  }

  /** Revokes the share link and ends the streams opened through it. */
  async unshare(account: string, batchId: string): Promise<boolean> {
    if (!await this.#has(account, batchId)) return false;
    await this.#orders.send(batchId, { type: "unshare" });
    return true;
  }

  /** The page that a share link shows. */
  sharedPage(token: string): Promise<BatchPage | null> {
    return this.#shared.page(token);
  }

  isShared(token: string): Promise<boolean> {
    return this.#shared.isShared(token);
  }

  sharedRun(token: string, row: number, set: number): Promise<RunPage | null> {
    return this.#shared.run(token, row, set);
  }

  sharedStream(token: string, after: number): Promise<StreamOutcome> {
    return this.#shared.stream(token, after);
  }

  async remove(account: string, batchId: string): Promise<boolean> {
    if (!await this.#has(account, batchId)) return false;
    await this.#orders.send(batchId, { type: "delete" });
    return true;
  }

  async restore(account: string, batchId: string): Promise<"restored" | "late" | "unknown"> {
    const found = await this.#reader.find(batchId, { deletedToo: true });
    if (found === null || found.record.account !== account) return "unknown";
    const { deleted_ms } = found.head;
    if (deleted_ms === null) return "restored";
    if (deleted_ms + UNDO_MS <= this.#context.now()) return "late";
    await this.#orders.send(batchId, { type: "undelete" });
    return "restored";
  }

  csv(account: string, page: BatchPage, download: BatchDownload): AsyncGenerator<string> {
    return this.#downloads(account, page, download).csv();
  }

  ndjson(account: string, page: BatchPage, download: BatchDownload): AsyncGenerator<string> {
    return this.#downloads(account, page, download).ndjson();
  }

  xlsx(...[account, page, download]: Parameters<BatchService["xlsx"]>) {
    return this.#downloads(account, page, download).xlsx();
  }

  reports(...[account, page, download]: Parameters<BatchService["reports"]>) {
    return this.#downloads(account, page, download).reports();
  }

  /**
   * Call this when a run of a group was stored: it may belong to a row of a batch that this process holds.
   */
  stored(...run: Parameters<Holders["stored"]>): void {
    this.#holders.stored(...run);
  }

  /** Call this when this process stored events of a run. */
  runChanged(runId: string): void {
    this.#holders.runChanged(runId);
  }

  /** Holds every batch with pending work that no process holds. */
  pickUp(): Promise<void> {
    return this.#holders.pickUp();
  }

  /** Resolves when this process holds nothing, or rejects with the signal's reason. */
  idle(signal: AbortSignal): Promise<void> {
    return this.#holders.idle(signal);
  }

  exported(account: string, beforeMs?: number): ReturnType<BatchService["exported"]> {
    return this.upkeep.exported(account, beforeMs);
  }

  /** Returns the batches for a session that may only see what was created before a time (Unix ms). */
  before(beforeMs: number): BatchService {
    return new BatchesBefore(this, { reader: this.#reader, streams: this.streams, beforeMs });
  }

  /** Stops holding and streaming after finishing requests in flight. */
  async drain(): Promise<void> {
    this.streams.drain();
    await this.#holders.drain();
  }

  #downloads(account: string, page: BatchPage, download: BatchDownload): Downloads {
    const { runPage, runResult } = this.#context;
    const read = {
      page: (runId: string) => runPage(account, runId),
      result: (runId: string) => runResult(account, runId),
    };
    return new Downloads(read, page, download);
  }

  async #has(account: string, id: string): Promise<boolean> {
    return (await this.#reader.find(id))?.record.account === account;
  }
}
