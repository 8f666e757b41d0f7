/** Exports the events of a stream as a file with one event per line. */
import type { Block } from "./scan.ts";

/** A line of an export. */
interface ExportedEvent {
  /** The arrival time, ms since the start; `null` if it was not recorded. */
  readonly offset_ms: number | null;
  readonly id: string;
  readonly event: string;
  readonly data: string;
  readonly retry: number | null;
}

/** The events as text, one JSON object per line. Leaves out blocks that dispatch nothing. */
export function* exportLines(blocks: Iterable<Block>): Generator<string, undefined> {
  for (const { kind, atMs, id, event, data, retry } of blocks) {
    if (kind !== "event") continue;
    const line: ExportedEvent = {
      offset_ms: atMs === null ? null : Math.round(atMs * 1000) / 1000,
      id,
      event,
      data,
      retry,
    };
    yield `${JSON.stringify(line)}\n`;
  }
}

/** Offers a text as a file download. It never leaves the browser. */
export function download(parts: Iterable<string>, name: string) {
  const url = URL.createObjectURL(new Blob([...parts], { type: "application/x-ndjson" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
