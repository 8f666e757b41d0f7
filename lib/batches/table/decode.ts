/** Bytes of an uploaded text as characters: byte order marks, UTF-16 without one, and Windows-1252. */
import type { TableNote } from "../model/table.ts";
import { TableError } from "./error.ts";

type Unicode = "utf-8" | "utf-16le" | "utf-16be";

export interface DecodedText {
  readonly text: string;
  readonly encoding: Unicode | "windows-1252";
  readonly notes: readonly TableNote[];
}

/** Bytes that are looked at to tell UTF-16 without a mark from UTF-8. */
const SAMPLE_BYTES = 4_096;

/** @throws {TableError} where the bytes are no text. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const marked = markedEncoding(bytes);
  const encoding = marked ?? zeroEncoding(bytes) ?? "utf-8";
  if (encoding !== "utf-8") return decoded(bytes, encoding);
  try {
    return withoutZeros(new TextDecoder("utf-8", { fatal: true }).decode(bytes), "utf-8", []);
  } catch (error) {
    if (error instanceof TableError) throw error;
    return decodedLossy(bytes, marked !== null);
  }
}

function markedEncoding(bytes: Uint8Array): Unicode | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return null;
}

/** In UTF-16 every second byte of Western text is zero; a text in UTF-8 has no zeros. */
function zeroEncoding(bytes: Uint8Array): Unicode | null {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const zeros: [even: number, odd: number] = [0, 0];
  for (let at = 0; at < sample.length; at++) if (sample[at] === 0) zeros[at % 2 as 0 | 1]++;
  const pairs = sample.length / 2;
  if (zeros[1] > pairs * 0.4 && zeros[0] < pairs * 0.1) return "utf-16le";
  if (zeros[0] > pairs * 0.4 && zeros[1] < pairs * 0.1) return "utf-16be";
  return null;
}

/** Not UTF-8 throughout: a few damaged characters, or another encoding. */
function decodedLossy(bytes: Uint8Array, isMarked: boolean): DecodedText {
  const text = new TextDecoder("utf-8").decode(bytes);
  const line = lineAt(text, text.indexOf("\uFFFD"));
  const replaced = countOf(text, "\uFFFD");
  const foreign = countOf(text, /[\u0080-\uFFFC]/g);
  if (isMarked || replaced * 4 < foreign) {
    return withoutZeros(text, "utf-8", [replacedNote(line, replaced)]);
  }
  return withoutZeros(new TextDecoder("windows-1252").decode(bytes), "windows-1252", [{
    code: "encoding",
    message:
      "The file is not UTF-8, so it was read as Windows-1252, as older versions of Excel write it. " +
      "If letters look wrong, save it as “CSV UTF-8” and upload it again.",
    line,
    column: null,
    count: 1,
  }]);
}

function decoded(bytes: Uint8Array, encoding: "utf-16le" | "utf-16be"): DecodedText {
  const text = new TextDecoder(encoding).decode(bytes);
  const replaced = countOf(text, "\uFFFD");
  return withoutZeros(
    text,
    encoding,
    replaced === 0 ? [] : [replacedNote(lineAt(text, text.indexOf("\uFFFD")), replaced)],
  );
}

function replacedNote(line: number, count: number): TableNote {
  return {
    code: "replaced_characters",
    message: `${count === 1 ? "One character" : `${count} characters`} could not be read and ` +
      `became “\uFFFD”. Save the file as “CSV UTF-8” to keep them.`,
    line,
    column: null,
    count,
  };
}

function withoutZeros(
  text: string,
  encoding: DecodedText["encoding"],
  notes: readonly TableNote[],
): DecodedText {
  const zero = text.indexOf("\0");
  if (zero !== -1) {
    throw new TableError(
      "The file holds binary data, not text. Upload a CSV, TSV, JSON, NDJSON or XLSX file.",
      lineAt(text, zero),
    );
  }
  return { text, encoding, notes };
}

/** The line that an offset lies in, from 1. */
export function lineAt(text: string, offset: number): number {
  return 1 + lineBreaks(text, 0, offset);
}

const LINE_BREAK = /\r\n|\n|\r/g;

/** Line breaks between two offsets: `\r\n`, `\n` and a lone `\r` are one each. */
export function lineBreaks(text: string, from: number, to: number): number {
  return countOf(text.slice(from, to), LINE_BREAK);
}

function countOf(text: string, what: string | RegExp): number {
  let count = 0;
  if (typeof what === "string") {
    for (let at = text.indexOf(what); at !== -1; at = text.indexOf(what, at + 1)) count++;
    return count;
  }
  what.lastIndex = 0;
  while (what.exec(text) !== null) count++;
  return count;
}
