import { type Plan, planOf } from "../../components/form/values.ts";
import type { TaskFormValues } from "../../lib/tasks/fields/mod.ts";

/** No name of a choice is as long (characters). */
const NAME_CHARS = 100;

/**
 * What a form plans, for its page: anyone can post a form whose choices are as long as the form may be, and the page
 * has them several times more.
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
