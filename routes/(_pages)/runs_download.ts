/** Several runs as one file. */
import { attachment } from "../../lib/content_disposition.ts";
import type { RunPage } from "../../lib/runs/model.ts";
import { historyLines } from "../../lib/transfer/export.ts";
import { runsCsv } from "../../lib/transfer/runs_csv.ts";
import { runsZip } from "../../lib/transfer/runs_zip.ts";

/** How runs are exported together. */
export type RunsFormat = "ndjson" | "csv" | "zip";

const TYPES: Readonly<Record<RunsFormat, string>> = {
  ndjson: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  zip: "application/zip",
};

/** The format that a text names, or `null`. */
export function runsFormat(text: unknown): RunsFormat | null {
  return text === "ndjson" || text === "csv" || text === "zip" ? text : null;
}

/** The runs as a download that is written while they are read. */
export function runsDownload(runs: AsyncIterable<RunPage>, format: RunsFormat): Response {
  const now = Date.now();
  const day = new Date(now).toISOString().slice(0, 10);
  const text = (lines: AsyncIterable<string>) =>
    ReadableStream.from(lines).pipeThrough(new TextEncoderStream());
  const body = format === "zip"
    ? ReadableStream.from(runsZip(runs))
    : text(format === "csv" ? runsCsv(runs) : historyLines(runs, now));
  return new Response(body, {
    headers: {
      "content-type": TYPES[format],
      "content-disposition": attachment(`${day} taskstream`, format),
    },
  });
}
