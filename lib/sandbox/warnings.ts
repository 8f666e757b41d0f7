/** The warnings that the API attaches to requests it accepts. */
import { validateTaskInput } from "../tasks/fields/mod.ts";
import type { TaskRunInput, Warning } from "../parallel/mod.ts";
import type { FaultPlan } from "./faults.ts";
import { checkerOf } from "./output/schema_value.ts";

/** The inputs for the warnings. */
export interface WarnedRequest {
  readonly input: TaskRunInput;
  readonly followsUnknown: boolean;
}

/** Caches the warnings about specifications: the runs of a group share one, and checking it is slow. */
export class SpecWarnings {
  readonly #warnings = new Map<unknown, Map<string, readonly Warning[]>>();
  readonly #checkers = new Map<unknown, { fits: (value: unknown) => boolean; uses: number }>();

  /** Returns the warnings about a request's specification, independent of its input. */
  warningsFor({ task_spec: spec = null, processor }: TaskRunInput): readonly Warning[] {
    if (spec === null) return [];
    const known = this.#warnings.get(spec) ?? new Map<string, readonly Warning[]>();
    this.#warnings.set(spec, known);
    let warnings = known.get(processor);
    if (warnings === undefined) {
      const checked = validateTaskInput({ input: "x", processor, task_spec: spec });
      known.set(processor, warnings = checked.ok ? checked.warnings : []);
    }
    return warnings;
  }

  /** Returns whether an input matches its specification. */
  fits({ task_spec: spec, input }: TaskRunInput): boolean {
    const schema = spec?.input_schema;
    if (typeof schema !== "object" || schema === null || !("json_schema" in schema)) return true;
    let checker = this.#checkers.get(schema);
    // A validator stops after a fixed amount of work, for all values together.
    if (checker === undefined || checker.uses >= MAX_USES) {
      checker = { fits: checkerOf(schema.json_schema), uses: 0 };
      this.#checkers.set(schema, checker);
    }
    checker.uses++;
    return checker.fits(input);
  }
}

const MAX_USES = 50;

/** Returns the warnings that a run has from the start. */
export function inputWarnings(
  { input, followsUnknown }: WarnedRequest,
  plan: FaultPlan,
  specs: SpecWarnings = new SpecWarnings(),
): Warning[] {
  const warnings: Warning[] = [...specs.warningsFor(input)];
  if (!specs.fits(input)) {
    const message = "The input does not match the input schema";
    warnings.push({ type: "input_validation_warning", message, detail: {} });
  }
  if (followsUnknown) {
    const message =
      "previous_interaction_id is not a run of this sandbox: this run starts without its context";
    warnings.push({ type: "warning", message, detail: {} });
  }
  if (plan.faults.has("action_required")) {
    const message = "Simulated: the run will stop and wait, because metadata.sandbox asks for it";
    warnings.push({ type: "warning", message, detail: {} });
  }
  for (const word of plan.unknown) {
    const message = `metadata.sandbox: "${word}" is not a fault of the sandbox`;
    warnings.push({ type: "warning", message, detail: {} });
  }
  return warnings;
}
