/** Reads the form in the browser, and says in words what its run will be. */
import {
  fastOf,
  processor,
  standardOf,
  TASK_SPEC_AND_INPUT_CHARS as LIMIT,
} from "../../lib/parallel/mod.ts";
import type { TaskFormValues } from "../../lib/tasks/fields/mod.ts";

/**
 * The fields as typed. The page names them, so that its first script need not load the table of fields.
 */
export function valuesOf(form: HTMLFormElement): TaskFormValues {
  const data = new FormData(form);
  const names = (form.dataset.fields ?? "").split(" ");
  const values = Object.fromEntries(
    names.map((name) => [name, String(data.get(name) ?? "").replace(/\r\n?/g, "\n")]),
  ) as TaskFormValues;
  const fast = data.has("fast") ? fastOf(values.processor) : null;
  return fast === null ? values : { ...values, processor: fast.name };
}

/** Whether the form is as the server rendered it: not typed in, nor restored by the browser. */
export function isUntouched(form: HTMLFormElement): boolean {
  return [...form.elements].every((field) => {
    if (field instanceof HTMLTextAreaElement) return field.value === field.defaultValue;
    if (!(field instanceof HTMLInputElement) || field.name === "") return true;
    return field.type === "radio" || field.type === "checkbox"
      ? field.checked === field.defaultChecked
      : field.value === field.defaultValue;
  });
}

/** What the run will be, as the line beside the button says it. */
export interface Plan {
  readonly processor: string;
  /** `JSON, 6 fields`. */
  readonly output: string;
  /** `2 to 10 min`, or `null` for a processor that is not in the table. */
  readonly latency: string | null;
}

/** The plan of a form. */
export function planOf(
  values: Pick<TaskFormValues, "processor" | "output_type" | "json_schema">,
): Plan {
  const { processor: name, output_type: type, json_schema: schema } = values;
  return {
    processor: name,
    output: type === "json" ? `JSON${fieldsIn(schema)}` : type,
    latency: processor(name)?.latency ?? null,
  };
}

/** `, 6 fields`, or empty if the text is not a schema yet. */
function fieldsIn(text: string): string {
  try {
    const { json_schema: inner, properties = inner?.properties } = JSON.parse(text);
    const { length } = Object.keys(properties);
    return `, ${length} ${length === 1 ? "field" : "fields"}`;
  } catch {
    return "";
  }
}

/** Characters of the question and of the schema, which share one limit. */
export function charsOf(
  { input, output_type: type, json_schema: schema }: TaskFormValues,
): number {
  return input.length + (type === "json" ? compact(schema).length : 0);
}

function compact(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

/** The lines of several inputs. */
export function linesIn(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** How much of the room for question and schema is taken: `138 of 25,000`. */
export function lengthWords(chars: number): string {
  return `${grouped(chars)} of ${grouped(LIMIT)}`;
}

/** `25,000`. The shared formats would bring more script than this. */
export const grouped = (count: number) => String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");

/** Shows how long the question is, before it is too long. */
export function showLength(chars: number) {
  const place = document.querySelector<HTMLElement>("[data-length]");
  if (place === null) return;
  place.textContent = lengthWords(chars);
  place.toggleAttribute("data-over", chars > LIMIT);
}

/** Says how long the fast variant of the chosen processor takes. */
export function showChoice(name: string) {
  const place = document.querySelector("[data-fast-time]");
  const fast = fastOf(standardOf(name));
  if (place !== null && fast !== null) place.textContent = fast.latency;
}
