/** Reads rows from a JSON array or NDJSON. Each row is parsed separately, so a problem has its line. */
import {
  beginning,
  count,
  isNumber,
  isObject,
  JsonBoundsError,
  type JsonObject,
  nextTurn,
  readVerbatim,
  repeatedName,
} from "../../base/mod.ts";
import { KIND_LETTERS, type TableLimits } from "../model/mod.ts";
import { lineBreaks } from "./decode.ts";
import { elementEnd, skipSpace } from "./json_scan.ts";
import { TableError } from "./raw.ts";

/** The JSON text of one row. */
interface Piece {
  readonly text: string;
  readonly line: number;
  /** Characters before it on its line. */
  readonly indent: number;
}

/** A row as named cells. A list's names are its indexes; a single value is named `input`. */
export interface JsonRow {
  readonly line: number;
  readonly shape: "object" | "list" | "value";
  readonly cells: readonly (readonly [name: string, text: string, kind: string])[];
}

/** Characters to parse before yielding to the event loop. */
const SLICE_CHARS = 256 * 1024;

/** The name of the single column of a list of values. */
const VALUE_COLUMN = "input";

/**
 * Reads the rows of a text.
 *
 * @throws {TableError} with line and column if it is not JSON, not a list, or nested too deeply.
 */
export async function* jsonRows(
  text: string,
  format: "json" | "ndjson",
  limits: TableLimits,
): AsyncGenerator<JsonRow> {
  let chars = 0;
  let shape: JsonRow["shape"] | null = null;
  for (const piece of format === "json" ? elements(text) : lines(text)) {
    const value = parsed(piece, limits);
    if (format === "json" && piece.indent === 0 && isObject(value)) refuseWrapped(value, text);
    const row = rowOf(value, piece, limits);
    shape ??= row.shape;
    if (row.shape !== shape) {
      throw new TableError(
        `This row is ${WORDS[row.shape]}, but the first row is ${WORDS[shape]}. ` +
          "Give all rows the same form.",
        piece.line,
      );
    }
    yield row;
    chars += piece.text.length;
    if (chars < SLICE_CHARS) continue;
    chars = 0;
    await nextTurn();
  }
}

/** People paste whole API responses, whose rows are the value of one member. */
function refuseWrapped(value: JsonObject, text: string): void {
  if (!text.trimStart().startsWith("{")) return;
  const list = Object.entries(value).find(([, member]) =>
    Array.isArray(member) && member.length > 1 && member.every(isObject)
  );
  if (list === undefined) return;
  throw new TableError(
    `The JSON is an object, and its member “${
      list[0]
    }” looks like the rows. Paste that list alone.`,
    1,
  );
}

const WORDS: Readonly<Record<JsonRow["shape"], string>> = {
  object: "an object",
  list: "a list",
  value: "a single value",
};

function* lines(text: string): Generator<Piece> {
  const ends = /\r\n|\n|\r|$/g;
  for (let start = 0, line = 1; start < text.length; line++) {
    ends.lastIndex = start;
    const end = ends.exec(text)!;
    const piece = text.slice(start, end.index);
    if (piece.trim() !== "") yield { text: piece, line, indent: 0 };
    start = end.index + (end[0].length || 1);
  }
}

/** Reads the elements of a list with their places. A single object counts as a list of one. */
function* elements(text: string): Generator<Piece> {
  const start = skipSpace(text, 0);
  if (text[start] === "{") {
    yield { text: text.slice(start), line: 1 + lineBreaks(text, 0, start), indent: 0 };
    return;
  }
  if (text[start] !== "[") throw new TableError("This is not a JSON list of rows.", 1);
  let line = 1, lineStart = 0, counted = 0;
  const place = (at: number) => {
    const passed = text.slice(counted, at);
    const breaks = lineBreaks(passed, 0, passed.length);
    if (breaks > 0) lineStart = counted + lastBreak(passed) + 1;
    line += breaks;
    counted = at;
    return { line, indent: at - lineStart };
  };
  for (let at = skipSpace(text, start + 1), isFirst = true;; isFirst = false) {
    if (isFirst && text[at] === "]") return yield* rest(text, at + 1, place);
    const end = elementEnd(text, at);
    if (end === -1) {
      throw new TableError(
        "The list is cut off: no “]” closes it. Save or copy it again.",
        place(text.length).line,
      );
    }
    const piece = text.slice(at, end);
    if (piece.trim() === "") {
      const { line, indent } = place(at);
      throw new TableError("There is an extra comma here. Delete it.", line, indent + 1);
    }
    yield { text: piece, ...place(at) };
    if (text[end] === "]") return yield* rest(text, end + 1, place);
    at = skipSpace(text, end + 1);
  }
}

