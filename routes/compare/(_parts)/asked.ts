/** Which fields the compared runs were asked for. A field that only one was asked for differs from nothing. Pure. */
import type { TaskRunInput, TaskRunOutput } from "../../../lib/parallel/mod.ts";
import {
  type ComparedField,
  compareFields,
  describingSchema,
  memberOf,
  type Schema,
} from "../../../lib/results/mod.ts";

/** A run as it was asked, and its result. */
export interface AskedRun {
  readonly run: { readonly input: TaskRunInput };
  readonly output: TaskRunOutput | null;
}

/** The fields of all results, with those that each run was asked for. */
export function askedFields(runs: readonly AskedRun[]): ComparedField[] {
  const schemas = runs.map(({ run, output }) => output && describingSchema(run.input, output));
  return compareFields(
    runs.map(({ output }) => output),
    (index, steps) =>
      runs[index]?.output?.type === "text"
        ? steps.length === 0
        : steps.length > 0 && has(schemas[index] ?? null, steps),
  );
}

/** Whether a schema has the field. Without a schema any may be missing. */
function has(schema: Schema | null, steps: readonly string[]): boolean {
  if (schema === null) return true;
  return steps.reduce<Schema | null>((inside, name) => memberOf(inside, name), schema) !== null;
}

/** Whether at least two runs were asked for the field. */
export function isShared({ asked }: ComparedField): boolean {
  return asked.filter((isAsked) => isAsked).length > 1;
}
