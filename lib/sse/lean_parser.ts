import { SSEError } from "./error.ts";
import type { SSEParserOptions } from "./event.ts";

/** UTF-16 units of a line, or of the lines of one event: 64 Mi. */
const MOST = 0x400_0000;

/**
 * A small parser for pages that follow a server they trust: 0.6 KB instead of 1.4 KB, and slower. It
 * dispatches the same events as `SSEParser`. It takes bytes only, calls only `onEvent`, `onComment` and
 * `onRetry`, and has one fixed limit.
 */
export class LeanParser {
  /** Takes the next chunk. Throws an SSEError of kind `limit`, and what a callback throws. */
  declare readonly push: (chunk: Uint8Array) => void;
  /** The last event id in force. */
  declare lastEventId: string;

  /** Makes a parser for one connection. */
  constructor({ onEvent, onComment, onRetry, lastEventId = "" }: SSEParserOptions) {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    let rest = "";
    // What is not part of the text if it comes next: a BOM at the start, LF after CR.
    let skip = /^\uFEFF/;
    let id = this.lastEventId = lastEventId;
    let type = "";
    let data: string | undefined;
    let retry: number | undefined;

    const parse = (line: string) => {
      const colon = (line + ":").indexOf(":");
      const name = line.slice(0, colon);
      const value = line.slice(colon + 1).replace(/^ /, "");
      if (!line) {
        this.lastEventId = id;
        if (data !== undefined) {
          onEvent?.({ id, event: type || "message", data, ...(retry !== undefined && { retry }) });
        }
        type = "";
        data = retry = undefined;
      } else if (name === "") onComment?.(value);
      else if (name === "data") data = data === undefined ? value : data + "\n" + value;
      else if (name === "event") type = value;
      else if (name === "id" && !value.includes("\0")) id = value;
      else if (name === "retry" && /^\d+$/.test(value)) {
        // From 1e21 on, the encoder could not write it again.
        retry = Math.min(+value, 1e20);
        onRetry?.(retry);
      }
    };

    this.push = (chunk) => {
      const text = decoder.decode(chunk, { stream: true });
      if (!text) return;
      // Only what is new is searched: a line of 4 MiB comes in thousands of chunks.
      const lines = text.replace(skip, "").split(/\r\n?|\n/);
      skip = text.endsWith("\r") ? /^\n/ : /^$/;
      lines[0] = rest + lines[0];
      rest = lines.pop()!;
      lines.forEach(parse);
      if (rest.length + (data ?? "").length > MOST) {
        throw new SSEError("limit", "an event is larger than " + MOST, { limit: "maxEventBytes" });
      }
    };
  }
}
