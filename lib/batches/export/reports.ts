/** `reports.zip`: one report per row. */
import {
  reportMarkdown,
  ZIP_LIMITS,
  type ZipLimits,
  zipped,
  type ZippedFile,
} from "../../exports/mod.ts";
import type { RunPage } from "../../runs/model/mod.ts";

/** A row whose run has a report. */
export interface ReportedRow {
  /** From 1. */
  readonly row: number;
  /** Index of the column set, from 0. */
  readonly set?: number;
  /** Becomes part of the file name. */
  readonly title: string;
  readonly page: RunPage;
}

/** @throws {ZipLimitError} if the reports exceed what an archive can hold. */
export function batchReports(
  rows: AsyncIterable<ReportedRow>,
  limits: ZipLimits = ZIP_LIMITS,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  return zipped(reports(rows), limits);
}

async function* reports(rows: AsyncIterable<ReportedRow>): AsyncGenerator<ZippedFile> {
  for await (const { row, set = 0, title, page } of rows) {
    yield [fileName(row, title, set), reportMarkdown(page)];
  }
}

/** A name that sorts by row and is valid on every operating system. */
function fileName(row: number, title: string, set: number): string {
  const plain = title.toWellFormed().replace(/[\p{Cc}\p{Cf}<>:"/\\|?*]+/gu, " ")
    .replace(/\s+/g, " ").trim().slice(0, 60).replace(/[. \uD800-\uDBFF]+$/, "");
  const parts = [String(row).padStart(5, "0"), plain, set === 0 ? "" : `(${set + 1})`];
  return `${parts.filter((part) => part !== "").join(" ")}.md`;
}
