/** The export formats of a run: one table for the addresses, the menu on the run's page and the archive. Pure. */
import { jsonPieces } from "../base/mod.ts";
import type { RunPage } from "../runs/model/mod.ts";
import { BYTE_ORDER_MARK } from "./csv.ts";
import { reportMarkdown } from "./report.ts";
import { resultJson, type SharedAt } from "./result_json.ts";
import { tableCsv } from "./table.ts";
import { traceLines } from "./trace_ndjson.ts";

/** What an export may need besides the run. */
export interface ExportOptions {
  /** The run's share link, for result.json. */
  readonly share?: SharedAt | null;
  /** Whether a table starts with a byte order mark. Without it, Excel assumes another encoding. */
  readonly bom?: boolean;
  /** Whether to indent JSON, for a file that people open. */
  readonly indent?: boolean;
}

/** A row of the table. */
export interface ExportFormat {
  /** The name of its file, below the run's address and in an archive. */
  readonly file: string;
  /** The name in the menu, and its purpose. */
  readonly label: string;
  readonly note: string;
  /** The content type: RFC 7763, RFC 4180, RFC 8259, and the common one for JSON lines. */
  readonly type: string;
  /** The extension of a download; `null` if the browser shows the file. */
  readonly download: string | null;
  /** The query of the menu's link. */
  readonly query: string;
  /** Whether the export needs a result. */
  readonly needsResult: boolean;
  /** Generates the file in pieces; `null` if it needs a result and there is none. */
  readonly pieces: (run: RunPage, options: ExportOptions) => Iterable<string> | null;
}

/** The formats, in the menu's order. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  {
    file: "report.md",
    label: "Markdown",
    note: "a report with footnotes",
    type: "text/markdown; charset=utf-8",
    download: "md",
    query: "",
    needsResult: false,
    pieces: (run) => reportMarkdown(run),
  },
  {
    file: "table.csv",
    label: "CSV",
    note: "the result as a table",
    type: "text/csv; charset=utf-8; header=present",
    download: "csv",
    query: "?bom=1",
    needsResult: true,
    pieces: (run, { bom }) => run.output && withMark(bom ?? false, tableCsv(run, run.output)),
  },
  {
    file: "result.json",
    label: "JSON",
    note: "everything",
    type: "application/json",
    download: null,
    query: "",
    needsResult: false,
    pieces: (run, { share = null, indent }) =>
      indent ? indented(resultJson(run, share)) : jsonPieces(resultJson(run, share)),
  },
  {
    file: "trace.ndjson",
    label: "Trace",
    note: "events for the inspector",
    type: "application/x-ndjson; charset=utf-8",
    download: "ndjson",
    query: "",
    needsResult: false,
    pieces: (run) => traceLines(run),
  },
];

function* withMark(bom: boolean, table: Iterable<string>): Generator<string> {
  if (bom) yield BYTE_ORDER_MARK;
  yield* table;
}

function* indented(value: unknown): Generator<string> {
  yield* jsonPieces(value, 2);
  yield "\n";
}
