/** Finds the row of headings, and gives every column a name. Pure. */
import { isBlank, type TableColumn, type TableNote } from "../model/mod.ts";
import type { RawRow } from "./raw.ts";

/** Rows in which a header may stand below a title. */
const TITLE_ROWS = 8;
/** Rows that are compared with the first one. */
const JUDGED_ROWS = 50;

export interface HeaderChoice {
  /** Index of the header row; `null` where there is none. */
  readonly at: number | null;
  readonly notes: readonly TableNote[];
}

/**
 * The header row: the first one, or the first one below a title and a blank line. There is none where the
 * first row looks like the rows below it. `wanted` overrules that.
 */
export function findHeader(rows: readonly RawRow[], wanted: boolean | null): HeaderChoice {
  if (wanted === false) return { at: null, notes: [] };
  const { at, notes } = belowTitle(rows);
  if (wanted === true || looksLikeHeader(rows.slice(at, at + JUDGED_ROWS))) return { at, notes };
  return {
    at: null,
    notes: [{
      code: "no_header",
      message:
        "The first row looks like data, so it was read as data and the columns were named by position. " +
        "If it has the headings, choose “First row has headings”.",
      line: rows[0]!.line,
      column: null,
      count: 1,
    }],
  };
}

function belowTitle(rows: readonly RawRow[]): { at: number; notes: TableNote[] } {
  const filled = (at: number) => rows[at]!.cells.filter((cell) => !isBlank(cell)).length;
  const first = rows.findIndex((_, at) => filled(at) > 0);
  const plain = { at: Math.max(first, 0), notes: [] };
  if (first === -1 || filled(first) !== 1) return plain;
  for (let at = first + 1; at < Math.min(rows.length, TITLE_ROWS); at++) {
    // A sheet has no row at all where nothing stands.
    const isAfterBlank = filled(at - 1) === 0 || rows[at]!.line > rows[at - 1]!.line + 1;
    if (filled(at) < 2) continue;
    if (!isAfterBlank || rows.length < at + 2) return plain;
    return {
      at,
      notes: [{
        code: "title_skipped",
        message: "The lines above the headings were left out: they look like a title.",
        line: rows[first]!.line,
        column: null,
        count: at - first,
      }],
    };
  }
  return plain;
}

/** What tells a value from a heading. */
const VALUES: Readonly<Record<string, RegExp>> = {
  number: /^[+-]?[\d.,\u00a0' ]*\d\s*%?$/,
  address: /^(?:https?:\/\/|www\.)\S+$/i,
  domain: /^(?:[a-z0-9-]+\.)+[a-z]{2,24}(?:\/\S*)?$/i,
  mail: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  date: /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?:[T ].*)?$/,
};

/** Longer, a cell is neither a value of these kinds nor a heading (characters). */
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
    // A year is a heading unless only years stand below it.
    if (isYear(cell) && !values.every(isYear)) return false;
    // Without values to compare it with it is a heading, unless there is no other row.
    if (values.length === 0) return below.length === 0;
    return alike.length * 2 >= values.length;
  });
}

/** Words that head a column of one. */
const HEADING =
  /^(?:the\s+)?(?:[a-z0-9]+[\s_-]+){0,3}(?:names?|compan(?:y|ies)|organi[sz]ations?|firms?|domains?|websites?|sites?|urls?|links?|e-?mails?|addresses|titles?|questions?|quer(?:y|ies)|prompts?|topics?|inputs?|countr(?:y|ies)|cit(?:y|ies)|states?|persons?|people|products?|brands?|ids?|tickers?|symbols?|keywords?|items?|rows?|texts?|firma|unternehmen|frage|nom|entreprise|empresa|nombre)$/i;

/** People paste lists with one item a line: the first line is a heading only if it reads like one. */
function isHeadingOfOne(first: string, below: readonly RawRow[]): boolean {
  const text = first.trim().replace(/[:：]$/, "");
  if (below.length === 0 || text.length > JUDGED_CHARS) return false;
  return HEADING.test(text) || /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/.test(text);
}

/** Columns with unique names, and what had to be done for that. */
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
  // A written name stays with its column: names that are made up avoid it.
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
            ? `The heading “${twice}” is there twice: the second one was named “${name}”.`
            : `${count} headings repeat an earlier one and were numbered.`,
      );
    }
    used.add(name);
    return { name, heading };
  });
  return { columns, notes: [...notes.values()] };
}

function clean(heading: string): string {
  return heading.replace(/\s+/g, " ").trim();
}

/** The name, with a number behind it if a column has the name already. */
function free(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name} (${n})`;
  taken.add(free);
  return free;
}
