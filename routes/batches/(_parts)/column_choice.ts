/** Which columns of a table a task is given, under which names: the form's fields, read and written. */
import { emptyColumns, type Table } from "../../../lib/batches/model/mod.ts";

/** One column of the table as the form has it. */
export interface ColumnChoice {
  readonly picked: boolean;
  /** Its name in the input. */
  readonly name: string;
}

/** Every column that holds something, under its own name. */
export function defaultChoices(table: Table): ColumnChoice[] {
  const empty = new Set(emptyColumns(table));
  return table.columns.map(({ name }, at) => ({ picked: !empty.has(at), name }));
}

/**
 * The choice that was posted: `column.0`, `name.0` and so on as the page has them, or `columns` as
 * programs send it. `null` where neither is there.
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

/** The choice as the JSON that `planInputs` reads: names in the input by the columns' names. */
export function choicesJson(table: Table, choices: readonly ColumnChoice[]): string {
  return JSON.stringify(Object.fromEntries(
    choices.flatMap(({ picked, name }, at) => picked ? [[table.columns[at]!.name, name]] : []),
  ));
}
