/** Several runs as one file. */
import { attachment } from "../../../lib/base/mod.ts";
import { BYTE_ORDER_MARK } from "../../../lib/exports/mod.ts";
import { utcDay } from "../../../lib/base/mod.ts";
import type { TaskRunInput } from "../../../lib/parallel/mod.ts";
import type { RunPage } from "../../../lib/runs/model/mod.ts";
import { historyLines, runsCsv, runsZip, sharedFields } from "../../../lib/transfer/mod.ts";

/** How runs are exported together. */
export type RunsFormat = "ndjson" | "csv" | "zip";

/** What a file of runs says besides them. */
export interface RunsFile {
  /** What it is, in its name. */
  readonly name?: string;
  /** Whose history it is, for a file of lines of JSON. */
  readonly about?: Readonly<Record<string, unknown>>;
  /** What the runs were asked, for the columns of a table. */
  readonly requests?: AsyncIterable<TaskRunInput>;
  /** Begins a table with a byte order mark, without which Excel takes it for another encoding. */
  readonly bom?: boolean;
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
  { name = "taskstream", about, requests = NONE, bom = false }: RunsFile = {},
): Response {
  const now = Date.now();
  const text = (lines: AsyncIterable<string>) =>
    ReadableStream.from(lines).pipeThrough(new TextEncoderStream());
  const body = format === "zip"
    ? ReadableStream.from(runsZip(runs))
    : text(format === "csv" ? table(runs, requests, bom) : historyLines(runs, now, about));
  return new Response(body, {
    headers: {
      "content-type": TYPES[format],
      "content-disposition": attachment(`${utcDay(now)} ${name}`, format),
    },
  });
}

async function* table(
  runs: AsyncIterable<RunPage>,
  requests: AsyncIterable<TaskRunInput>,
  bom: boolean,
): AsyncGenerator<string> {
  if (bom) yield BYTE_ORDER_MARK;
  yield* runsCsv(runs, await sharedFields(requests));
}

const NONE: AsyncIterable<never> = {
  async *[Symbol.asyncIterator]() {},
};
