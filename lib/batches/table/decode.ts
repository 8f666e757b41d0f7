/** Decodes uploaded text: UTF-8, UTF-16 with or without a byte order mark, Windows-1252. */
import { decoding } from "../../base/mod.ts";
import type { TableNote } from "../model/mod.ts";
import { TableError } from "./raw.ts";

type Unicode = "utf-8" | "utf-16le" | "utf-16be";

export interface DecodedText {
  readonly text: string;
  readonly encoding: Unicode | "windows-1252";
  readonly notes: readonly TableNote[];
}

/** Bytes to search for UTF-16 without a byte order mark. */
const SAMPLE_BYTES = 4_096;
/** Characters in which to count unreadable ones. */
const SAMPLE_CHARS = 64 * 1024;

/**
 * Decodes in steps.
 *
 * @throws {TableError} if the bytes are not text.
 */
export function* decodingText(bytes: Uint8Array): Generator<"", DecodedText> {
  const marked = markedEncoding(bytes);
  const encoding = marked ?? zeroEncoding(bytes) ?? "utf-8";
  if (encoding !== "utf-8") return yield* decodingUtf16(bytes, encoding);
  try {
    return withoutZeros(yield* decoding(bytes, { fatal: true }), "utf-8", []);
  } catch (error) {
    if (error instanceof TableError) throw error;
    return yield* decodingLossy(bytes, marked !== null);
  }
}

function markedEncoding(bytes: Uint8Array): Unicode | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return null;
}

/**
 * A text in UTF-8 has no zeros. In UTF-16 every second byte of Western text is zero; in other scripts only
 * half of each separator is.
 */
function zeroEncoding(bytes: Uint8Array): Unicode | null {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const zeros: [even: number, odd: number] = [0, 0];
  for (let at = 0; at < sample.length; at++) if (sample[at] === 0) zeros[at % 2 as 0 | 1]++;
  const pairs = sample.length / 2;
  if (zeros[1] > pairs * 0.4 && zeros[0] < pairs * 0.1) return "utf-16le";
  if (zeros[0] > pairs * 0.4 && zeros[1] < pairs * 0.1) return "utf-16be";
  if (zeros[0] + zeros[1] === 0) return null;
  return (["utf-16le", "utf-16be"] as const).find((encoding) => {
    const text = new TextDecoder(encoding).decode(sample, { stream: true });
    return SEPARATOR.test(text) && !NOT_TEXT.test(text);
  }) ?? null;
}

const SEPARATOR = /[\t\n\r,;|]/;
/** Control characters, unpaired surrogates and unassigned characters. */
const NOT_TEXT = /(?![\t\n\r])[\p{Cc}\p{Cn}\p{Cs}\uFFFD]/u;

/** The text is not valid UTF-8: either a few characters are damaged, or it has another encoding. */
function* decodingLossy(bytes: Uint8Array, isMarked: boolean): Generator<"", DecodedText> {
  const start = yield* findingDamage(bytes);
  // The text around the first damage shows whether damage is rare.
  const from = wholeFrom(bytes, start - DAMAGE_BYTES), to = start + 2 * DAMAGE_BYTES;
  const sample = new TextDecoder().decode(bytes.subarray(from, to), { stream: true });
  const replaced = countIn(sample, 0, /\uFFFD/g);
  const foreign = countIn(sample, 0, /[\u0080-\uFFFC]/g);
  const before = yield* decoding(bytes.subarray(0, from));
  const line = lineAt(before, Infinity) - 1 + lineAt(sample, sample.indexOf("\uFFFD"));
  if (isMarked || replaced * 4 < foreign) {
    return withoutZeros(yield* decoding(bytes), "utf-8", [replacedNote(line, replaced)]);
  }
  const text = yield* decoding(bytes, { encoding: "windows-1252" });
  return withoutZeros(text, "windows-1252", [{
    code: "encoding",
    message:
      "The file was read as Windows-1252, as older versions of Excel write it. If letters in the rows " +
      "look wrong, save it as “CSV UTF-8” and upload it again.",
    line,
    column: null,
    count: 1,
  }]);
}

/** Bytes to decode at a time when searching for the first damage. */
const DAMAGE_BYTES = 16 * 1024;

/** Finds the offset of the slice with the first damage. */
function* findingDamage(bytes: Uint8Array): Generator<"", number> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let at = 0; at < bytes.length; at += DAMAGE_BYTES) {
    try {
      decoder.decode(bytes.subarray(at, at + DAMAGE_BYTES), { stream: true });
    } catch {
      return at;
    }
    yield "";
  }
  return Math.max(0, bytes.length - DAMAGE_BYTES);
}

/** The offset, moved back to the start of its character. */
function wholeFrom(bytes: Uint8Array, offset: number): number {
  let at = Math.max(0, offset);
  while (at > 0 && (bytes[at]! & 0xc0) === 0x80) at--;
  return at;
}

function* decodingUtf16(
  bytes: Uint8Array,
  encoding: "utf-16le" | "utf-16be",
): Generator<"", DecodedText> {
  const text = yield* decoding(bytes, { encoding });
  const first = text.indexOf("\uFFFD");
  if (first === -1) return withoutZeros(text, encoding, []);
  const replaced = countIn(text, first, /\uFFFD/g);
  return withoutZeros(text, encoding, [replacedNote(lineAt(text, first), replaced)]);
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

/** Pasted text, without its byte order mark. */
export function pastedText(text: string): string {
  return withoutZeros(text.startsWith("\uFEFF") ? text.slice(1) : text, "utf-8", []).text;
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

/** The line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  return 1 + lineBreaks(text, 0, Math.min(offset, text.length));
}

/** Line breaks between two offsets: `\r\n`, `\n` and a lone `\r` are one each. */
export function lineBreaks(text: string, from: number, to: number): number {
  let breaks = 0;
  for (let at = from; at < to; at++) {
    const char = text.charCodeAt(at);
    if (char === FEED || (char === RETURN && text.charCodeAt(at + 1) !== FEED)) breaks++;
  }
  return breaks;
}

const FEED = 0x0a, RETURN = 0x0d;

/** Counts matches in the sample that starts at an offset. */
function countIn(text: string, offset: number, what: RegExp): number {
  return text.slice(offset, offset + SAMPLE_CHARS).match(what)?.length ?? 0;
}