/** Rejects text after the list. */
// deno-lint-ignore require-yield
function* rest(
  text: string,
  from: number,
  place: (at: number) => { readonly line: number; readonly indent: number },
): Generator<never> {
  const at = skipSpace(text, from);
  if (at >= text.length) return;
  const { line, indent } = place(at);
  throw new TableError(
    "There is text after the end of the list. Delete it, or choose “NDJSON” if each line is a row.",
    line,
    indent + 1,
  );
}

function lastBreak(text: string): number {
  return Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r"));
}

function parsed(piece: Piece, { depth }: TableLimits): unknown {
  let value: unknown;
  try {
    value = readVerbatim(piece.text, { maxDepth: depth, maxValues: 100_000 });
  } catch (error) {
    if (error instanceof JsonBoundsError) {
      throw new TableError(`${error.message}. Make the row simpler.`, piece.line);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw errorAt(
      piece,
      mistakeIn(piece.text, reason),
      `This is not JSON: ${reason.replace(/ in JSON at position.*| \(line .*/, "")}. Correct it.`,
    );
  }
  const repeated = repeatedName(piece.text);
  if (repeated === null) return value;
  throw errorAt(
    piece,
    repeated.again,
    `“${
      beginning(repeated.name, NAME_CHARS)
    }” appears twice in one object of this row, so one of ` +
      "its values would be lost. Rename or delete it.",
  );
}

/** Characters of a name in a message. */
const NAME_CHARS = 60;

function errorAt({ text, line, indent }: Piece, offset: number, message: string): TableError {
  const before = text.slice(0, offset);
  const column = offset - (lastBreak(before) + 1);
  const breaks = lineBreaks(before, 0, before.length);
  return new TableError(message, line + breaks, column + 1 + (breaks === 0 ? indent : 0));
}

/** If the engine gives no position, search for the mistake only in rows up to this length (characters). */
const SEARCHED_CHARS = 1024 * 1024;

/**
 * The offset of the first syntax error. V8 gives none for an unexpected token, so we search for the longest
 * prefix that can still become valid JSON.
 */
function mistakeIn(text: string, reason: string): number {
  const named = /position (\d+)/.exec(reason)?.[1];
  if (named !== undefined) return Number(named);
  if (text.length > SEARCHED_CHARS) return 0;
  let good = 0, bad = text.length;
  while (good < bad) {
    const middle = Math.ceil((good + bad) / 2);
    if (mayGoOn(text.slice(0, middle))) good = middle;
    else bad = middle - 1;
  }
  return good;
}

/** Whether a text is a prefix of valid JSON. */
function mayGoOn(start: string): boolean {
  try {
    JSON.parse(start);
    return true;
  } catch (error) {
    const reason = String(error);
    const at = /position (\d+)/.exec(reason)?.[1];
    return /Unexpected end|Unterminated string/.test(reason) || Number(at ?? -1) >= start.length;
  }
}

function rowOf(value: unknown, { line }: Piece, limits: TableLimits): JsonRow {
  const members = isObject(value)
    ? Object.entries(value)
    : Array.isArray(value)
    ? value.map((item, at): [string, unknown] => [String(at), item])
    : [[VALUE_COLUMN, value] as [string, unknown]];
  if (members.length > limits.columns) {
    throw new TableError(
      `This row has ${count(members.length)} members, more than the ${
        count(limits.columns)
      } columns that a table may have. Leave out those that the task does not need.`,
      line,
    );
  }
  return {
    line,
    shape: isObject(value) ? "object" : Array.isArray(value) ? "list" : "value",
    cells: members.map(([name, member]) => [name, ...jsonCell(member)]),
  };
}

/** A member as text, and its kind's letter. */
export function jsonCell(value: unknown): [text: string, kind: string] {
  if (value === null || value === undefined) return ["", KIND_LETTERS.text];
  if (typeof value === "string") return [value, KIND_LETTERS.text];
  if (isNumber(value)) return [String(value), KIND_LETTERS.number];
  if (typeof value === "boolean") return [String(value), KIND_LETTERS.boolean];
  return [JSON.stringify(value), KIND_LETTERS.json];
}
