/** Detects a text's format and delimiter. */
import { isObject, parseJson } from "../../base/mod.ts";
import { isBlank, type TableFormat } from "../model/mod.ts";
import { type DelimitedRow, Records } from "./delimited.ts";
import { TableError } from "./raw.ts";

/** Characters to examine. */
const SAMPLE_CHARS = 128 * 1024;
const SAMPLE_ROWS = 50;
const DELIMITERS = ["\t", ";", ",", "|"] as const;

/** Detects the format from the file extension, otherwise from the start of the text. */
export function sniffFormat(text: string, fileName: string): Exclude<TableFormat, "xlsx"> {
  const ending = /\.(csv|tsv|tab|ndjson|jsonl)$/i.exec(fileName)?.[1]?.toLowerCase();
  if (ending !== undefined) return ENDINGS[ending] ?? "csv";
  const start = text.slice(0, SAMPLE_CHARS).trimStart();
  if (/^\{\s*["}]/.test(start)) {
    const [line = ""] = start.split(/\r\n|\r|\n/, 1);
    const first = parseJson(line);
    const isOnly = start.slice(line.length).trim() === "";
    return first.ok && isObject(first.value) && !isOnly ? "ndjson" : "json";
  }
  return /^\[\s*(?:[{["\]\d-]|(?:true|false|null)\b)/.test(start) ? "json" : "csv";
}

const ENDINGS: Readonly<Record<string, Exclude<TableFormat, "xlsx">>> = {
  tsv: "tsv",
  tab: "tsv",
  ndjson: "ndjson",
  jsonl: "ndjson",
};

/** Excel's line that names the delimiter. */
const SEP_LINE = /^"?sep=(.)"?\s*(?:\r\n|\r|\n)/i;

export interface Delimited {
  /** `null` if each line is one cell. */
  readonly delimiter: string | null;
  /** Offset of the first row. */
  readonly offset: number;
  readonly isNamed: boolean;
}

/**
 * Detects the delimiter: the one in Excel's `sep=` line, otherwise the one that splits most rows into the
 * same number of cells.
 */
export function sniffDelimiter(text: string): Delimited {
  const named = SEP_LINE.exec(text.slice(0, 20));
  if (named !== null) return { delimiter: named[1]!, offset: named[0].length, isNamed: true };
  const sample = text.slice(0, SAMPLE_CHARS);
  const isWhole = sample.length === text.length;
  const judged = DELIMITERS.map((delimiter) => ({
    delimiter,
    ...judge(sample, delimiter, isWhole),
  }));
  const most = judged.reduce((best, each) =>
    each.share > best.share || (each.share === best.share && each.cells > best.cells) ? each : best
  );
  // In `1,5;2,5` the commas are decimal.
  const other = judged.find(({ delimiter, share }) => delimiter !== "," && share >= most.share);
  const best = most.delimiter === "," && other !== undefined && !hasOpenComma(sample)
    ? other
    : most;
  const split = best.share >= 0.5 || best.several > 0.6 ? best : judged.find(({ heads }) => heads);
  return { delimiter: split?.delimiter ?? null, offset: 0, isNamed: false };
}

/** Whether a comma is neither part of a number nor followed by a space. */
function hasOpenComma(sample: string): boolean {
  return /(?<!\d),(?!\s)|,(?![\d\s])/.test(sample);
}

/** How well a delimiter splits the rows. */
interface Judgement {
  /** The share of rows with the most frequent cell count, if that is at least two. */
  readonly share: number;
  /** The most frequent cell count. */
  readonly cells: number;
  /** The share of rows with two or more cells; 0 if the first row has one. */
  readonly several: number;
  /** Whether the first row has headings for more columns than the rows fill. */
  readonly heads: boolean;
}

const NOTHING: Judgement = { share: 0, cells: 0, several: 0, heads: false };

function judge(sample: string, delimiter: string, isWhole: boolean): Judgement {
  const rows = startOf(sample, delimiter, isWhole).filter(({ cells }) => !cells.every(isBlank));
  // A row of delimiters only has no values.
  if (rows.length === 0) {
    return sample.trim().startsWith(delimiter) ? { ...NOTHING, share: 1 } : NOTHING;
  }
  const uses = new Map<number, number>();
  for (const { cells } of rows) uses.set(cells.length, (uses.get(cells.length) ?? 0) + 1);
  const [cells, most] = [...uses].reduce((most, each) => each[1] > most[1] ? each : most, [0, 0]);
  const share = cells < 2 ? 0 : most / rows.length;
  if (share < 1 && isProse(rows)) return NOTHING;
  const several = rows.filter(({ cells }) => cells.length > 1).length / rows.length;
  const isFirst = rows[0]!.cells.length > 1;
  return { share, cells, several: isFirst ? several : 0, heads: isFirst && hasHeads(rows) };
}

/** Maximum length of a heading (characters). */
const HEADING_CHARS = 40;

/** `company,CEO,founded` above rows that hold only a name: the task fills the empty columns. */
function hasHeads([first, ...below]: readonly DelimitedRow[]): boolean {
  const heads = first?.cells ?? [];
  return below.length > 0 && below.every(({ cells }) => cells.length <= heads.length) &&
    heads.every((head) => head.length <= HEADING_CHARS && !isBlank(head) && !/[.!]|\?./.test(head));
}

/** `Acme, Inc.` is one name. People write a space after a comma; programs do not. */
function isProse(rows: readonly DelimitedRow[]): boolean {
  const behind = rows.flatMap(({ cells }) => cells.slice(1));
  const spaced = behind.filter((cell) => /^\s+\S/.test(cell));
  return behind.length > 0 && spaced.length >= behind.length * 0.9;
}

/** The first rows of a sample, without a last row that may be cut off. */
function startOf(sample: string, delimiter: string, isWhole: boolean): DelimitedRow[] {
  const records = new Records(sample, delimiter, { columns: 20_000, cellChars: SAMPLE_CHARS });
  const rows: DelimitedRow[] = [];
  try {
    for (let row = records.next(); row !== null && rows.length < SAMPLE_ROWS;) {
      rows.push(row);
      row = records.next();
      if (row === null && !isWhole && rows.length > 1) rows.pop();
    }
  } catch (error) {
    // The sample may end inside quotes. Use the rows before.
    if (!(error instanceof TableError)) throw error;
  }
  return rows;
}
