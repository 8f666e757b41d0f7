/** How a table was read: its format, its notes, and its first rows. */
import { described, FieldError } from "../../../components/form/Field.tsx";
import { blankRows, placeOf, type Table, type TableNote } from "../../../lib/batches/model/mod.ts";
import { beginning, count } from "../../../lib/base/mod.ts";
import type { DraftView } from "./compose.ts";
import type { Drop } from "./drop.ts";

/** Rows and columns of the preview, and the number of rows to list. */
const ROWS_SHOWN = 5;
const COLUMNS_SHOWN = 30;
const ROWS_LISTED = 20;
const CELL_CHARS = 120;

const SEPARATORS: Readonly<Record<string, string>> = {
  ",": "commas",
  ";": "semicolons",
  "\t": "tabs",
  "|": "bars",
};

export interface ReadAsProps {
  readonly draft: DraftView;
  /** Why another sheet could not be read. */
  readonly sheetProblem: string | undefined;
}

export function ReadAs({ draft, sheetProblem }: ReadAsProps) {
  const { table, unfit, repeated } = draft;
  const blank = blankRows(table).length;
  return (
    <section aria-labelledby="read-title">
      <h2 id="read-title" class="ruled">
        {count(table.rows.length)} {table.rows.length === 1 ? "row" : "rows"},{" "}
        {count(table.columns.length)} {table.columns.length === 1 ? "column" : "columns"}
      </h2>
      <p class="text-sm text-soft">{writtenAs(table)}</p>
      <SheetChoice table={table} problem={sheetProblem} />
      {table.notes.length > 0 && (
        <ul class="mt-2 list-disc pl-5">
          {table.notes.map((note, at) => <Note key={at} note={note} table={table} />)}
        </ul>
      )}
      {unfit.length > 0 && (
        <>
          <h3 class="mt-2">Rows that cannot be sent</h3>
          <ul class="list-disc pl-5">
            {unfit.slice(0, ROWS_LISTED).map(({ row, line, message }) => (
              <li key={row}>
                {placeOf(table.format, { line, column: null })}: {message}
              </li>
            ))}
          </ul>
          {unfit.length > ROWS_LISTED && <p>and {count(unfit.length - ROWS_LISTED)} more</p>}
        </>
      )}
      <div class="flex flex-wrap gap-2 my-2">
        <DropButton drop="blank" rows={blank} what="blank" />
        <DropButton drop="repeated" rows={repeated} what="repeated" />
        {table.totals_row !== null && <DropButton drop="totals" rows={1} what="totals" />}
        <DropButton drop="unfit" rows={unfit.length} what="unsendable" />
      </div>
      <FirstRows table={table} />
      {table.rows.length > ROWS_SHOWN && (
        <p class="text-sm text-soft mt-1">and {count(table.rows.length - ROWS_SHOWN)} more</p>
      )}
    </section>
  );
}

/** Reads another sheet of the uploaded workbook. */
function SheetChoice(
  { table: { sheet, sheets }, problem }: {
    readonly table: Table;
    readonly problem: string | undefined;
  },
) {
  if (sheets.length < 2) return null;
  return (
    <>
      <p class="flex flex-wrap items-end gap-2 my-2">
        <label for="sheet">
          Sheet{" "}
          <select id="sheet" name="sheet" {...described("sheet", problem)}>
            {sheets.map(({ name, hidden }) => (
              <option key={name} value={name} selected={name === sheet}>
                {name}
                {hidden && " (hidden)"}
              </option>
            ))}
          </select>
        </label>
        <button
          type="submit"
          name="read_sheet"
          value="on"
          formaction="/batches/preview"
          class="button"
        >
          Read this sheet
        </button>
      </p>
      <FieldError name="sheet" problem={problem} />
    </>
  );
}

function writtenAs({ format, delimiter, encoding, sheet, header_line: header }: Table): string {
  // Its rows name their own fields. Lines that were typed into the form are stored like this, too.
  if (format === "ndjson") return "One row per line";
  return [
    `Read as ${format.toUpperCase()}`,
    delimiter === null ? null : `separated by ${SEPARATORS[delimiter] ?? `“${delimiter}”`}`,
    encoding,
    sheet === null ? null : `sheet “${sheet}”`,
    header === null ? "no headings" : `headings in ${format === "xlsx" ? "row" : "line"} ${header}`,
  ].filter((part) => part !== null).join(", ");
}

function Note({ note, table }: { note: TableNote; table: Table }) {
  const place = placeOf(table.format, note);
  return <li>{place === "" ? note.message : `${place}: ${note.message}`}</li>;
}

function DropButton(props: { readonly drop: Drop; readonly rows: number; readonly what: string }) {
  if (props.rows === 0) return null;
  return (
    <button
      type="submit"
      name="drop"
      value={props.drop}
      formaction="/batches/preview"
      class="button"
    >
      Leave out {props.rows === 1 ? "the" : `all ${count(props.rows)}`} {props.what}{" "}
      {props.rows === 1 ? "row" : "rows"}
    </button>
  );
}

function FirstRows({ table: { columns, rows } }: { table: Table }) {
  const shown = columns.slice(0, COLUMNS_SHOWN);
  return (
    <div class="pane" role="region" aria-label="First rows" tabIndex={0}>
      <table class="grid-table">
        <thead>
          <tr>
            <th scope="col" class="no">#</th>
            {shown.map(({ name }) => <th key={name} scope="col">{short(name)}</th>)}
            {columns.length > shown.length && (
              <th scope="col">and {count(columns.length - shown.length)} more columns</th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, ROWS_SHOWN).map(({ line, cells }, at) => (
            <tr key={line}>
              <td class="no">{at + 1}</td>
              {shown.map(({ name }, at) => (
                <td key={name}>
                  <bdi>{short(cells[at] ?? "")}</bdi>
                </td>
              ))}
              {columns.length > shown.length && <td></td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function short(text: string): string {
  return text.length <= CELL_CHARS ? text : `${beginning(text, CELL_CHARS)}…`;
}
