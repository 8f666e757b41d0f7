/** Results written by hand for the six example tasks, found by what is asked and in which form. */
import { EXAMPLES } from "../../parallel/examples.ts";
import type { TaskRunInput, TaskRunOutput } from "../../parallel/types.ts";
import type { Script } from "../script/script.ts";

/** A run written by hand: what it reports, and its result. */
export interface CuratedRun {
  readonly script: Script;
  readonly output: TaskRunOutput;
}

const RUNS: Readonly<Record<string, CuratedRun>> = {};

/** The run written for this very request, or `null`. The processor may be another one. */
export function curatedFor(input: TaskRunInput): CuratedRun | null {
  const asked = identity(input);
  const found = EXAMPLES.find((each) => identity(each.input) === asked);
  return found === undefined ? null : RUNS[found.id] ?? null;
}

function identity({ input, task_spec: spec }: TaskRunInput): string {
  return JSON.stringify([input, spec?.output_schema ?? { type: "auto" }]);
}
