/** Finds the header row and names every column. Pure. */
import { isBlank, type TableColumn, type TableNote } from "../model/mod.ts";
import type { RawRow } from "./raw.ts";

/** Rows to search for a header below a title. */
const TITLE_ROWS = 8;
/** Rows to compare with the first one. */
const JUDGED_ROWS = 50;

export interface HeaderChoice {
  /** Index of the header row; `null` if there is none. */
  readonly at: number | null;
  readonly notes: readonly TableNote[];
}

/**
 * Finds the header row: the first row, or the first one below a title. A title spans several columns, or is
 * followed by a blank line. There is no header if the first row looks like the rows below it. `wanted` overrides
 * the detection.
 */
export function findHeader(
  rows: readonly RawRow[],
  wanted: boolean | null,
  wideLines: ReadonlySet<number> = new Set(),
): HeaderChoice {
  if (wanted === false) return { at: null, notes: [] };
  const { at, notes } = belowTitle(rows, wideLines);
  if (wanted === true || looksLikeHeader(rows.slice(at, at + JUDGED_ROWS))) return { at, notes };
  return {
    at: null,
    notes: [{
      code: "no_header",
      message: "The first row looks like data, so the columns were named by position. " +
        "If it holds the headings, choose “First row has headings”.",
      line: rows[0]!.line,
      column: null,
      count: 1,
    }],
  };
}

function belowTitle(
  rows: readonly RawRow[],
  wideLines: ReadonlySet<number>,
): { at: number; notes: TableNote[] } {
  const filled = (at: number) => rows[at]!.cells.filter((cell) => !isBlank(cell)).length;
  const first = rows.findIndex((_, at) => filled(at) > 0);
  const plain = { at: Math.max(first, 0), notes: [] };
  if (first === -1 || filled(first) !== 1) return plain;
  for (let at = first + 1; at < Math.min(rows.length, TITLE_ROWS); at++) {
    if (filled(at) < 2) continue;
    const { line } = rows[at - 1]!;
    // A sheet omits empty rows.
    const isAfterBlank = filled(at - 1) === 0 || rows[at]!.line > line + 1;
    const isApart = isAfterBlank || wideLines.has(line) ||
      isEvident(rows.slice(at, at + JUDGED_ROWS));
    if (!isApart || rows.length < at + 2) return plain;
    return {
      at,
      notes: [{
        code: "title_skipped",
        message: "The lines above the headings look like a title and were left out.",
        line: rows[first]!.line,
        column: null,
        count: at - first,
      }],
    };
  }
  return plain;
}

/** Patterns of values, as opposed to headings. */
const VALUES: Readonly<Record<string, RegExp>> = {
  number: /^[+-]?[\d.,\u00a0' ]*\d\s*%?$/,
  address: /^(?:https?:\/\/|www\.)\S+$/i,
  domain: /^(?:[a-z0-9-]+\.)+[a-z]{2,24}(?:\/\S*)?$/i,
  mail: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  date: /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?:[T ].*)?$/,
};

/** A longer cell is neither a heading nor one of these values (characters). */
const JUDGED_CHARS = 200;

function valueKind(cell: string): string | null {
  const text = cell.trim();
  if (text.length > JUDGED_CHARS) return null;
  return Object.keys(VALUES).find((kind) => VALUES[kind]!.test(text)) ?? null;
}

function isYear(cell: string): boolean {
  return /^(?:19|20)\d\d$/.test(cell.trim());
}

function looksLikeHeader(rows: readonly RawRow[]): boolean {
  const [first, ...below] = rows;
  if (first === undefined) return false;
  const width = Math.max(...rows.map(({ cells }) => cells.length));
  if (width === 1) return isHeadingOfOne(first.cells[0] ?? "", below);
  return !first.cells.some((cell, column) => {
    const kind = valueKind(cell);
    if (kind === null) return false;
    const values = below.map(({ cells }) => cells[column] ?? "").filter((value) => !isBlank(value));
    const alike = values.filter((value) => valueKind(value) === kind);
    // A year is a heading unless the column below holds only years.
    if (isYear(cell) && !values.every(isYear)) return false;
    // With no values to compare it is a heading, unless it is the only row.
    if (values.length === 0) return below.length === 0;
    return alike.length * 2 >= values.length;
  });
}

