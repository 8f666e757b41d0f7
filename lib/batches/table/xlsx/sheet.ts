/** Reads the cells of a sheet as they are shown (ECMA-376 part 1, 18.3). */
import { isBlank, KIND_LETTERS, letters, type TableLimits } from "../../model/mod.ts";
import { type RawRow, TableError, tooManyColumns } from "../raw.ts";
import type { ShowNumber } from "./number_format.ts";
import { isTrue, richText, unescaped } from "./workbook.ts";
import { readXml, type XmlHandler, type XmlStart } from "./xml.ts";

/** A merged range of cells. Columns count from 0. */
export interface Merge {
  readonly rows: readonly [first: number, last: number];
  readonly columns: readonly [first: number, last: number];
}

export interface SheetContext {
  readonly strings: readonly string[];
  readonly show: ShowNumber;
  readonly limits: TableLimits;
}

/** The limits of a sheet in Excel. */
const LAST_ROW = 1_048_576, LAST_COLUMN = 16_384;
/** More than a table of the allowed size can need. */
const MAX_MERGES = 100_000;
const MAX_MERGED_CELLS = 1_000_000, MAX_MERGED_CHARS = 2_000_000;

/** First occurrence in a sheet, and the number of occurrences. */
export interface Seen {
  readonly line: number;
  readonly column: number | null;
  readonly count: number;
}

/** Findings of a sheet apart from its rows. */
export interface SheetFindings {
  readonly merges: readonly Merge[];
  /** Formulas without a saved value, as some libraries write them. */
  readonly unsaved: Seen | null;
  /** Hidden rows with values. */
  readonly hidden: Seen | null;
}

/** Reads a sheet and passes each row with values to `add`. */
export async function readSheet(
  chunks: AsyncIterable<Uint8Array>,
  context: SheetContext,
  add: (row: RawRow) => void,
): Promise<SheetFindings> {
  const sheet = new SheetReader(context, add);
  await readXml(chunks, sheet);
  return sheet;
}

function again(seen: Seen | null, line: number, column: number | null): Seen {
  return seen === null ? { line, column, count: 1 } : { ...seen, count: seen.count + 1 };
}

class SheetReader implements Required<XmlHandler>, SheetFindings {
  readonly merges: Merge[] = [];
  unsaved: Seen | null = null;
  hidden: Seen | null = null;
  readonly #context: SheetContext;
  readonly #add: (row: RawRow) => void;
  readonly #inline: XmlHandler;
  #line = 0;
  #column = 0;
  #cells: string[] = [];
  #kinds: string[] = [];
  #type = "n";
  #style = 0;
  #isHidden = false;
  #isFormula = false;
  #isValue = false;
  #hasValue = false;
  #value = "";

  constructor(context: SheetContext, add: (row: RawRow) => void) {
    this.#context = context;
    this.#add = add;
    this.#inline = richText(context.limits.cellChars, (text) => void (this.#value = text));
  }

