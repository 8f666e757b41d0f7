/** A batch service in memory, for testing pages without an API. */
import {
  type Batch,
  type BatchCommand,
  batchCsv,
  batchNdjson,
  type BatchPage,
  type BatchService,
  batchXlsx,
  type CreateBatchOutcome,
  type Draft,
  type GroupAdoption,
  type NewBatch,
  type NewDraft,
  type UnsentDraft,
} from "../../lib/batches/mod.ts";
import {
  applyBatchEvent,
  type BatchEvent,
  type BatchEventData,
  cellBriefs,
  emptyBatchView,
  outputColumns,
  rowView,
} from "../../lib/batches/model/mod.ts";
import { isObject } from "../../lib/base/mod.ts";
import type { TaskRunOutput } from "../../lib/parallel/mod.ts";

interface Kept {
  page: BatchPage;
  readonly account: string;
  readonly events: BatchEvent[];
  readonly outputs: Map<number, TaskRunOutput>;
  readonly viewers: Set<ReadableStreamDefaultController<Uint8Array>>;
  deleted: boolean;
}

const START_MS = 1_700_000_000_000;

export class FakeBatches implements BatchService {
  readonly drafts = new Map<string, Draft & { readonly account: string }>();
  readonly batches = new Map<string, Kept>();
  readonly created: NewBatch[] = [];
  readonly commands: BatchCommand[] = [];
  /** What the next creation answers, instead of a batch. */
  refusal: Exclude<CreateBatchOutcome, { ok: true }> | null = null;

  readonly listing: BatchService["listing"] = {
    beside: () => Promise.resolve([]),
    lines: () => Promise.resolve([]),
  };

  saveDraft(account: string, draft: NewDraft): Promise<string> {
    const id = crypto.randomUUID();
    this.drafts.set(id, {
      ...structuredClone(draft),
      id,
      account,
      created_ms: START_MS,
      batch_id: null,
    });
    return Promise.resolve(id);
  }

  draftWorkbook() {
    return Promise.resolve(null);
  }

  draft(account: string, id: string): Promise<Draft | null> {
    const found = this.drafts.get(id);
    return Promise.resolve(found?.account === account ? found : null);
  }

  unsentDrafts(account: string): Promise<UnsentDraft[]> {
    return Promise.resolve(
      [...this.drafts.values()].filter((draft) =>
        draft.account === account && draft.batch_id === null
      ).map((draft) => ({ ...draft, rows: draft.table.rows.length })),
    );
  }

  async changeDraft(account: string, id: string, draft: NewDraft): Promise<boolean> {
    const found = await this.draft(account, id);
    if (found !== null) this.drafts.set(id, { ...found, ...structuredClone(draft), account });
    return found !== null;
  }

  async changeDraftFields(account: string, id: string, fields: Draft["fields"]): Promise<boolean> {
    const found = await this.draft(account, id);
    if (found !== null) this.drafts.set(id, { ...found, account, fields: { ...fields } });
    return found !== null;
  }

  removeDraft(_account: string, id: string): Promise<void> {
    this.drafts.delete(id);
    return Promise.resolve();
  }

  create({ id: account }: { readonly id: string }, made: NewBatch): Promise<CreateBatchOutcome> {
    if (this.refusal !== null) return Promise.resolve(this.refusal);
    this.created.push(made);
    const id = `tgrp_${crypto.randomUUID().replaceAll("-", "")}`;
    const schema = made.task.task_spec?.output_schema;
    const json = isObject(schema) && isObject(schema.json_schema) ? schema.json_schema : null;
    const batch: Batch = {
      id,
      created_ms: START_MS,
      columns: made.table.columns,
      plan: made.plan,
      task: made.task,
      processor: made.task.processor,
      price_usd: 0.025,
      simulated: true,
    };
    this.batches.set(id, {
      account,
      page: {
        batch,
        rows: made.table.rows,
        share: null,
        view: {
          ...applyBatchEvent(emptyBatchView(made.name, made.table.rows.length), {
            id: 1,
            at_ms: START_MS,
            type: "columns",
            data: { columns: outputColumns(json) },
          }),
          lastId: 0,
        },
      },
      events: [],
      outputs: new Map(),
      viewers: new Set(),
      deleted: false,
    });
    return Promise.resolve({ ok: true, batchId: id });
  }

  async createOnce(
    owner: { readonly id: string },
    draftId: string,
    made: NewBatch,
  ): Promise<CreateBatchOutcome> {
    const outcome = await this.create(owner, made);
    const draft = this.drafts.get(draftId)!;
    if (outcome.ok) this.drafts.set(draftId, { ...draft, batch_id: outcome.batchId });
    return outcome;
  }

