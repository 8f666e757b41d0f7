/** What the API warns about when it takes a request all the same. */
import { validateTaskInput } from "../parallel/validate.ts";
import type { TaskRunInput, Warning } from "../parallel/types.ts";
import type { FaultPlan } from "./faults.ts";
import { fits } from "./output/schema_value.ts";

/** What the warnings depend on. */
export interface WarnedRequest {
  readonly input: TaskRunInput;
  readonly followsUnknown: boolean;
}

/** The warnings that a run has from the start. */
export function inputWarnings(
  { input, followsUnknown }: WarnedRequest,
  plan: FaultPlan,
): Warning[] {
  const checked = validateTaskInput(input);
  const warnings: Warning[] = checked.ok ? [...checked.warnings] : [];
  const schema = input.task_spec?.input_schema;
  if (typeof schema === "object" && schema !== null && "json_schema" in schema) {
    if (!fits(schema.json_schema, input.input)) {
      const message = "The input does not match the input schema";
      warnings.push({ type: "input_validation_warning", message, detail: {} });
    }
  }
  if (followsUnknown) {
    const message =
      "previous_interaction_id names no run that the sandbox knows: this one starts " +
      "without its context";
    warnings.push({ type: "warning", message, detail: {} });
  }
  if (plan.faults.has("action_required")) {
    const message = "Simulated: the run will stop and wait, for metadata.sandbox asks for it";
    warnings.push({ type: "warning", message, detail: {} });
  }
  for (const word of plan.unknown) {
    const message = `metadata.sandbox: the sandbox knows no fault "${word}"`;
    warnings.push({ type: "warning", message, detail: {} });
  }
  return warnings;
}