  open(start: XmlStart): void {
    switch (start.name) {
      case "row":
        this.#line = Number(start.attribute("r") ?? this.#line + 1);
        if (!(this.#line >= 1 && this.#line <= LAST_ROW)) throw damaged();
        this.#cells = [];
        this.#kinds = [];
        this.#column = 0;
        this.#isHidden = isTrue(start.attribute("hidden"));
        return;
      case "c":
        this.#openCell(start);
        return;
      case "f":
        this.#isFormula = true;
        return;
      case "v":
        this.#isValue = true;
        this.#hasValue = true;
        return;
      case "mergeCell":
        this.#merge(start.attribute("ref") ?? "");
        return;
      default:
        this.#inline.open?.(start);
    }
  }

  #openCell({ attribute }: XmlStart): void {
    const place = attribute("r");
    this.#column = place === null ? this.#column + 1 : columnOf(place);
    this.#type = attribute("t") ?? "n";
    this.#style = Number(attribute("s") ?? 0);
    this.#value = "";
    this.#isFormula = false;
    this.#hasValue = false;
  }

  text(text: string): void {
    if (!this.#isValue) {
      this.#inline.text?.(text);
      return;
    }
    const room = this.#context.limits.cellChars + 1 - this.#value.length;
    if (room > 0) this.#value += text.slice(0, room);
  }

  close(name: string): void {
    if (name === "v") this.#isValue = false;
    else if (name === "c") this.#closeCell();
    else if (name === "row") this.#closeRow();
    else this.#inline.close?.(name);
  }

  #closeCell(): void {
    // A formula can result in an empty text. Any other empty value was not computed.
    const isSaved = this.#hasValue && (this.#value !== "" || this.#type === "str");
    if (this.#isFormula && !isSaved) {
      this.unsaved = again(this.unsaved, this.#line, this.#column);
    }
    const [text, kind] = this.#shown();
    if (isBlank(text)) return;
    const at = this.#column - 1;
    if (at >= this.#context.limits.columns) {
      throw tooManyColumns(this.#context.limits, this.#line);
    }
    while (this.#cells.length < at) {
      this.#cells.push("");
      this.#kinds.push(KIND_LETTERS.text);
    }
    this.#cells[at] = text;
    this.#kinds[at] = kind;
  }

  #closeRow(): void {
    if (this.#cells.length === 0) return;
    if (this.#isHidden) this.hidden = again(this.hidden, this.#line, null);
    const kinds = this.#kinds.join("");
    const isText = /^t*$/.test(kinds);
    this.#add({ line: this.#line, cells: this.#cells, ...isText ? {} : { kinds } });
  }

  /** The cell as text, and its kind's letter. For a formula this is the saved value. */
  #shown(): [text: string, kind: string] {
    const value = this.#value;
    switch (this.#type) {
      case "s":
        return [this.#context.strings[Number(value)] ?? "", KIND_LETTERS.text];
      case "inlineStr":
        return [value, KIND_LETTERS.text];
      case "str":
        return [unescaped(value), KIND_LETTERS.text];
      case "b":
        return value === "" ? ["", KIND_LETTERS.text] : [
          value === "1" || value === "true" ? "TRUE" : "FALSE",
          KIND_LETTERS.boolean,
        ];
      case "e":
        return [value, KIND_LETTERS.error];
      case "d":
        return [value.replace(/T00:00:00(?:\.0+)?Z?$/, ""), KIND_LETTERS.date];
      default: {
        if (value.trim() === "") return ["", KIND_LETTERS.text];
        const { text, kind } = this.#context.show(value, this.#style);
        return [text, KIND_LETTERS[kind]];
      }
    }
  }

  #merge(ref: string): void {
    const [from = "", to = from] = ref.split(":");
    if (this.merges.length >= MAX_MERGES || !/\d$/.test(from)) return;
    this.merges.push({
      rows: [rowOf(from), rowOf(to)],
      columns: [columnOf(from) - 1, columnOf(to) - 1],
    });
  }
}

function rowOf(place: string): number {
  return Number(/\d+$/.exec(place)?.[0] ?? 0);
}

/** `C12` is column 3. */
function columnOf(place: string): number {
  let column = 0;
  for (let at = 0; at < place.length; at++) {
    const letter = (place.charCodeAt(at) & ~0x20) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
    if (column > LAST_COLUMN) throw damaged();
  }
  if (column === 0) throw damaged();
  return column;
}

function damaged(): TableError {
  return new TableError(
    `The sheet has a cell outside ${letters(LAST_COLUMN)}${LAST_ROW}. Save the workbook again.`,
  );
}

/**
 * Copies the value of merged cells into every row they span, in the first column: a company merged over three
 * rows belongs to all three. Returns the number of cells filled.
 */
export function spreadMerges(rows: readonly RawRow[], merges: readonly Merge[]): number {
  if (merges.length === 0) return 0;
  const byLine = new Map(rows.map((row, at) => [row.line, at]));
  let filled = 0, looked = 0, chars = 0;
  for (const { rows: [first, last], columns: [column] } of merges) {
    const source = rows[byLine.get(first) ?? -1];
    const value = source?.cells[column];
    if (source === undefined || value === undefined || isBlank(value)) continue;
    const from = byLine.get(first)! + 1;
    for (let at = from; at < rows.length && rows[at]!.line <= last; at++) {
      // Merged cells of a hostile sheet may overlap many times.
      if (++looked > MAX_MERGED_CELLS || chars > MAX_MERGED_CHARS) return filled;
      const { cells } = rows[at]!;
      if (!isBlank(cells[column])) continue;
      while (cells.length < column) cells.push("");
      cells[column] = value;
      chars += value.length;
      filled++;
    }
  }
  return filled;
}
