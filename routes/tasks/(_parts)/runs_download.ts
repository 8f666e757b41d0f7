/** Several runs as one download. */
import { attachment } from "../../../lib/base/mod.ts";
import { BYTE_ORDER_MARK } from "../../../lib/exports/mod.ts";
import { utcDay } from "../../../lib/base/mod.ts";
import type { LargeViews } from "../../../lib/limits/mod.ts";
import type { TaskRunInput } from "../../../lib/parallel/mod.ts";
import type { RunPage } from "../../../lib/runs/model/mod.ts";
import {
  type Exporting,
  historyLines,
  runsCsv,
  runsZip,
  sharedFields,
} from "../../../lib/transfer/mod.ts";

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

/** The formats for several runs, by the extension of the file. */
const FORMATS = {
  ndjson: {
    type: "application/x-ndjson; charset=utf-8",
    body: (runs, { about, further = NONE }, now) =>
      encoded(historyLines(runs, now, about, further)),
  },
  csv: {
    type: "text/csv; charset=utf-8; header=present",
    body: (runs, { requests = NONE, bom = false }) => encoded(table(runs, requests, bom)),
  },
  zip: { type: "application/zip", body: (runs) => ReadableStream.from(runsZip(runs)) },
} satisfies Readonly<Record<string, RunsExport>>;

/** A row of the table. */
interface RunsExport {
  readonly type: string;
  readonly body: (
    runs: AsyncIterable<RunPage>,
    file: RunsFile,
    now: number,
  ) => ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** The export formats for several runs. */
export type RunsFormat = keyof typeof FORMATS;

/** Returns the named format, or `null`. */
export function runsFormat(text: unknown): RunsFormat | null {
  return Object.keys(FORMATS).find((name): name is RunsFormat => name === text) ?? null;
}

/** Streams runs of an account to a client as a download. Its name starts with today's date, so that folders sort by date. */
export function runsDownload(
  views: Pick<LargeViews, "download">,
  { account, client }: { readonly account: string; readonly client: string },
  runs: (to: Exporting) => AsyncIterable<RunPage>,
  format: RunsFormat,
  file: RunsFile = {},
): Response {
  const now = Date.now();
  const { type, body }: RunsExport = FORMATS[format];
  const download = views.download(client);
  return new Response(download.stream(body(runs({ account, download }), file, now)), {
    headers: {
      "content-type": type,
      "content-disposition": attachment(`${utcDay(now)} ${file.name ?? "taskstream"}`, format),
    },
  });
}

function encoded(lines: AsyncIterable<string>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(lines).pipeThrough(new TextEncoderStream());
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