/** Whether a full row of words stands above values of another kind in some column. */
function isEvident([first, ...below]: readonly RawRow[]): boolean {
  const heads = first?.cells ?? [];
  const width = Math.max(0, ...below.map(({ cells }) => cells.length));
  if (heads.length < width || heads.some((head) => isBlank(head) || valueKind(head) !== null)) {
    return false;
  }
  return heads.some((_, column) => {
    const values = below.map(({ cells }) => cells[column] ?? "").filter((value) => !isBlank(value));
    return values.length > 0 && values.every((value) => valueKind(value) !== null);
  });
}

/** Typical headings of a table with one column. */
const HEADING =
  /^(?:the\s+)?(?:[a-z0-9]+[\s_-]+){0,3}(?:names?|compan(?:y|ies)|organi[sz]ations?|firms?|domains?|websites?|sites?|urls?|links?|e-?mails?|addresses|titles?|questions?|quer(?:y|ies)|prompts?|topics?|inputs?|countr(?:y|ies)|cit(?:y|ies)|states?|persons?|people|products?|brands?|ids?|tickers?|symbols?|keywords?|items?|rows?|texts?|firma|unternehmen|frage|nom|entreprise|empresa|nombre)$/i;

/** People paste lists with one item per line. The first line is a heading only if it reads like one. */
function isHeadingOfOne(first: string, below: readonly RawRow[]): boolean {
  const text = first.trim().replace(/[:：]$/, "");
  if (below.length === 0 || text.length > JUDGED_CHARS) return false;
  return HEADING.test(text) || /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/.test(text);
}

/** Names the columns uniquely, and notes what was changed for that. */
export function nameColumns(
  headings: readonly (string | null)[],
  line: number | null,
): { readonly columns: readonly TableColumn[]; readonly notes: readonly TableNote[] } {
  const notes = new Map<TableNote["code"], TableNote>();
  const note = (code: TableNote["code"], at: number, message: (count: number) => string) => {
    const known = notes.get(code);
    const count = (known?.count ?? 0) + 1;
    const place = known ?? { line, column: at + 1 };
    notes.set(code, {
      code,
      message: message(count),
      line: place.line,
      column: place.column,
      count,
    });
  };
  const wanted = headings.map((heading) => clean(heading ?? ""));
  // Generated names must not collide with written ones.
  const taken = new Set(wanted);
  const used = new Set<string>();
  const columns = headings.map((heading, at): TableColumn => {
    let name = wanted[at]!;
    if (name === "") {
      name = free(`Column ${at + 1}`, taken);
      if (heading !== null) {
        note(
          "empty_heading",
          at,
          (count) =>
            count === 1
              ? `A column has no heading and was named “${name}”.`
              : `${count} columns have no heading and were named by position.`,
        );
      }
    } else if (used.has(name)) {
      const twice = name;
      name = free(name, taken);
      note(
        "duplicate_heading",
        at,
        (count) =>
          count === 1
            ? `The heading “${twice}” appears twice. The second one was named “${name}”.`
            : `${count} headings repeat an earlier one and were numbered.`,
      );
    }
    used.add(name);
    return { name, heading };
  });
  return { columns, notes: [...notes.values()] };
}

function clean(heading: string): string {
  // Copied headings may begin with invisible characters, such as a second byte order mark.
  return heading.replace(/^[\s\p{Cf}]+|(?<![\s\p{Cf}])[\s\p{Cf}]+$/gu, "").replace(/\s+/g, " ");
}

/** Appends a number if the name is taken. */
function free(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name} (${n})`;
  taken.add(free);
  return free;
}
