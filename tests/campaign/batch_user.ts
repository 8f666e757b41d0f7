/** A user who continues a batch: runs rows again, also on another processor, and adds rows and columns. */
import { type Batches, type BatchPage, readTable } from "../../lib/batches/mod.ts";
import type { BatchState } from "../../lib/batches/model/mod.ts";
import type { RunOwner } from "../../lib/runs/mod.ts";
import type { RowBounds } from "./batch_judge.ts";
import type { Random } from "./random.ts";

/** A process, as a user sees it. */
interface Asked {
  readonly alive: boolean;
  readonly batches: Batches;
}

const KINDS = ["retry", "retry", "escalate", "add rows", "add columns"] as const;

/** Asks for a few changes, while a batch runs and after it is done. */
export class BatchUser implements RowBounds {
  readonly #random: Random;
  /** Requests without an answer so far. */
  readonly #open = new Set<{ readonly process: Asked }>();
  #left: number;
  #columns = 0;
  leastRows: number;
  mostRows: number;

  constructor(random: Random, rows: number) {
    this.#random = random;
    this.#left = random.between(2, 6);
    this.leastRows = rows;
    this.mostRows = rows;
  }

  /** Whether there is more to ask for. */
  get hasPlans(): boolean {
    return this.#left > 0;
  }

  /** Whether no living process still has to answer. */
  isIdle(living: readonly Asked[]): boolean {
    return [...this.#open].every(({ process }) => !living.includes(process));
  }

  /** Whether to ask now. */
  wantsMore(state: BatchState): boolean {
    return this.hasPlans && this.#random.chance(state === "done" ? 0.7 : 0.08);
  }

  /** Asks a process for one change, without waiting for it. Returns the kind of change. */
  ask(process: Asked, owner: RunOwner, page: BatchPage): string {
    this.#left--;
    const kind = this.#random.pick(KINDS);
    const request = { process };
    this.#open.add(request);
    this.#order(kind, process.batches, owner, page)
      // The store failed, so the user does not know.
      .catch(() => {})
      .finally(() => this.#open.delete(request));
    return kind;
  }

  async #order(
    kind: typeof KINDS[number],
    batches: Batches,
    owner: RunOwner,
    { batch: { id }, view }: BatchPage,
  ): Promise<void> {
    const random = this.#random;
    const some = Array.from({ length: random.between(1, 5) }, () => random.between(1, view.rows));
    switch (kind) {
      case "retry":
        await batches.command(owner, id, { type: kind, rows: random.pick([null, some]) });
        return;
      case "escalate":
        await batches.command(owner, id, { type: kind, processor: "pro", rows: some });
        return;
      case "add rows": {
        const rows = random.between(1, 7);
        const names = Array.from({ length: rows }, (_, at) => `Late ${this.mostRows + at},1`);
        const read = await readTable(`company,zip\n${names.join("\n")}\n`);
        if (!read.ok) throw new Error(read.problem.message);
        this.mostRows += rows;
        await batches.addRows(owner, id, read.table);
        this.leastRows += rows;
        return;
      }
      case "add columns": {
        const json_schema = {
          type: "object",
          properties: { [`extra_${++this.#columns}`]: { type: "string" } },
          required: [`extra_${this.#columns}`],
          additionalProperties: false,
        };
        const task_spec = { output_schema: { type: "json", json_schema } } as const;
        const trial = random.pick([null, 2]);
        await batches.addColumns(owner, id, { processor: "base", task_spec, trial });
      }
    }
  }
}
