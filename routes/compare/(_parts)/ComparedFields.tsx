/** The compared results as a table: a row for each field, a column for each run. */
import { ConfidenceMark } from "../../../components/ui/Confidence.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { WebLink } from "../../../components/ui/WebLink.tsx";
import { count, ownMember } from "../../../lib/base/mod.ts";
import type { TaskRunOutput } from "../../../lib/parallel/mod.ts";
import {
  type BasisIndex,
  type ComparedField,
  describingSchema,
  type FieldValue,
  hostOf,
  labelOf,
  memberOf,
  type Schema,
  SHOWN_SOURCES,
  showValue,
} from "../../../lib/results/mod.ts";
import type { RunPage } from "../../../lib/runs/model/mod.ts";
import { ComparedText } from "./ComparedText.tsx";
import type { WorkLeft } from "./Difference.tsx";
import { isShared } from "./asked.ts";
import { isEmpty } from "./verdict.ts";

/** A run, and the index of its result's basis. */
export interface ComparedRun extends RunPage {
  readonly basisIndex: BasisIndex;
}

export interface ComparedFieldsProps {
  readonly runs: readonly ComparedRun[];
  /** Names of the runs, in the same order. */
  readonly labels: readonly string[];
  readonly fields: readonly ComparedField[];
  /** The runs answer the same input, so differences mean something. */
  readonly compares: boolean;
  readonly differingFirst: boolean;
  readonly workLeft: WorkLeft;
}

/** The data of a run that its cells need. */
interface Column {
  readonly id: string;
  readonly label: string;
  readonly output: TaskRunOutput | null;
  readonly schema: Schema | null;
  readonly basisIndex: BasisIndex;
}

export function ComparedFields(props: ComparedFieldsProps) {
  const { runs, labels, fields, compares, differingFirst, workLeft } = props;
  const columns = runs.map(({ run, output, basisIndex }, index): Column => ({
    id: run.run_id,
    label: labels[index] ?? "",
    output,
    schema: output === null ? null : describingSchema(run.input, output),
    basisIndex,
  }));
  const filled = fields.filter(({ values }) => !values.every(({ text }) => isEmpty(text)));
  const empty = fields.filter(({ values }) => values.every(({ text }) => isEmpty(text)));
  const [common, alone] = [filled.filter(isShared), filled.filter((field) => !isShared(field))];
  const differing = common.filter(({ differs }) => differs);
  const groups: readonly (readonly [string | null, readonly ComparedField[]])[] = differingFirst
    ? [
      [`${count(differing.length)} differ`, differing],
      [
        `${count(common.length - differing.length)} agree`,
        common.filter(({ differs }) => !differs),
      ],
      [`${count(alone.length)} asked of one run only`, alone],
    ]
    : [[null, filled]];
  if (fields.length === 0) return null;
  return (
    <>
      <table class="compared">
        <colgroup>
          <col class="field-name" />
        </colgroup>
        <thead class="sr-only">
          <tr>
            <th scope="col">Field</th>
            {labels.map((label) => <th key={label} scope="col">{label}</th>)}
          </tr>
        </thead>
        {groups.map(([name, some]) =>
          some.length > 0 && (
            <tbody key={name ?? "all"}>
              {name !== null && (
                <tr class="group">
                  <th colSpan={columns.length + 1} scope="rowgroup">{name}</th>
                </tr>
              )}
              {some.map((field) => (
                <tr
                  key={field.path}
                  class={cx(compares && isShared(field) && !field.differs && "same")}
                >
                  <th scope="row">{nameOf(field, columns)}</th>
                  {field.values.map((value, index) => (
                    <Cell
                      key={labels[index]}
                      column={columns[index]!}
                      steps={field.steps}
                      value={value}
                      asked={field.asked[index] || columns[index]!.output === null}
                      workLeft={workLeft}
                      base={index === 0 || !compares ? null : field.values[0]?.text ?? null}
                    />
                  ))}
                </tr>
              ))}
            </tbody>
          )
        )}
      </table>
      {empty.length > 0 && (
        <p class="text-sm text-soft mt-4">
          {empty.length === 1 ? "One field" : `${count(empty.length)} fields`} that no run filled
          {" "}
          {empty.length === 1 ? "is" : "are"} left out:{" "}
          {empty.slice(0, 20).map((field) => nameOf(field, columns)).join(", ")}
          {empty.length > 20 && " and others"}.
        </p>
      )}
    </>
  );
}

