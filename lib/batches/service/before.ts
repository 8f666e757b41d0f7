/** An account's batches for a session whose key the API no longer accepts. */
import type { RunOwner, StreamOutcome } from "../../runs/mod.ts";
import type { RunPage } from "../../runs/model/mod.ts";
import type { BatchEvent, Table } from "../model/mod.ts";
import type { BatchReader, FoundBatch } from "./reader.ts";
import type { BatchStreams } from "./streams.ts";
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

/**
 * Gives access to batches created before a time, in their state at that time. They can be read, exported and
 * deleted. Later batches are hidden.
 */
export class BatchesBefore implements BatchService {
  readonly #batches: BatchService;
  readonly #reader: BatchReader;
  readonly #streams: BatchStreams;
  readonly #beforeMs: number;
  readonly listing: BatchService["listing"];

  constructor(
    batches: BatchService,
    { reader, streams, beforeMs }: {
      readonly reader: BatchReader;
      readonly streams: BatchStreams;
      readonly beforeMs: number;
    },
  ) {
    this.#batches = batches;
    this.#reader = reader;
    this.#streams = streams;
    this.#beforeMs = beforeMs;
    const { listing } = batches;
    const isOld = ({ created_ms }: BatchSummary) => created_ms < beforeMs;
    this.listing = {
      beside: (account, at, options) =>
        listing.beside(account, at, {
          ...options,
          fits: (line) => isOld(line) && options.fits(line),
        }),
      lines: async (...asked) => (await listing.lines(...asked)).filter(isOld),
    };
  }

  async page(account: string, batchId: string): Promise<BatchPage | null> {
    const found = await this.#find(account, batchId);
    return found === null ? null : await this.#reader.page(batchId, found, this.#beforeMs);
  }

  /** Its key sees nothing at the API. */
  adopt(): Promise<GroupAdoption> {
    return Promise.resolve({ state: "unknown" });
  }

  lookAgain(): void {}

  async line(account: string, batchId: string): Promise<BatchSummary | null> {
    const found = await this.#find(account, batchId);
    return found === null ? null : await this.#batches.line(account, batchId);
  }

  list(
    account: string,
    { limit, cursor = null }: { limit?: number; cursor?: string | null } = {},
  ): ReturnType<BatchService["list"]> {
    const from = Math.min(this.#beforeMs, Number(cursor?.split(".")[0] ?? Infinity));
    const start = from < this.#beforeMs ? cursor : `${this.#beforeMs}.`;
    return this.#batches.list(account, { ...limit !== undefined && { limit }, cursor: start });
  }

  async stream(account: string, batchId: string, after: number): Promise<StreamOutcome> {
    const found = await this.#find(account, batchId);
    if (found === null) return { status: "unknown" };
    const show = (event: BatchEvent) =>
      event.at_ms < this.#beforeMs ? event : { ...event, data: {} };
    return this.#streams.open(batchId, { head: found.head, account, after, share: null, show });
  }

  async command(owner: RunOwner, batchId: string, command: BatchCommand): Promise<CommandOutcome> {
    const found = await this.#find(owner.id, batchId);
    return found === null ? "unknown" : await this.#batches.command(owner, batchId, command);
  }

  async addRows(
    owner: RunOwner,
    batchId: string,
    table: Table,
    version?: string,
  ): Promise<CommandOutcome | "other columns"> {
    const found = await this.#find(owner.id, batchId);
    return found === null ? "unknown" : await this.#batches.addRows(owner, batchId, table, version);
  }

  async addColumns(
    owner: RunOwner,
    batchId: string,
    columns: NewColumns,
    version?: string,
  ): Promise<CommandOutcome | "full"> {
    const found = await this.#find(owner.id, batchId);
    return found === null
      ? "unknown"
      : await this.#batches.addColumns(owner, batchId, columns, version);
  }

  async share(account: string, batchId: string): Promise<string | null> {
    const found = await this.#find(account, batchId);
    return found === null ? null : await this.#batches.share(account, batchId);
  }

  async unshare(account: string, batchId: string): Promise<boolean> {
    const found = await this.#find(account, batchId);
    return found !== null && await this.#batches.unshare(account, batchId);
  }

  async remove(account: string, batchId: string): Promise<boolean> {
    const found = await this.#find(account, batchId);
    return found !== null && await this.#batches.remove(account, batchId);
  }

  async restore(account: string, batchId: string): Promise<"restored" | "late" | "unknown"> {
    const found = await this.#find(account, batchId, { deletedToo: true });
    return found === null ? "unknown" : await this.#batches.restore(account, batchId);
  }

  async *exported(account: string): ReturnType<BatchService["exported"]> {
    yield* this.#batches.exported(account, this.#beforeMs);
  }

  // The methods below do not depend on the time.
  saveDraft(...draft: Parameters<BatchService["saveDraft"]>): Promise<string> {
    return this.#batches.saveDraft(...draft);
  }

  draftWorkbook(account: string, draftId: string): Promise<Uint8Array | null> {
    return this.#batches.draftWorkbook(account, draftId);
  }

  draft(account: string, draftId: string): Promise<Draft | null> {
    return this.#batches.draft(account, draftId);
  }

  changeDraft(account: string, draftId: string, draft: NewDraft): Promise<boolean> {
    return this.#batches.changeDraft(account, draftId, draft);
  }

  removeDraft(account: string, draftId: string): Promise<void> {
    return this.#batches.removeDraft(account, draftId);
  }

  create(owner: RunOwner, batch: NewBatch): Promise<CreateBatchOutcome> {
    return this.#batches.create(owner, batch);
  }

  createOnce(owner: RunOwner, draftId: string, batch: NewBatch): Promise<CreateBatchOutcome> {
    return this.#batches.createOnce(owner, draftId, batch);
  }

  sharedPage(token: string): Promise<BatchPage | null> {
    return this.#batches.sharedPage(token);
  }

  sharedRun(token: string, row: number, set: number): Promise<RunPage | null> {
    return this.#batches.sharedRun(token, row, set);
  }

  isShared(token: string): Promise<boolean> {
    return this.#batches.isShared(token);
  }

  sharedStream(token: string, after: number): Promise<StreamOutcome> {
    return this.#batches.sharedStream(token, after);
  }

  csv(account: string, page: BatchPage, download: BatchDownload): AsyncGenerator<string> {
    return this.#batches.csv(account, page, download);
  }

  ndjson(account: string, page: BatchPage, download: BatchDownload): AsyncGenerator<string> {
    return this.#batches.ndjson(account, page, download);
  }

  xlsx(...args: Parameters<BatchService["xlsx"]>): ReturnType<BatchService["xlsx"]> {
    return this.#batches.xlsx(...args);
  }

  reports(...args: Parameters<BatchService["reports"]>): ReturnType<BatchService["reports"]> {
    return this.#batches.reports(...args);
  }

  async #find(
    account: string,
    batchId: string,
    options: { readonly deletedToo?: boolean } = {},
  ): Promise<FoundBatch | null> {
    const found = await this.#reader.find(batchId, options);
    if (found === null) return null;
    const { account: owner, created_ms } = found.record;
    return owner === account && created_ms < this.#beforeMs ? found : null;
  }
}
