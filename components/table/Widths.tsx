/** The widths of a table's columns while answers come: columns as wide as what they hold would move with each. */
import type { RowView, TableRow } from "../../lib/batches/model/mod.ts";
import type { TableColumns } from "./columns.ts";

/** Room for what is there and what may come (px). */
const ROOM = {
  /** The widest page, without its margins. */
  page: 1120,
  char: 7.5,
  bold: 9,
  padding: 24,
  mark: 24,
  /** The most that a column shows (characters). */
  chars: 36,
  number: 7,
  text: 16,
  row: 48,
  status: 140,
  cost: 84,
};

export interface WidthsProps {
  readonly columns: TableColumns;
  readonly rows: readonly { readonly row: TableRow; readonly view: RowView }[];
}

export function Widths(props: WidthsProps) {
  return (
    <colgroup>
      {columnWidths(props).map((width, at) => <col key={at} width={width} />)}
    </colgroup>
  );
}

/** The widths in the order of the columns (px). Answers that are texts share the room that the others leave. */
export function columnWidths({ columns: { inputs, outputs }, rows }: WidthsProps): number[] {
  const before = [
    ROOM.row,
    ...inputs.map(({ at, name }, place) =>
      widthOf(
        [name, ...rows.map(({ row }) => row.cells[at] ?? "")],
        place === 0 ? ROOM.bold : ROOM.char,
      )
    ),
  ];
  const least = outputs.map(({ label, isNumber }, at) => {
    const known = rows.map(({ view: { cells } }) => cells?.[at]?.shown ?? cells?.[at]?.text ?? "");
    const texts = isNumber ? [" ".repeat(ROOM.number), ...known] : [" ".repeat(ROOM.text)];
    return ROOM.mark + widthOf([label, ...texts]);
  });
  const after = [ROOM.status, ROOM.cost];
  const texts = outputs.filter(({ isNumber }) => !isNumber).length;
  const taken = sum([...before, ...after]) + sum(least.filter((_, at) => outputs[at]?.isNumber));
  const most = ROOM.mark + widthOf([" ".repeat(ROOM.chars)]);
  const share = Math.min(most, Math.floor((ROOM.page - taken) / texts));
  const answers = least.map((width, at) => outputs[at]?.isNumber ? width : Math.max(width, share));
  return [...before, ...answers, ...after];
}

const sum = (widths: readonly number[]) => widths.reduce((total, width) => total + width, 0);

function widthOf(texts: readonly string[], char = ROOM.char): number {
  const longest = texts.reduce((most, text) => Math.max(most, charsOf(text)), 0);
  return Math.ceil(ROOM.padding + char * Math.min(longest, ROOM.chars));
}

/** The room that a text takes, in characters: those of East Asia are twice as wide as others. */
function charsOf(text: string): number {
  let chars = 0;
  for (const char of text) {
    chars += char > "\u2e7f" ? 2 : 1;
    if (chars >= ROOM.chars) break;
  }
  return chars;
}
