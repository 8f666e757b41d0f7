/** A batch's rows for its exports, read one after the other. */
import type { RunPage } from "../../runs/model/mod.ts";
import type { BatchExport, BatchExportRow } from "../export/cells.ts";
import { batchReports, type ReportedRow } from "../export/reports.ts";
import { batchCsv, batchNdjson } from "../export/text.ts";
import { batchXlsx } from "../export/xlsx.ts";
import { rowView } from "../model/mod.ts";
import type { BatchDownload, BatchPage } from "./types.ts";

/** Reads a run of the account; `null` if it has none. */
export type ReadRun = (runId: string) => Promise<RunPage | null>;

/** Runs that are read ahead. */
const AHEAD = 16;

/** The downloads of one batch. */
export class Downloads {
  readonly #read: ReadRun;
  readonly #page: BatchPage;
  readonly #download: BatchDownload;

  constructor(read: ReadRun, page: BatchPage, download: BatchDownload) {
    this.#read = read;
    this.#page = page;
    this.#download = download;
  }

  csv(): AsyncGenerator<string> {
    return batchCsv(this.#table, this.#rows(), { bom: this.#download.bom });
  }

  ndjson(): AsyncGenerator<string> {
    return batchNdjson(this.#table, this.#rows());
  }

  xlsx(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    return batchXlsx(this.#table, this.#rows());
  }

  reports(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    return batchReports(this.#reported());
  }

  /** The answers, and those of earlier attempts beside them if some rows have both. */
  get #table(): BatchExport {
    const { batch, view } = this.#page;
    const columns = view.outputs;
    const hasEarlier = this.#download.rows.some((row) => rowView(view, row).earlier.length > 0);
    return {
      uploaded: batch.columns,
      answers: [
        { label: null, columns },
        ...hasEarlier ? [{ label: "before", columns }] : [],
      ],
      sources: this.#download.sources,
      simulated: batch.simulated,
    };
  }

  async *#rows(): AsyncGenerator<BatchExportRow> {
    const { view, rows } = this.#page;
    const { length } = this.#table.answers;
    const read = (row: number) => {
      const { run_id, earlier, status } = rowView(view, row);
      const runIds = [status === "completed" ? run_id : null, earlier[0]?.run_id ?? null];
      return Promise.all(runIds.slice(0, length).map((id) => id === null ? null : this.#read(id)));
    };
    for await (const [row, pages] of readAhead(this.#download.rows, read)) {
      const uploaded = rows[row - 1];
      if (uploaded === undefined) continue;
      const { status, reason, run_id } = rowView(view, row);
      const outputs = pages.map((page) => page?.output ?? null);
      yield { row: uploaded, status, reason, run_id, outputs };
    }
  }

  async *#reported(): AsyncGenerator<ReportedRow> {
    const { view, rows } = this.#page;
    const read = async (row: number) => {
      const { run_id } = rowView(view, row);
      return run_id === null ? null : await this.#read(run_id);
    };
    for await (const [row, page] of readAhead(this.#download.rows, read)) {
      const title = rows[row - 1]?.cells.find((cell) => cell.trim() !== "") ?? "";
      if (page !== null) yield { row, title, page };
    }
  }
}

/** What is read for each item, in order, a few of them ahead. */
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
