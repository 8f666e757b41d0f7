import { type Plan, planOf } from "../../components/form/values.ts";
import type { TaskFormValues } from "../../lib/tasks/fields/mod.ts";

/** Longer than the name of any choice (characters). */
const NAME_CHARS = 100;

/**
 * Returns a form's plan for its page, with long choices left out: anyone can post choices as long as a form may be, and
 * the page repeats them several times.
 */
export function planShown(
  { processor, output_type, json_schema }: Pick<
    TaskFormValues,
    "processor" | "output_type" | "json_schema"
  >,
): Plan {
  return planOf({
    processor: processor.slice(0, NAME_CHARS),
    output_type: output_type.slice(0, NAME_CHARS),
    json_schema,
  });
}