function nameOf({ path, steps }: ComparedField, columns: readonly Column[]): string {
  if (steps.length === 0) return "Text";
  // A member of a field is named with it, as in the result's own address of it.
  if (steps.length > 1) return path;
  const [name = ""] = steps;
  const column = columns.find(({ output }) => (valueAt(output, steps) ?? null) !== null);
  return labelOf(name, valueAt(column?.output ?? null, steps), schemaAt(column?.schema, steps));
}

function valueAt(output: TaskRunOutput | null, steps: readonly string[]): unknown {
  if (output === null) return undefined;
  return output.type === "text" && steps.length === 0
    ? output.content
    : steps.reduce<unknown>(ownMember, output.content);
}

function schemaAt(schema: Schema | null | undefined, steps: readonly string[]): Schema | null {
  return steps.reduce<Schema | null>((inside, name) => memberOf(inside, name), schema ?? null);
}

function runHref({ id }: Column): string {
  return `/tasks/${encodeURIComponent(id)}`;
}

interface CellProps {
  readonly column: Column;
  readonly steps: readonly string[];
  readonly value: FieldValue;
  /** The run was asked for the field, or has no result yet. */
  readonly asked: boolean;
  /** The first run's text, if differences are marked. */
  readonly base: string | null;
  readonly workLeft: WorkLeft;
}

function Cell({ column, steps, value, asked, base, workLeft }: CellProps) {
  const { text, confidence, urls } = value;
  const { numberOf } = column.basisIndex;
  return (
    <td data-run={column.label}>
      {isEmpty(text) ? <span class="text-soft">{asked ? "–" : "not asked"}</span> : (
        <div dir="auto">
          <Shown column={column} steps={steps} text={text ?? ""} base={base} workLeft={workLeft} />
        </div>
      )}
      {(confidence !== null || urls.length > 0) && (
        <div class="evidence-of-run">
          {confidence !== null && <ConfidenceMark level={confidence} />}
          {urls.slice(0, SHOWN_SOURCES).map((url) => (
            <a
              key={url}
              class="chip"
              href={`${runHref(column)}#source-${numberOf(url)}`}
              title={hostOf(url)}
              aria-label={`Source ${numberOf(url)}: ${hostOf(url)}`}
            >
              {numberOf(url)}
            </a>
          ))}
          {urls.length > SHOWN_SOURCES && (
            <span class="text-xs text-soft">{urls.length - SHOWN_SOURCES} more</span>
          )}
        </div>
      )}
    </td>
  );
}

/** A value as on the result's page. In texts, the words that the first run lacks are marked. */
function Shown(
  { column, steps, text, base, workLeft }: Omit<CellProps, "value" | "asked"> & { text: string },
) {
  const { output, basisIndex } = column;
  const value = valueAt(output, steps);
  // A text has one basis, whatever its field is called.
  const basis = steps.length === 0 ? output?.basis[0] : basisIndex.byPath.get(steps.join("."));
  const shown = showValue(value, schemaAt(column.schema, steps), steps.at(-1) ?? "");
  switch (shown.kind) {
    case "text":
    case "prose":
      return (
        <ComparedText
          text={text}
          base={base}
          basis={basis}
          basisIndex={basisIndex}
          runHref={runHref(column)}
          workLeft={workLeft}
        />
      );
    case "link":
      return <WebLink href={String(value)}>{shown.text}</WebLink>;
    case "records":
      return (
        <>
          {count(Array.isArray(value) ? value.length : 0)} rows{" "}
          <small class="text-soft">{shown.text}</small>
        </>
      );
    default:
      if (shown.unit === null) return <>{shown.text}</>;
      return shown.unit.before
        ? (
          <>
            <small class="text-soft">{shown.unit.text}</small> {shown.text}
          </>
        )
        : (
          <>
            {shown.text} <small class="text-soft">{shown.unit.text}</small>
          </>
        );
  }
}
