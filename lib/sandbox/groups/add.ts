/** Reads a request that adds runs to a group, and builds the API's error responses. */
import {
  decoding,
  inTurns,
  isObject,
  JSON_BOUNDS,
  JsonBoundsError,
  jsonChars,
  type JsonObject,
  nextTurn,
  readBody,
  readingVerbatim,
  REQUEST_BOUNDS,
} from "../../base/mod.ts";
import {
  GROUP_INPUTS,
  type Metadata,
  processor,
  TASK_SPEC_AND_INPUT_CHARS,
  type TaskRunInput,
  type TaskSpec,
  type Warning,
} from "../../parallel/mod.ts";
import { type Problem, validateTaskInput } from "../../tasks/fields/mod.ts";
import * as messages from "../responses.ts";
import { detailIn, jsonResponse, refuse } from "../responses.ts";
import { costlyProblems, faultsOf } from "../faults.ts";
import { withoutHeaderValues } from "../record.ts";
import { inputWarnings, SpecWarnings } from "../warnings.ts";
import { withSpec } from "./store.ts";

/** A thousand rows of 16 KiB each (bytes). The API documents no limit. */
const MAX_BODY_BYTES = JSON_BOUNDS.maxChars;
/** No run has as many values: its input and specification together have far fewer characters. */
const RUN_VALUES = 2 * TASK_SPEC_AND_INPUT_CHARS;
/** How long to check runs before yielding to other work (ms). */
const TURN_MS = 8;

/** Runs to add. */
export interface RunsToAdd {
  readonly spec: TaskSpec | null;
  readonly rows: readonly { readonly input: TaskRunInput; readonly warnings: readonly Warning[] }[];
}

/** Returns the JSON object of a request, or an error response. */
export async function readObject(request: Request): Promise<JsonObject | Response> {
  const read = await readBody(request, { maxBytes: MAX_BODY_BYTES });
  if (!read.ok) {
    return read.status === 413
      ? refuse(413, `The request is larger than ${MAX_BODY_BYTES} bytes`)
      : refuse(read.status, "The request is incomplete");
  }
  try {
    const text = await inTurns(decoding(read.bytes));
    const body = await inTurns(readingVerbatim(text, REQUEST_BOUNDS));
    return isObject(body)
      ? body
      : refuseBody([{ field: "", message: "Input should be an object" }]);
  } catch (error) {
    const message = error instanceof JsonBoundsError ? error.message : "The body is not JSON";
    return refuseBody([{ field: "", message }]);
  }
}

/** A 422 in the format of the group endpoints: that of their framework, not the API's own. */
export function refuseBody(problems: readonly Problem[], place = "body"): Response {
  return jsonResponse({ detail: problems.slice(0, 100).map(detailIn(place)) }, 422);
}

/** Reads the metadata of a new group. */
export function readMetadata({ metadata }: JsonObject): Metadata | Response {
  const checked = validateTaskInput({ input: "x", processor: "lite", metadata });
  if (checked.ok) return checked.input.metadata ?? {};
  return refuseBody(checked.problems);
}

/** Reads the runs of a request, yielding to other work. */
export async function readRunsToAdd(
  body: JsonObject,
  { costlyFaults }: { readonly costlyFaults: boolean },
): Promise<RunsToAdd | Response> {
  const { inputs, default_task_spec: given = null } = body;
  if (!Array.isArray(inputs)) return refuseBody([{ field: "inputs", message: "Field required" }]);
  if (inputs.length > GROUP_INPUTS) {
    const message = `List should have at most ${GROUP_INPUTS} items, not ${inputs.length}`;
    return refuseBody([{ field: "inputs", message }]);
  }
  const problems: Problem[] = [];
  if (hasMoreValues(given, RUN_VALUES)) {
    const message = `A specification has at most ${RUN_VALUES} values`;
    return refuseBody([{ field: "default_task_spec", message }]);
  }
  const shared = validateTaskInput({ input: "x", processor: "lite", task_spec: given });
  if (!shared.ok) {
    problems.push(...shared.problems.map(({ field, message }) => ({
      field: field.replace(/^task_spec/, "default_task_spec"),
      message,
    })));
  }
  const spec = shared.ok ? shared.input.task_spec ?? null : null;
  const specChars = spec === null ? 0 : jsonChars(spec);
  const specs = new SpecWarnings();
  const rows: RunsToAdd["rows"][number][] = [];
  let isForbidden = false, since = performance.now();
  for (const [index, each] of inputs.entries()) {
    const field = (name: string) => `inputs.${index}${name === "" ? "" : `.${name}`}`;
    if (hasMoreValues(each, RUN_VALUES)) {
      problems.push({ field: field(""), message: `A run has at most ${RUN_VALUES} values` });
      continue;
    }
    // The shared specification was checked above. This checks the rest.
    const checked = validateTaskInput(each);
    if (!checked.ok) {
      problems.push(
        ...checked.problems.map((problem) => ({ ...problem, field: field(problem.field) })),
      );
    } else {
      const input = withoutHeaderValues(checked.input);
      const chars = specChars + jsonChars(input.input);
      if ((input.task_spec ?? null) === null && chars > TASK_SPEC_AND_INPUT_CHARS) {
        const message = `Input and task spec together have ${chars} characters: at most ` +
          `${TASK_SPEC_AND_INPUT_CHARS} are allowed`;
        problems.push({ field: field("input"), message });
      }
      isForbidden ||= processor(input.processor) === null;
      const plan = faultsOf(input);
      const costly = costlyFaults ? [] : costlyProblems(plan);
      problems.push(...costly.map((problem) => ({ ...problem, field: field(problem.field) })));
      const whole = { input: withSpec(input, spec), followsUnknown: false };
      rows.push({ input, warnings: inputWarnings(whole, plan, specs) });
    }
    if (performance.now() - since < TURN_MS) continue;
    await nextTurn();
    since = performance.now();
  }
  if (problems.length > 0) return refuseBody(problems);
  return isForbidden ? refuse(403, messages.UNKNOWN_PROCESSOR) : { spec, rows };
}

/** Whether a value contains more values than `most`. To check or copy so many takes seconds. */
function hasMoreValues(value: unknown, most: number): boolean {
  const open = [value];
  let count = 0;
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    if (typeof holder !== "object" || holder === null) continue;
    const members = Object.values(holder);
    count += members.length;
    if (count > most) return true;
    for (const member of members) if (typeof member === "object") open.push(member);
  }
  return false;
}

/** Reads a boolean as the API's framework does, or returns a 422. */
export function readSwitch(
  query: URLSearchParams,
  name: string,
  fallback: boolean,
): boolean | Response {
  const text = (query.get(name) || `${fallback}`).toLowerCase();
  if (/^(?:true|1|yes|on)$/.test(text)) return true;
  if (/^(?:false|0|no|off)$/.test(text)) return false;
  return refuseQuery(name, "Input should be a valid boolean");
}

/** A 422 for one member of the query. */
export function refuseQuery(name: string, message: string): Response {
  return refuseBody([{ field: name, message }], "query");
}
