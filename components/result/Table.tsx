/** A list of objects with short values, one per row. */
import { isNumber, ownMember } from "../../lib/base/mod.ts";
import { memberOf } from "../../lib/results/mod.ts";
import { join, label, Misfits, Note, type Place, Scalar } from "./Scalar.tsx";
import { describedAs, fieldId, type Reading } from "./reading.ts";

/** `schema` is that of the items. */
export function Table(props: Place<readonly unknown[]> & { columns: readonly string[] }) {
  const { value: items, columns, path, schema, reading } = props;
  const noted = items.some((_, index) => reading.grounds.byPath.has(join(path, String(index))));
  const numbers = new Set(columns.filter((column) => isNumeric(items, column)));
  const of = (column: string) => numbers.has(column) ? "number" : "";
  return (
    <div class="wide" tabIndex={0} role="group" aria-label={path || "Table"}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column}
                scope="col"
                class={of(column)}
                title={describedAs(memberOf(schema, column), props.reading)}
              >
                {label(column)}
              </th>
            ))}
            {noted && <th scope="col">Basis</th>}
          </tr>
        </thead>
        <tbody>
          {items.map((item, index) => {
            const here = join(path, String(index));
            return (
              <tr key={index} id={fieldId(here)}>
                {columns.map((column) => {
                  const cell = join(here, column);
                  return (
                    <td key={column} class={of(column)} id={linkedId(cell, reading)}>
                      <Scalar
                        value={ownMember(item, column)}
                        path={cell}
                        reading={reading}
                      />
                      <Misfits path={cell} reading={reading} />
                      <Note path={cell} reading={reading} as="div" />
                    </td>
                  );
                })}
                {noted && <Note path={here} reading={reading} as="td" />}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The ID of a cell that other elements link to. IDs on all cells would be half of the table. */
function linkedId(path: string, { grounds, misfits }: Reading): string | undefined {
  return grounds.byPath.has(path) || misfits.has(path) ? fieldId(path) : undefined;
}

/** Whether a column contains only numbers or nothing: it is then aligned at the end. */
function isNumeric(items: readonly unknown[], column: string): boolean {
  return items.every((item) => isNumber((ownMember(item, column)) ?? 0));
}
