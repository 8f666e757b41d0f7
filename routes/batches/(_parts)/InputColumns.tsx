/** The input of each row's run: an object of chosen columns, or a text template. */
import { beginning } from "../../../lib/base/mod.ts";
import { described, FieldError, FIRST_LINE } from "../../../components/form/Field.tsx";
import { isBlank, type Table } from "../../../lib/batches/model/mod.ts";
import type { ColumnChoice } from "./column_choice.ts";
import type { BatchProblems, FirstRow } from "./compose.ts";

export interface InputColumnsProps {
  readonly table: Table;
  readonly choices: readonly ColumnChoice[];
  readonly template: string;
  readonly problems: BatchProblems;
}

/** Maximum length of an example or of a heading (characters). */
const SHOWN_CHARS = 60;

export function InputColumns({ table, choices, template, problems }: InputColumnsProps) {
  return (
    <section aria-labelledby="columns-title">
      <h2 id="columns-title" class="ruled">What each row sends</h2>
      <input type="hidden" name="choices" value="on" />
      <fieldset id="columns" tabIndex={-1} {...described("columns", problems.columns)}>
        <legend class="sr-only">Columns of the input</legend>
        <div class="pane short">
          <table class="grid-table">
            <thead>
              <tr>
                <th scope="col">Column</th>
                <th scope="col">Name in the input</th>
                <th scope="col">For example</th>
              </tr>
            </thead>
            <tbody>
              {table.columns.map(({ name }, at) => (
                <tr key={name}>
                  <th scope="row">
                    <label class="check">
                      <input
                        type="checkbox"
                        name={`column.${at}`}
                        checked={choices[at]?.picked ?? false}
                      />
                      {short(name)}
                    </label>
                  </th>
                  <td>
                    <input
                      name={`name.${at}`}
                      value={choices[at]?.name ?? name}
                      aria-label={`Name of “${short(name)}” in the input`}
                      autocomplete="off"
                      spellcheck={false}
                    />
                  </td>
                  <td class="text-soft">
                    <bdi>{exampleOf(table, at)}</bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <FieldError name="columns" problem={problems.columns} />
      </fieldset>
      <div class="mt-2">
        <label for="template">Or a text with placeholders</label>
        <p id="template-hint" class="text-sm text-soft">
          Leave it empty to send the chosen columns as an object. Write{" "}
          <code>{"{{"}{short(table.columns[0]?.name ?? "")}{"}}"}</code>{" "}
          where a column’s value goes.
        </p>
        <textarea
          id="template"
          name="template"
          rows={3}
          class="mt-1"
          {...described("template", problems.template, true)}
        >
          {FIRST_LINE + template}
        </textarea>
        <FieldError name="template" problem={problems.template} />
      </div>
    </section>
  );
}

function exampleOf({ rows }: Table, column: number): string {
  const cell = rows.find(({ cells }) => !isBlank(cells[column]))?.cells[column];
  if (cell === undefined) return "empty: to find out";
  return short(cell);
}

function short(text: string): string {
  return text.length <= SHOWN_CHARS ? text : `${beginning(text, SHOWN_CHARS)}…`;
}

export function FirstRowPreview({ first }: { readonly first: FirstRow | null }) {
  return (
    <section aria-labelledby="first-title">
      <h2 id="first-title" class="ruled">Request for the first row</h2>
      {first === null
        ? <p>Correct the columns or the text first.</p>
        : (
          <pre class="code" tabIndex={0} aria-label="Request of the first row">{
          JSON.stringify({ input: first.input, ...first.task }, null, 2)
        }</pre>
        )}
      <p class="mt-2">
        <button type="submit" formaction="/batches/preview" class="button">
          Update this preview
        </button>
      </p>
    </section>
  );
}
