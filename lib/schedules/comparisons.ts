/** Compares the result of a scheduled run or batch with an earlier one, and describes what changed. */
import { beginning, isSameNumber } from "../base/mod.ts";
import {
  type BatchView,
  isCutBrief,
  type OutputColumn,
  outputValue,
  rowView,
  sendView,
} from "../batches/model/mod.ts";
import type { TaskRunOutput } from "../parallel/mod.ts";
import { compareFields, isSameValue, MAX_LEAVES } from "../results/mod.ts";
import type { FiringResult, Target } from "./types.ts";

/** The most names of changed fields to keep, and the most characters of each. */
const NAMES = 5, NAME_CHARS = 80;
/** The most rows whose whole results are read: the table has only beginnings and texts. */
const MAX_WHOLE_ROWS = 200;

/** The differences between two results. */
export interface Comparison {
  readonly changed: number;
  readonly fields: number;
  /** The first changed fields of a run, or columns of a batch. A batch ends them with `…` if there are more. */
  readonly names: readonly string[];
}

/** Compares the results of two runs. */
export function compareOutputs(before: TaskRunOutput, after: TaskRunOutput): Comparison {
  const fields = compareFields([before, after]);
  const changed = fields.filter(({ differs }) => differs);
  return {
    changed: changed.length,
    fields: fields.length,
    names: changed.slice(0, NAMES).map(({ path }) => short(path)),
  };
}

/** Compares two batches of the same rows. Counts only rows that both have completed. */
export async function compareBatches(
  before: BatchView,
  after: BatchView,
  outputOf: (runId: string) => Promise<TaskRunOutput | null>,
): Promise<Comparison | null> {
  const columns = after.outputs.map((column) => ({
    column,
    was: before.outputs.findIndex(({ name }) => name === column.name),
  }));
  const names = new Set<string>();
  let changed = 0, fields = 0, rows = 0, wholeRows = 0;
  for (let row = 1; row <= Math.min(before.rows, after.rows); row++) {
    const [old, now] = [rowView(before, row), rowView(after, row)];
    if (old.cells === null || now.cells === null) continue;
    rows++;
    // Cells whose whole values must be read: equal beginnings, and different texts that may be one number.
    const open: OutputColumn[] = [];
    for (const [at, { column, was }] of columns.entries()) {
      const [one, other] = [old.cells[was]?.text ?? "", now.cells[at]?.text ?? ""];
      fields++;
      const isSame = one === other || areOneNumber(one, other);
      if (isSame && (one !== other || isCutBrief(one))) open.push(column);
      if (isSame) continue;
      changed++;
      names.add(short(column.name));
    }
    if (open.length === 0 || ++wholeRows > MAX_WHOLE_ROWS) continue;
    // A batch is repeated with the columns that it was created with: those of its first set of runs.
    const [wasId, isId] = [before, after].map((view) => sendView(view, 0, row).run_id);
    if (!wasId || !isId) continue;
    const [was, is] = await Promise.all([outputOf(wasId), outputOf(isId)]);
    if (was === null || is === null) continue;
    for (const column of open) {
      if (isSameValue(outputValue(was, column), outputValue(is, column))) continue;
      changed++;
      names.add(short(column.name));
    }
  }
  const [first, rest] = [[...names].slice(0, NAMES), names.size > NAMES ? ["…"] : []];
  return rows === 0 ? null : { changed, fields, names: [...first, ...rest] };
}

function areOneNumber(one: string, other: string): boolean {
  return NUMBER.test(one) && NUMBER.test(other) && isSameNumber(one, other);
}

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** `2 of 6 fields changed: ceo, city`, or `3 of 12 cells changed: founded`. */
export function changedWords(
  { changed, fields, names }: Comparison | FiringResult,
  kind: Target["kind"],
): string {
  if (changed === null) return "No earlier result to compare";
  const unit = kind === "task" ? "field" : "cell";
  const most = kind === "task" && fields >= MAX_LEAVES ? "the first " : "";
  const share = `${changed} of ${most}${fields} ${unit}${fields === 1 ? "" : "s"} changed`;
  if (names.length === 0 || names.every((name) => name === "")) return share;
  return `${share}: ${names.join(", ")}${kind === "task" && changed > names.length ? ", …" : ""}`;
}

function short(name: string): string {
  return name.length > NAME_CHARS ? `${beginning(name, NAME_CHARS - 1)}…` : name;
}
