/**
 * Checks a request as the Task API would, before it is sent: errors and warnings. The sandbox builds its 422s
 * from them. Pure: runs in a browser.
 */
import { isObject, jsonChars, type JsonObject, withDoubles } from "../../base/mod.ts";
import {
  processor,
  TASK_SPEC_AND_INPUT_CHARS,
  TASK_SPEC_CHARS,
  type TaskRunInput,
  type Warning,
} from "../../parallel/mod.ts";
import { checkOutputSchema, countFields, type Finding, overLimit } from "../schema/mod.ts";
import { checkDataSources, checkScopeKey } from "./checks.ts";
import { type Check, isAbsent, type Problem } from "./field.ts";
import { HOLDERS, memberAt, MEMBERS } from "./request.ts";

/** A request that the API would accept, or its problems. */
export type Validation =
  | { readonly ok: true; readonly input: TaskRunInput; readonly warnings: readonly Warning[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Checks the body of `POST /v1/tasks/runs`. Keeps unknown members, because the API adds some. Accepts an unknown
 * processor, for which the API responds with 403, not 422.
 */
export function validateTaskInput(value: unknown): Validation {
  const problems: Problem[] = [];
  if (isTaskRunInput(value, problems)) {
    return { ok: true, input: value, warnings: warningsFor(value) };
  }
  return { ok: false, problems };
}

/** Checks a copy with doubles for numbers. The request itself keeps their spelling. */
function isTaskRunInput(written: unknown, problems: Problem[]): written is TaskRunInput {
  const value = withDoubles(written);
  if (!isObject(value)) {
    problems.push({ field: "", message: "The body must be a JSON object" });
    return false;
  }
  for (const check of CHECKS) {
    let found = 0;
    for (const problem of check(value)) {
      problems.push(problem);
      if (++found === MAX_PROBLEMS) break;
    }
  }
  return problems.length === 0;
}

/** The most problems that one check reports: a body of a mebibyte may have half a million. */
const MAX_PROBLEMS = 1_000;

type RequestCheck = (request: JsonObject) => Iterable<Problem>;

/** Members of the API that the form has no field for. */
const OTHER_MEMBERS: Readonly<Record<string, Check>> = {
  "advanced_settings.data_sources": checkDataSources,
  memory_scope_key: checkScopeKey,
};

/** The API refuses unknown members in this object only. */
const CLOSED = "advanced_settings";

const PATHS = new Set([...MEMBERS.map(({ path }) => path), ...Object.keys(OTHER_MEMBERS)]);

function memberCheck(path: string, check: Check | undefined, required?: string): RequestCheck {
  return function* (request) {
    const value = memberAt(request, path);
    if (!isAbsent(value)) yield* check?.(value, path, request) ?? [];
    else if (required !== undefined) yield { field: path, message: required };
  };
}

/** Checks a member that only contains others: it must be an object, if it is present. */
function holderCheck(name: string): RequestCheck {
  return function* ({ [name]: holder }) {
    if (isAbsent(holder)) return;
    if (!isObject(holder)) {
      yield { field: name, message: `${name} must be an object` };
    } else if (name === CLOSED) {
      for (const member of Object.keys(holder)) {
        const field = `${name}.${member}`;
        if (!PATHS.has(field)) yield { field, message: `"${member}" is not a setting: remove it` };
      }
    }
  };
}

const CHECKS: readonly RequestCheck[] = [
  ...MEMBERS.map(({ path, check, required }) => memberCheck(path, check, required)),
  ...Object.entries(OTHER_MEMBERS).map(([path, check]) => memberCheck(path, check)),
  ...HOLDERS.filter((name) => name !== "task_spec").map(holderCheck),
  checkSpec,
  checkSizes,
];

function* checkSpec({ task_spec: spec }: JsonObject): Iterable<Problem> {
  if (isAbsent(spec)) return;
  if (!isObject(spec)) {
    yield { field: "task_spec", message: "task_spec must be an object with an output_schema" };
    return;
  }
  if (isAbsent(spec.output_schema)) {
    const message = 'Field required: {"type": "auto"}, a text or a JSON schema';
    yield { field: "task_spec.output_schema", message };
  } else {
    yield* checkSchema(spec.output_schema, "task_spec.output_schema", true);
  }
  if (!isAbsent(spec.input_schema)) {
    yield* checkSchema(spec.input_schema, "task_spec.input_schema", false);
  }
}

function* checkSchema(schema: unknown, field: string, output: boolean): Iterable<Problem> {
  if (typeof schema === "string") return;
  const known = output ? "auto, text or json" : "text or json";
  if (!isObject(schema)) {
    yield { field, message: `The schema must be text, or an object of type ${known}` };
    return;
  }
  // `type` may be missing, as in the API's own examples.
  const type = schema.type ?? (schema.json_schema === undefined ? "text" : "json");
  if (type === "json") {
    yield* checkJsonSchema(schema.json_schema, `${field}.json_schema`, output);
  } else if (type === "text") {
    if (!isAbsent(schema.description) && typeof schema.description !== "string") {
      yield { field: `${field}.description`, message: "The description must be text" };
    }
  } else if (type !== "auto" || !output) {
    yield { field: `${field}.type`, message: `The type of the schema must be ${known}` };
  }
}

function* checkJsonSchema(schema: unknown, field: string, output: boolean): Iterable<Problem> {
  if (schema === undefined) {
    yield { field, message: "Field required: a JSON schema" };
  } else if (!isObject(schema)) {
    yield { field, message: "The schema must be a JSON object" };
  } else if (output && jsonChars(schema) <= TASK_SPEC_CHARS) {
    for (const { path, message } of checkOutputSchema(schema).errors) {
      yield { field: field + path.replaceAll("/", "."), message };
    }
  }
}

function* checkSizes({ task_spec: spec, input }: JsonObject): Iterable<Problem> {
  const specChars = isObject(spec) ? jsonChars(spec) : 0;
  const inputChars = typeof input === "string" ? input.length : jsonChars(input ?? "");
  if (specChars === Infinity || inputChars === Infinity) {
    const message = "This is nested too deeply to be sent";
    yield { field: specChars === Infinity ? "task_spec" : "input", message };
  } else if (specChars > TASK_SPEC_CHARS) {
    const message = overLimit("The task spec has", specChars, TASK_SPEC_CHARS);
    yield { field: "task_spec", message };
  } else if (specChars + inputChars > TASK_SPEC_AND_INPUT_CHARS) {
    const together = "Input and task spec together have";
    const message = overLimit(together, specChars + inputChars, TASK_SPEC_AND_INPUT_CHARS);
    yield { field: "input", message: `${message}. Shorten the input` };
  }
}

function warningsFor(input: TaskRunInput): Warning[] {
  const output = input.task_spec?.output_schema;
  const schema = isObject(output) ? withDoubles(output.json_schema) : null;
  if (!isObject(schema)) return [];
  const warnings = groupFindings(checkOutputSchema(schema).warnings);
  const chosen = processor(input.processor);
  const fields = countFields(schema);
  if (chosen !== null && fields > chosen.fields) {
    warnings.push({
      type: "spec_validation_warning",
      message: `${fields} output fields are many for ${chosen.name}, which fills about ` +
        `${chosen.fields} well: ask for fewer or choose a larger processor`,
      detail: { rule: "too-many-fields" },
    });
  }
  return warnings;
}

/** One warning for each rule: a schema without `required` breaks that rule at every property. */
function groupFindings(findings: readonly Finding[]): Warning[] {
  const byRule = new Map<string, Finding[]>();
  for (const finding of findings) {
    byRule.set(finding.rule, [...byRule.get(finding.rule) ?? [], finding]);
  }
  return [...byRule].map(([rule, [first, ...others]]) => ({
    type: "spec_validation_warning",
    message: `${first!.message}${
      others.length === 0 ? "" : ` (and ${others.length} more like it)`
    }`,
    detail: { rule, paths: [first!, ...others].map(({ path }) => path) },
  }));
}
