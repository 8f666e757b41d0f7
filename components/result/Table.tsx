/** A list of objects with short values: one per row, on a phone one per card. Evidence comes last. */
import { isNumber, ownMember } from "../../lib/base/mod.ts";
import type { FieldBasis } from "../../lib/parallel/mod.ts";
import { labelOf, memberOf, type Schema, showValue } from "../../lib/results/mod.ts";
import { hasReasons, Marks, Reasons, WhyToggle } from "./Evidence.tsx";
import { describedAs, fieldId, join, pathWords, type Place, type Reading } from "./reading.ts";
import { isNumeric, Misfits, Scalar, sharedUnit } from "./Scalar.tsx";
import { cx } from "../ui/cx.ts";

/** How a column is shown. */
interface Column {
  readonly name: string;
  readonly label: string;
  /** `EUR`, `km`: in the head, not in each cell. */
  readonly unit: string | null;
  readonly schema: Schema | null;
  readonly look: string;
}

/** `schema` is that of the items. */
export function Table(props: Place<readonly unknown[]> & { columns: readonly string[] }) {
  const { value: items, path, reading } = props;
  const columns = columnsOf(props);
  const evidence = items.some((item, index) =>
    basesOf(join(path, String(index)), item, columns, reading).length > 0
  );
  return (
    <div class="wide" tabIndex={0} role="group" aria-label={pathWords(path) || "Table"}>
      <table class="records">
        <thead>
          <tr>
            {columns.map(({ name, label, unit, schema, look }) => (
              <th key={name} scope="col" class={look} title={describedAs(schema, reading)}>
                {unit === null ? label : `${label}, ${unit}`}
              </th>
            ))}
            {evidence && <th scope="col" class="evidence-cell">Evidence</th>}
          </tr>
        </thead>
        <tbody>
          {items.map((item, index) => (
            <Row
              key={index}
              item={item}
              index={index}
              columns={columns}
              evidence={evidence}
              path={path}
              reading={reading}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps extends Pick<Place, "path" | "reading"> {
  readonly item: unknown;
  readonly index: number;
  readonly columns: readonly Column[];
  readonly evidence: boolean;
}

function Row({ item, index, columns, evidence, path, reading }: RowProps) {
  const here = join(path, String(index));
  const own = reading.basisIndex.byPath.get(here);
  const reasons = basesOf(here, item, columns, reading)
    .filter(({ basis }) => hasReasons(basis, reading));
  return (
    <>
      <tr id={fieldId(here)}>
        {columns.map(({ name, label, unit, schema, look }) => {
          const cell = join(here, name);
          const basis = reading.basisIndex.byPath.get(cell);
          const value = ownMember(item, name);
          return (
            <td
              key={name}
              class={look}
              id={linkedId(cell, reading)}
              data-label={unit === null ? label : `${label}, ${unit}`}
            >
              <Scalar
                value={value}
                path={cell}
                schema={schema}
                reading={reading}
                name={name}
                inTable={unit === null ? "with unit" : "without unit"}
              />
              <Misfits path={cell} reading={reading} />
              {basis && <Marks basis={basis} reading={reading} quiet />}
            </td>
          );
        })}
        {evidence && (
          <td class="evidence-cell">
            {own && <Marks basis={own} reading={reading} />}
            {reasons.length > 0 && <WhyToggle label={pathWords(here)} />}
          </td>
        )}
      </tr>
      {reasons.length > 0 && (
        <tr class="reasons-row">
          <td colSpan={columns.length + 1}>
            <div class="reasons">
              {reasons.map(({ column, basis, value }) => (
                <div key={column ?? ""}>
                  {column !== null && <p class="text-soft">{labelOf(column)}</p>}
                  <Reasons basis={basis} reading={reading} value={value} />
                </div>
              ))}
            </div>
          </td>
        </tr>
      )}
    </>
  );
}

/** The ID of a cell that other elements link to. IDs on all cells would be half of the table. */
function linkedId(path: string, { basisIndex, misfits }: Reading): string | undefined {
  return basisIndex.byPath.has(path) || misfits.has(path) ? fieldId(path) : undefined;
}

/** A basis of a row, or of one of its cells. */
interface RowBasis {
  readonly column: string | null;
  readonly basis: FieldBasis;
  readonly value: unknown;
}

function basesOf(
  path: string,
  item: unknown,
  columns: readonly Column[],
  { basisIndex }: Reading,
): RowBasis[] {
  return [null, ...columns.map(({ name }) => name)].flatMap((column) => {
    const basis = basisIndex.byPath.get(column === null ? path : join(path, column));
    const value = column === null ? item : ownMember(item, column);
    return basis === undefined ? [] : [{ column, basis, value }];
  });
}

function columnsOf(
  { value: items, columns, schema }: Place<readonly unknown[]> & { columns: readonly string[] },
): Column[] {
  const numbers = columns.filter((name) => items.every((item) => isNumeric(ownMember(item, name))));
  const title = columns.find((name) => /^(?:name|title|label)$/i.test(name)) ??
    columns.find((name) => !numbers.includes(name));
  return columns.map((name) => {
    const own = memberOf(schema, name);
    const values = items.map((item) => ownMember(item, name));
    const isNumbers = numbers.includes(name);
    const unit = isNumbers ? sharedUnit(values.map((value) => showValue(value, own, name))) : null;
    return {
      name,
      label: labelOf(name, values.find(isNumber), own),
      unit: unit?.text ?? null,
      schema: own,
      look: cx(
        isNumbers && "number",
        name === title && "record-title",
        name === numbers[0] && "record-amount",
      ),
    };
  });
}
