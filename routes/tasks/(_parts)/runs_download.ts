/** Several runs as one download. */
import { attachment } from "../../../lib/base/mod.ts";
import { BYTE_ORDER_MARK } from "../../../lib/exports/mod.ts";
import { utcDay } from "../../../lib/base/mod.ts";
import type { TaskRunInput } from "../../../lib/parallel/mod.ts";
import type { RunPage } from "../../../lib/runs/model/mod.ts";
import { historyLines, runsCsv, runsZip, sharedFields } from "../../../lib/transfer/mod.ts";

/** The export formats for several runs. */
export type RunsFormat = "ndjson" | "csv" | "zip";

/** What a file says about its runs. */
export interface RunsFile {
  /** The kind of selection, for the file name. */
  readonly name?: string;
  /** The owner of the history, for a JSON lines file. */
  readonly about?: Readonly<Record<string, unknown>>;
  /** Values for further lines of a JSON lines file. */
  readonly further?: AsyncIterable<Readonly<Record<string, unknown>>>;
  /** The runs' requests, for the columns of a table. */
  readonly requests?: AsyncIterable<TaskRunInput>;
  /** Start a table with a byte order mark, without which Excel assumes another encoding. */
  readonly bom?: boolean;
}

const TYPES: Readonly<Record<RunsFormat, string>> = {
  ndjson: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  zip: "application/zip",
};

/** Returns the named format, or `null`. */
export function runsFormat(text: unknown): RunsFormat | null {
  return text === "ndjson" || text === "csv" || text === "zip" ? text : null;
}

/** Streams the runs as a download. Its name starts with today's date, so that folders sort by date. */
export function runsDownload(
  runs: AsyncIterable<RunPage>,
  format: RunsFormat,
  { name = "taskstream", about, further = NONE, requests = NONE, bom = false }: RunsFile = {},
): Response {
  const now = Date.now();
  const text = (lines: AsyncIterable<string>) =>
    ReadableStream.from(lines).pipeThrough(new TextEncoderStream());
  const body = format === "zip"
    ? ReadableStream.from(runsZip(runs))
    : text(format === "csv" ? table(runs, requests, bom) : historyLines(runs, now, about, further));
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
