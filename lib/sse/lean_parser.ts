import { SSEError } from "./error.ts";
import type { SSEParserOptions } from "./event.ts";

/** UTF-16 units of a line, or of the lines of one event. */
const MOST = 64 << 20;

/**
 * A small parser for pages that follow a server they trust: 0.6 KB instead of 1.4 KB, and slower. It
 * dispatches the same events as `SSEParser`. It takes bytes only, calls only `onEvent`, `onComment` and
 * `onRetry`, keeps a CR at the end of a chunk until the next one, and has one fixed limit.
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
    let isFirst = true;
    let id = this.lastEventId = lastEventId;
    let type = "";
    let data: string | undefined;
    let retry: number | undefined;

    const parse = (line: string) => {
      if (isFirst) line = line.replace(/^\uFEFF/, "");
      isFirst = false;
      const colon = (line + ":").indexOf(":");
      const name = line.slice(0, colon);
      const value = line.slice(colon + 1).replace(/^ /, "");
      if (!line) {
        this.lastEventId = id;
        const event = { id, event: type || "message", ...(retry !== undefined && { retry }) };
        if (data !== undefined) onEvent?.({ ...event, data });
        type = "";
        data = retry = undefined;
      } else if (name === "") onComment?.(value);
      else if (name === "data") data = data === undefined ? value : data + "\n" + value;
      else if (name === "event") type = value;
      else if (name === "id" && !value.includes("\0")) id = value;
      else if (name === "retry" && /^\d+$/.test(value)) onRetry?.(retry = +value);
    };

    this.push = (chunk) => {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop()!;
      lines.forEach(parse);
      if (rest.length + (data ?? "").length > MOST) {
        throw new SSEError("limit", "an event is larger than " + MOST, { limit: "maxEventBytes" });
      }
    };
  }
}
