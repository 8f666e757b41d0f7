/** The batches of one process. */
import type { RunOwner } from "../../runs/mod.ts";
import { AccountBatches, type BatchService } from "./account_batches.ts";
import { repeatBatch, type RepeatOptions } from "./create.ts";
import type { Holders } from "./holders.ts";
import type { GroupChecks } from "./group_checks.ts";
import { type BatchesContext, type BatchParts, batchParts } from "./parts.ts";
import type { BatchUpkeep } from "./upkeep.ts";

/** Batches. One per process. */
export class Batches extends AccountBatches {
  readonly #parts: BatchParts;

  constructor(context: BatchesContext) {
    const parts = batchParts(context);
    super(parts);
    this.#parts = parts;
  }

  /** Keeps batches in step with accounts and runs. */
  get upkeep(): BatchUpkeep {
    return this.#parts.upkeep;
  }

  /** Finds new runs of adopted groups. */
  get groupChecks(): GroupChecks {
    return this.#parts.groupChecks;
  }

  /** Creates a batch with the rows and the task of another one. Returns `null` if that one does not exist. */
  async repeat(owner: RunOwner, batchId: string, options: RepeatOptions) {
    const { context, reader } = this.#parts;
    const found = await reader.find(batchId);
    if (found?.record.account !== owner.id) return null;
    return await repeatBatch(context, owner, { id: batchId, ...found }, options);
  }

  /** Returns the batches for a session that may only see what was created before a time (Unix ms). */
  before(beforeMs: number): BatchService {
    return new AccountBatches(this.#parts, beforeMs);
  }

  /**
   * Call this when a run of a group was stored: it may belong to a row of a batch that this process holds.
   */
  stored(...run: Parameters<Holders["stored"]>): void {
    this.#parts.holders.stored(...run);
  }

  /** Call this when this process stored events of a run. */
  runChanged(runId: string): void {
    this.#parts.holders.runChanged(runId);
  }

  /** Holds every batch with pending work that no process holds. */
  pickUp(): Promise<void> {
    return this.#parts.holders.pickUp();
  }

  /** Resolves when this process holds nothing, or rejects with the signal's reason. */
  idle(signal: AbortSignal): Promise<void> {
    return this.#parts.holders.idle(signal);
  }

  /** Stops holding and streaming after finishing requests in flight. */
  async drain(): Promise<void> {
    this.#parts.streams.drain();
    await this.#parts.holders.drain();
  }
}