  /** Tells something of a batch, to its open streams too. */
  tell<Type extends keyof BatchEventData>(
    id: string,
    type: Type,
    data: BatchEventData[Type],
  ): void {
    const kept = this.batches.get(id)!;
    const event: BatchEvent = {
      id: kept.events.length + 1,
      at_ms: START_MS + kept.events.length * 1_000,
      type,
      data,
    };
    kept.events.push(event);
    kept.page = { ...kept.page, view: applyBatchEvent(kept.page.view, event) };
    for (const viewer of kept.viewers) viewer.enqueue(written(event));
  }

  /** Ends rows with results. */
  complete(id: string, results: readonly (readonly [row: number, output: TaskRunOutput])[]): void {
    const { page, outputs } = this.batches.get(id)!;
    for (const [row, output] of results) outputs.set(row, output);
    this.tell(id, "rows", {
      rows: results.map(([row, output]) => ({
        row,
        attempt: Math.max(1, rowView(page.view, row).attempt),
        status: "completed",
        run_id: `trun_${row}`,
        cost_usd: 0.025,
        cells: cellBriefs(output, page.view.outputs),
      })),
    });
  }

  page(account: string, id: string): Promise<BatchPage | null> {
    const kept = this.#find(account, id);
    return Promise.resolve(kept === null ? null : kept.page);
  }

  adopt(): Promise<GroupAdoption> {
    return Promise.resolve({ state: "unknown" });
  }

  lookAgain(): void {}

  list() {
    return Promise.resolve({ batches: [], next: null });
  }

  command({ id: account }: { readonly id: string }, id: string, command: BatchCommand) {
    if (this.#find(account, id) === null) return Promise.resolve("unknown" as const);
    this.commands.push(command);
    if (command.type === "pause") this.tell(id, "state", { state: "paused", reason: null });
    if (command.type === "start") this.tell(id, "state", { state: "running" });
    if (command.type === "rename") this.tell(id, "named", { name: command.name });
    return Promise.resolve("done" as const);
  }

  addRows() {
    return Promise.resolve("done" as const);
  }

  stream(account: string, id: string, after: number) {
    const kept = this.#find(account, id);
    if (kept === null) return Promise.resolve({ status: "unknown" } as const);
    let viewer: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        viewer = controller;
        kept.viewers.add(controller);
        for (const event of kept.events) if (event.id > after) controller.enqueue(written(event));
      },
      cancel: () => void kept.viewers.delete(viewer),
    });
    return Promise.resolve({ status: "open", body } as const);
  }

  share() {
    return Promise.resolve(null);
  }

  unshare() {
    return Promise.resolve(false);
  }

  sharedPage() {
    return Promise.resolve(null);
  }

  isShared() {
    return Promise.resolve(false);
  }

  line() {
    return Promise.resolve(null);
  }

  async *exported() {
    // Nothing of these is exported.
  }

  sharedRun() {
    return Promise.resolve(null);
  }

  addColumns() {
    return Promise.resolve("done" as const);
  }

  sharedStream() {
    return Promise.resolve({ status: "unknown" } as const);
  }

  remove(account: string, id: string): Promise<boolean> {
    const kept = this.#find(account, id);
    if (kept !== null) kept.deleted = true;
    return Promise.resolve(kept !== null);
  }

  restore(account: string, id: string) {
    const kept = this.batches.get(id);
    if (kept?.account !== account) return Promise.resolve("unknown" as const);
    kept.deleted = false;
    return Promise.resolve("restored" as const);
  }

  csv = (_: string, page: BatchPage, download: Parameters<BatchService["csv"]>[2]) =>
    batchCsv(exported(page, download.sources), this.#rows(page, download.rows), download);

  ndjson = (_: string, page: BatchPage, download: Parameters<BatchService["csv"]>[2]) =>
    batchNdjson(exported(page, download.sources), this.#rows(page, download.rows));

  xlsx = (_: string, page: BatchPage, download: Parameters<BatchService["csv"]>[2]) =>
    batchXlsx(exported(page, download.sources), this.#rows(page, download.rows));

  async *reports(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    // No run of these has a page.
  }

  async *#rows(page: BatchPage, rows: readonly number[]) {
    const { outputs } = this.batches.get(page.batch.id)!;
    for (const row of rows) {
      const { status, reason, run_id } = rowView(page.view, row);
      yield {
        row: page.rows[row - 1]!,
        status,
        reason,
        run_id,
        outputs: [outputs.get(row) ?? null],
      };
    }
  }

  #find(account: string, id: string): Kept | null {
    const kept = this.batches.get(id);
    return kept?.account === account && !kept.deleted ? kept : null;
  }
}

function exported({ batch, view: { outputs } }: BatchPage, sources: boolean) {
  return {
    uploaded: batch.columns,
    results: [{ label: null, columns: outputs }],
    sources,
    simulated: batch.simulated,
  };
}

function written(event: BatchEvent): Uint8Array {
  return new TextEncoder().encode(
    `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
  );
}
