/** What a fresh form holds. */
import { formValuesFrom, type TaskFormValues } from "../../lib/tasks/fields/mod.ts";

/** An empty question for the first processor that reports its progress by itself. */
export function defaultValues(): TaskFormValues {
  return { ...formValuesFrom({ input: "", processor: "pro" }), enable_events: "on" };
}
