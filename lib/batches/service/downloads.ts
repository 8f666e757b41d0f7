/** Reads a batch's rows for its exports. */
import type { RunPage } from "../../runs/model/mod.ts";
import type { BatchExport, BatchExportRow } from "../export/cells.ts";
import type { ReportedRow } from "../export/reports.ts";
import { rowView, sendView } from "../model/mod.ts";
import type { BatchDownload, BatchPage } from "./types.ts";

/** Reads runs of the account; `null` if the account has no such run. */
export interface ReadRuns {
  readonly page: (runId: string) => Promise<RunPage | null>;
  readonly result: (runId: string) => Promise<Pick<RunPage, "output"> | null>;
}

/** Rows to read ahead. */
const AHEAD = 16;

/** The downloads of one batch. The code of a format is loaded with its first download. */
export class Downloads {
  readonly #read: ReadRuns;
  readonly #page: BatchPage;
  readonly #download: BatchDownload;
  readonly #earlierSets: readonly number[];

  constructor(read: ReadRuns, page: BatchPage, download: BatchDownload) {
    this.#read = read;
    this.#page = page;
    this.#download = download;
    this.#earlierSets = this.#findEarlierSets();
  }

  async *csv(): AsyncGenerator<string> {
    const { batchCsv } = await import("../export/text.ts");
    yield* batchCsv(this.#table, this.#rows(), { bom: this.#download.bom });
  }

  async *ndjson(): AsyncGenerator<string> {
    const { batchNdjson } = await import("../export/text.ts");
    yield* batchNdjson(this.#table, this.#rows());
  }

  async *xlsx(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const { batchXlsx } = await import("../export/xlsx.ts");
    yield* batchXlsx(this.#table, this.#rows());
  }

  async *reports(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const { batchReports } = await import("../export/reports.ts");
    yield* batchReports(this.#reported());
  }

  /** The results, plus those of earlier attempts if any row has one. */
  get #table(): BatchExport {
    const { batch, view } = this.#page;
    const results = view.sets.map(({ outputs }) => ({ label: null, columns: outputs }));
    const earlier = this.#earlierSets.map((set) => ({
      label: "before",
      columns: view.sets[set]?.outputs ?? [],
    }));
    return {
      uploaded: batch.columns,
      results: [...results, ...earlier],
      sources: this.#download.sources,
      simulated: batch.simulated,
    };
  }

  /** Column sets in which some row has a result of an earlier attempt. The first byte waits for this. */
  #findEarlierSets(): readonly number[] {
    const asked = new Set(this.#download.rows);
    return this.#page.view.sets.flatMap(({ pages }, set) => {
      for (const rows of pages.values()) {
        for (const { row, earlier } of rows.values()) {
          if (earlier.length > 0 && asked.has(row)) return [set];
        }
      }
      return [];
    });
  }

  async *#rows(): AsyncGenerator<BatchExportRow> {
    const { view, rows } = this.#page;
    const sets = [...view.sets.keys()], earlierSets = this.#earlierSets;
    const read = (row: number) => {
      const results = sets.map((set) => {
        const { status, run_id } = sendView(view, set, row);
        return status === "completed" ? run_id : null;
      });
      const earlier = earlierSets.map((set) => sendView(view, set, row).earlier[0]?.run_id ?? null);
      const runIds = [...results, ...earlier];
      return Promise.all(runIds.map((id) => id === null ? null : this.#read.result(id)));
    };
    for await (const [row, results] of readAhead(this.#download.rows, read)) {
      const uploaded = rows[row - 1];
      if (uploaded === undefined) continue;
      const { status, reason, run_id } = rowView(view, row);
      const outputs = results.map((result) => result?.output ?? null);
      yield { row: uploaded, status, reason, run_id, outputs };
    }
  }

  async *#reported(): AsyncGenerator<ReportedRow> {
    const { view, rows } = this.#page;
    const read = (row: number) =>
      Promise.all([...view.sets.keys()].map(async (set) => {
        const { run_id } = sendView(view, set, row);
        return run_id === null ? null : await this.#read.page(run_id);
      }));
    for await (const [row, pages] of readAhead(this.#download.rows, read)) {
      const title = rows[row - 1]?.cells.find((cell) => cell.trim() !== "") ?? "";
      for (const [set, page] of pages.entries()) if (page !== null) yield { row, set, title, page };
    }
  }
}

/** Reads each item in order, a few ahead. */
async function* readAhead<Item, Read>(
  items: readonly Item[],
  read: (item: Item) => Promise<Read>,
): AsyncGenerator<readonly [Item, Read]> {
  for (let from = 0; from < items.length; from += AHEAD) {
    const some = items.slice(from, from + AHEAD);
    const found = await Promise.all(some.map(read));
    for (const [at, item] of some.entries()) yield [item, found[at]!];
  }
}
