/** How good a result is, as far as the API and the schema say. Pure; server only, see `fit.ts`. */
import type { TaskRunInput, TaskRunOutput } from "../parallel/mod.ts";
import { type Fit, fitOf } from "./fit.ts";
import { type Confidences, confidencesOf, type Grounds, groundsOf } from "./grounds.ts";
import { trimBasis, type TrimmedBasis } from "./trim_basis.ts";
import { requestedSchema } from "./schema.ts";

export interface Appraisal {
  /** What a page shows of the basis. */
  readonly shown: TrimmedBasis;
  /** Of what is shown. */
  readonly grounds: Grounds;
  readonly confidences: Confidences;
  /** `null` where no schema was asked for. */
  readonly fit: Fit | null;
}

/** Appraises an output against the request that it answers. */
export function appraise(input: TaskRunInput, output: TaskRunOutput): Appraisal {
  const schema = requestedSchema(input);
  const shown = trimBasis(output.basis);
  return {
    shown,
    grounds: groundsOf(shown.basis),
    confidences: confidencesOf(output.basis),
    fit: schema === null ? null : fitOf(output.content, schema),
  };
}
