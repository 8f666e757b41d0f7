/**
 * The Task API's own checks of a request, before it is sent: what it would refuse, and what it would
 * warn about. The sandbox answers its 422s with them. Pure: runs in a browser.
 */
import {
  isObject,
  isTooDeep,
  jsonChars,
  type JsonObject,
  MAX_DEPTH,
  withDoubles,
} from "../../base/mod.ts";
import {
  processor,
  TASK_SPEC_AND_INPUT_CHARS,
  TASK_SPEC_CHARS,
  type TaskRunInput,
  type Warning,
} from "../../parallel/mod.ts";
import { checkOutputSchema, countFields, type Finding } from "../schema/mod.ts";
import { isAbsent, OPTION_CHECKS, type Problem, type Problems } from "./validate_options.ts";

export type { Problem } from "./validate_options.ts";

/** A request that the API would take, or what is wrong with it. */
export type Validation =
  | { readonly ok: true; readonly input: TaskRunInput; readonly warnings: readonly Warning[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Checks the body of `POST /v1/tasks/runs`. Members it does not know stay, for the API adds some; an
 * unknown processor is no problem here, for the API answers it with 403 rather than 422.
 */
export function validateTaskInput(value: unknown): Validation {
  const problems: Problem[] = [];
  if (isTaskRunInput(value, problems)) {
    return { ok: true, input: value, warnings: warningsFor(value) };
  }
  return { ok: false, problems };
}

/** Judges the request by its numbers' values: it keeps those that a double cannot hold. */
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

/** What one check tells at once: a body of a mebibyte has room for half a million mistakes. */
const MAX_PROBLEMS = 1_000;

const CHECKS: readonly ((body: JsonObject) => Problems)[] = [
  checkInput,
  checkProcessor,
  checkSpec,
  checkSizes,
  ...OPTION_CHECKS,
];

function* checkInput({ input }: JsonObject): Problems {
  if (input === undefined || input === null) {
    yield { field: "input", message: "Field required: say what to find out" };
  } else if (typeof input === "string") {
    if (input.trim() === "") yield { field: "input", message: "Say what to find out" };
  } else if (!isObject(input)) {
    yield { field: "input", message: "The input must be text or a JSON object" };
  } else if (isTooDeep(input)) {
    yield { field: "input", message: `The input is nested deeper than ${MAX_DEPTH} levels` };
  }
}

function* checkProcessor({ processor }: JsonObject): Problems {
  if (typeof processor === "string" && processor !== "") return;
  yield { field: "processor", message: "Field required: name a processor, such as base" };
}

function* checkSpec({ task_spec: spec }: JsonObject): Problems {
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

function* checkSchema(schema: unknown, field: string, output: boolean): Problems {
  if (typeof schema === "string") return;
  const known = output ? "auto, text or json" : "text or json";
  if (!isObject(schema)) {
    yield { field, message: `The schema must be text, or an object of type ${known}` };
    return;
  }
  // `type` may be left out where the rest says which it is: the API's own examples do so.
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

function* checkJsonSchema(schema: unknown, field: string, output: boolean): Problems {
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

function* checkSizes({ task_spec: spec, input }: JsonObject): Problems {
  const specChars = isObject(spec) ? jsonChars(spec) : 0;
  const inputChars = typeof input === "string" ? input.length : jsonChars(input ?? "");
  if (specChars === Infinity || inputChars === Infinity) {
    const message = "This is nested too deeply to be sent";
    yield { field: specChars === Infinity ? "task_spec" : "input", message };
  } else if (specChars > TASK_SPEC_CHARS) {
    const message =
      `The task spec has ${specChars} characters: at most ${TASK_SPEC_CHARS} are allowed`;
    yield { field: "task_spec", message };
  } else if (specChars + inputChars > TASK_SPEC_AND_INPUT_CHARS) {
    const message =
      `Input and task spec together have ${specChars + inputChars} characters: at most ` +
      `${TASK_SPEC_AND_INPUT_CHARS} are allowed. Shorten the input`;
    yield { field: "input", message };
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

/** One warning for each rule, however often it is broken: a schema without `required` breaks it everywhere. */
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
