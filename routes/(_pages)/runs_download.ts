/** Several runs as one file. */
import { attachment } from "../../lib/content_disposition.ts";
import { utcDay } from "../../lib/parallel/dates.ts";
import type { RunPage } from "../../lib/runs/model.ts";
import { historyLines } from "../../lib/transfer/export.ts";
import { runsCsv } from "../../lib/transfer/runs_csv.ts";
import { runsZip } from "../../lib/transfer/runs_zip.ts";

/** How runs are exported together. */
export type RunsFormat = "ndjson" | "csv" | "zip";

/** What a file of runs says besides them. */
export interface RunsFile {
  /** What it is, in its name. */
  readonly name?: string;
  /** Whose history it is, for a file of lines of JSON. */
  readonly about?: Readonly<Record<string, unknown>>;
}

const TYPES: Readonly<Record<RunsFormat, string>> = {
  ndjson: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  zip: "application/zip",
};

/** The format that a text names, or `null`. */
export function runsFormat(text: unknown): RunsFormat | null {
  return text === "ndjson" || text === "csv" || text === "zip" ? text : null;
}

/** The runs as a download that is written while they are read; its name begins with today, for folders sort by name. */
export function runsDownload(
  runs: AsyncIterable<RunPage>,
  format: RunsFormat,
  { name = "taskstream", about }: RunsFile = {},
): Response {
  const now = Date.now();
  const text = (lines: AsyncIterable<string>) =>
    ReadableStream.from(lines).pipeThrough(new TextEncoderStream());
  const body = format === "zip"
    ? ReadableStream.from(runsZip(runs))
    : text(format === "csv" ? runsCsv(runs) : historyLines(runs, now, about));
  return new Response(body, {
    headers: {
      "content-type": TYPES[format],
      "content-disposition": attachment(`${utcDay(now)} ${name}`, format),
    },
  });
}
