/** Which columns of a table become input members, under which names. Reads and writes the form's fields. */
import { columnsOfExport, emptyColumns, type Table } from "../../../lib/batches/model/mod.ts";

/** One column of the table in the form. */
export interface ColumnChoice {
  readonly picked: boolean;
  /** Its name in the input. */
  readonly name: string;
}

/** Selects every column with a value that is not of an export, under its own name. */
export function defaultChoices(table: Table): ColumnChoice[] {
  const left = new Set([...emptyColumns(table), ...columnsOfExport(table)]);
  return table.columns.map(({ name }, at) => ({ picked: !left.has(at), name }));
}

/**
 * Reads the posted choice: `column.0`, `name.0` and so on from the page, or `columns` from a program. `null`
 * if there is neither.
 */
export function postedChoices(form: FormData, table: Table): ColumnChoice[] | null {
  if (!form.has("choices")) return null;
  return table.columns.map((column, at) => {
    const name = form.get(`name.${at}`);
    return {
      picked: form.has(`column.${at}`),
      name: typeof name === "string" && name.trim() !== "" ? name.trim() : column.name,
    };
  });
}

/** The choice as JSON for `planInputs`: input names by column names. */
export function choicesJson(table: Table, choices: readonly ColumnChoice[]): string {
  return JSON.stringify(Object.fromEntries(
    choices.flatMap(({ picked, name }, at) => picked ? [[table.columns[at]!.name, name]] : []),
  ));
}
