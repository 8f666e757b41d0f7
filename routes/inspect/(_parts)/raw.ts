/** Formats a block's bytes as readable lines: what each line means and how it ends. Pure. */
import { type Line, readLine } from "./line.ts";

/** One line of the raw bytes. */
export interface RawLine {
  /** The offset of its first byte in the stream. */
  readonly at: number;
  readonly text: string;
  readonly ending: "LF" | "CR" | "CRLF" | "none";
  /** Its meaning in the standard; `null` for a blank line. */
  readonly meaning: Line | null;
}

const LF = 10, CR = 13;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Splits a block's bytes into lines. `from` is the block's offset in the stream. */
export function rawLines(bytes: Uint8Array, from: number): RawLine[] {
  const lines: RawLine[] = [];
  const add = (start: number, end: number, ending: RawLine["ending"]) => {
    const text = decoder.decode(bytes.subarray(start, end));
    // A byte order mark is ignored at the very start of the stream, and only there.
    const read = from + start === 0 ? text.replace(/^\uFEFF/, "") : text;
    lines.push({
      at: from + start,
      text,
      ending,
      meaning: read === "" ? null : readLine(read),
    });
  };
  let start = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== LF && byte !== CR) continue;
    const pair = byte === CR && bytes[at + 1] === LF;
    add(start, at, pair ? "CRLF" : byte === CR ? "CR" : "LF");
    if (pair) at++;
    start = at + 1;
  }
  if (start < bytes.length) add(start, bytes.length, "none");
  return lines;
}

/** Invisible characters, by code point: most fonts have no pictures of them. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\uFEFF]/gu, (char) => {
    if (char === "\t") return char;
    return `[U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}]`;
  });
}

const COLUMNS = 16;

/** Rows of a hex dump: offset, bytes, characters. */
export function hexDump(bytes: Uint8Array, from: number): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += COLUMNS) {
    const row = [...bytes.subarray(at, at + COLUMNS)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const chars = row.map((byte) => byte > 31 && byte < 127 ? String.fromCharCode(byte) : "·");
    rows.push(
      `${(from + at).toString(16).padStart(8, "0")}  ${hex.padEnd(COLUMNS * 3)} ${chars.join("")}`,
    );
  }
  return rows.join("\n");
}
