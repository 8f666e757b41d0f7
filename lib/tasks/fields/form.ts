/** Reads a posted task form and validates it as the API would validate its request. Pure: runs in a browser. */
import { type JsonPositions, lineOf, locateJson } from "../../base/mod.ts";
import { fastOf, type TaskRunInput, type Warning } from "../../parallel/mod.ts";
import { isTicked, type Problem } from "./field.ts";
import { maskServersText } from "./mcp.ts";
import { HEADERS_AGAIN } from "./members.ts";
import { requestOf } from "./request.ts";
import { eachField, FIELDS, FORM_FIELDS, type FormField, type TaskFormValues } from "./table.ts";
import { validateTaskInput } from "./validate.ts";

/** The problems of a form, by field. */
export type FormProblems = Partial<Record<FormField, string>>;

/** The request of a form, or its problems. */
export type CheckedForm =
  | {
    readonly ok: true;
    readonly input: TaskRunInput;
    /** The warnings that the API would return. */
    readonly warnings: readonly Warning[];
  }
  | { readonly ok: false; readonly problems: FormProblems };

/** A posted form: its request or its problems, and the values to show again. */
export type ParsedForm =
  & {
    /** As typed, but without MCP header values. */
    readonly values: TaskFormValues;
    /** Fields that the user must fill in again if the form is shown again. */
    readonly asksAgain: FormProblems;
  }
  & (
    | (CheckedForm & { readonly ok: true; readonly idempotencyKey: string | null })
    | (CheckedForm & { readonly ok: false })
  );

/** A UUID, or another token of 8 to 128 characters. */
const IDEMPOTENCY_KEY = /^[\w-]{8,128}$/;

/** Reads a posted task form. Empty fields are left out of the request. */
export function parseTaskForm(data: FormData): ParsedForm {
  const values = readValues(data);
  const checked = checkForm(values);
  const shown = shownAgain(values);
  if (!checked.ok) {
    return { ...checked, problems: { ...shown.asksAgain, ...checked.problems }, ...shown };
  }
  // “Send anyway” brings its own key: the first one belongs to the submit that was lost.
  const key = text(data, "again") || text(data, "idempotency_key");
  return { ...checked, idempotencyKey: IDEMPOTENCY_KEY.test(key) ? key : null, ...shown };
}

/** Validates a form as the API would validate its request. */
export function checkForm(values: TaskFormValues): CheckedForm {
  const problems: FormProblems = {};
  const validation = validateTaskInput(
    requestOf(values, (field, message) => problems[field] ??= message),
  );
  if (!validation.ok) {
    for (const [name, message] of fieldProblems(validation.problems, values)) {
      problems[name] ??= message;
    }
  }
  return validation.ok && Object.keys(problems).length === 0 ? validation : { ok: false, problems };
}

/**
 * The request of an unfinished form, only to show: header values may be masked. `null` if the API would refuse
 * it.
 */
export function formRequest(values: TaskFormValues): TaskRunInput | null {
  let wrong = false;
  const request = requestOf(values, (_, message) => wrong ||= message !== HEADERS_AGAIN);
  const validation = validateTaskInput(request);
  return wrong || !validation.ok ? null : validation.input;
}

/** The form as it may be shown again. */
function shownAgain(values: TaskFormValues): Pick<ParsedForm, "values" | "asksAgain"> {
  const { text, masked } = maskServersText(values.mcp_servers);
  return {
    values: { ...values, mcp_servers: text },
    asksAgain: masked ? { mcp_servers: HEADERS_AGAIN } : {},
  };
}

/** The fields of a posted form as typed. A program may leave out what a browser always posts. */
export function readValues(data: FormData): TaskFormValues {
  const values = eachField((name) => text(data, name));
  return {
    ...values,
    // The tick “Fast variant” is a field of the page, not of the request.
    processor: isTicked(text(data, "fast"))
      ? fastOf(values.processor)?.name ?? values.processor
      : values.processor,
    input_format: values.input_format || "text",
    output_type: values.output_type || outputTypeOf(values),
    enable_events: isTicked(values.enable_events) ? "on" : "",
  };
}

/** The output that a form without a choice describes. */
function outputTypeOf({ json_schema: schema, text_description: description }: TaskFormValues) {
  if (schema.trim() !== "") return "json";
  return description.trim() !== "" ? "text" : "auto";
}

/** A field's text with LF: text areas post CRLF. Ignores files. A program may post several domains separately. */
function text(data: FormData, name: string): string {
  const values = name.endsWith("_domains") ? data.getAll(name) : [data.get(name)];
  return values.filter((value) => typeof value === "string").join("\n").replace(/\r\n?/g, "\n");
}

/** The most mistakes that one message lists. */
const LISTED_MISTAKES = 8;

/** One message for each field with a problem: the first, or a list of them with their lines. */
function fieldProblems(
  found: readonly Problem[],
  values: TaskFormValues,
): Map<FormField, string> {
  const byField = Map.groupBy(found, ({ field }) => fieldAt(field, values));
  return new Map(
    [...byField].map(([name, problems]) => {
      const { listsMistakes, path } = FIELDS[name];
      if (!listsMistakes) return [name, problems[0]!.message];
      const lines = linesIn(values[name]);
      const listed = problems.slice(0, LISTED_MISTAKES).map(({ field, message }) => {
        const place = field.slice((path ?? "").length + 1);
        return place === "" ? message : `${place}${lines(place)}: ${message}`;
      }).join("; ");
      const more = problems.length - LISTED_MISTAKES;
      return [name, more > 0 ? `${listed}; and ${more} more` : listed];
    }),
  );
}

/** The field for a path into the request: the one that contains the path, or the first one below it. */
function fieldAt(path: string, values: TaskFormValues): FormField {
  // The whole task spec is too long: the description of the output is the long part of it.
  if (path === "task_spec") {
    return values.output_type === "json" ? "json_schema" : "text_description";
  }
  const isIn = (inner: string, outer: string) => inner === outer || inner.startsWith(`${outer}.`);
  const fields = FORM_FIELDS.map((name) => ({ name, own: FIELDS[name].path ?? "" }));
  return fields.find(({ own }) => isIn(path, own))?.name ??
    fields.find(({ own }) => isIn(own, path))?.name ?? "input";
}

/** Returns a function that finds the line of a dotted path: ` (line 3)`. Parses the text on the first call. */
function linesIn(text: string): (place: string) => string {
  let positions: JsonPositions | undefined;
  return (place) => {
    try {
      positions ??= locateJson(text);
      return ` (line ${lineOf(text, positions, `/${place.replaceAll(".", "/")}`)})`;
    } catch {
      return "";
    }
  };
}
