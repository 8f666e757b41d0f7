/** Complete exports, as users download them. */
import { reportMarkdown as reportPieces } from "../../lib/exports/report.ts";
import { traceLines as tracePieces } from "../../lib/exports/trace_ndjson.ts";
import type { RunPage } from "../../lib/runs/model/model.ts";
import { runLine as runPieces } from "../../lib/transfer/format.ts";

export function reportMarkdown(page: RunPage): string {
  return [...reportPieces(page)].join("");
}

export function runLine(page: RunPage): string {
  return [...runPieces(page)].join("");
}

/** Each with its line feed. */
export function traceLines(page: RunPage): string[] {
  return [...tracePieces(page)].join("").match(/[^\n]*\n/g) ?? [];
}
