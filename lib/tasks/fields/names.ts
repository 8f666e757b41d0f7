/** The fields of the task form by their fixed names, and what a form holds. Pure. */

/** The form's fields (but the hidden `idempotency_key`), in the order of the page. */
export const FORM_FIELDS = [
  "input",
  "input_format",
  "processor",
  "output_type",
  "text_description",
  "json_schema",
  "include_domains",
  "exclude_domains",
  "after_date",
  "location",
  "input_schema",
  "previous_interaction_id",
  "webhook_url",
  "metadata",
  "mcp_servers",
  "enable_events",
] as const;

export type FormField = (typeof FORM_FIELDS)[number];

/** Every field as typed; `enable_events` is `"on"` or `""`, as a checkbox posts it. */
export type TaskFormValues = Record<FormField, string>;

/** A form that nobody has touched yet. */
export function emptyForm(): TaskFormValues {
  const blank = Object.fromEntries(FORM_FIELDS.map((name) => [name, ""])) as TaskFormValues;
  return {
    ...blank,
    input_format: "text",
    processor: "base",
    output_type: "auto",
    enable_events: "on",
  };
}
