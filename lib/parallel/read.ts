/**
 * Reads the API's answers: what the program relies on is checked, what the API adds is kept. `null`
 * means that the value is not what it should be. Pure.
 */
import { isObject, JsonBoundsError, type JsonObject, readVerbatim } from "../base/mod.ts";
import type { TaskRun, TaskRunInput, TaskRunOutput, TaskRunResult } from "./types.ts";

/** Reads a run. Members that are missing but not needed get their defaults. */
export function readRun(value: unknown): TaskRun | null {
  if (!isObject(value)) return null;
  const { run_id, status, interaction_id, is_active, processor, created_at, modified_at } = value;
  if (typeof run_id !== "string" || run_id === "" || typeof status !== "string") return null;
  return {
    ...value,
    run_id,
    status,
    // Equal to the run id in every sample, and missing from some.
    interaction_id: typeof interaction_id === "string" ? interaction_id : run_id,
    is_active: typeof is_active === "boolean"
      ? is_active
      : ["queued", "running", "cancelling"].includes(status),
    processor: typeof processor === "string" ? processor : "",
    created_at: typeof created_at === "string" ? created_at : null,
    modified_at: typeof modified_at === "string" ? modified_at : null,
  };
}

/** Reads the request of a run. */
export function readRunInput(value: unknown): TaskRunInput | null {
  if (!isObject(value)) return null;
  const { input, processor } = value;
  if (typeof processor !== "string") return null;
  return typeof input === "string" || isObject(input) ? { ...value, input, processor } : null;
}

/** Reads a result. JSON content that came as text, as older servers sent it, becomes an object. */
export function readRunResult(value: unknown): TaskRunResult | null {
  if (!isObject(value)) return null;
  const run = readRun(value.run);
  const output = readOutput(value.output);
  return run === null || output === null ? null : { ...value, run, output };
}

/** Reads an output, of a text that was read with bounds. */
export function readOutput(value: unknown): TaskRunOutput | null {
  if (!isObject(value)) return null;
  const basis = Array.isArray(value.basis)
    ? value.basis.flatMap((entry) => readBasis(entry) ?? [])
    : [];
  if (value.type === "text" && typeof value.content === "string") {
    return { ...value, type: "text", content: value.content, basis };
  }
  if (value.type !== "json") return null;
  const content = typeof value.content === "string" ? parsed(value.content) : value.content;
  // Text that is JSON, but past its bounds.
  if (typeof content === "string") return { ...value, type: "text", content, basis };
  return isObject(content) ? { ...value, type: "json", content, basis } : null;
}

/** An output as it was recorded; the text that it is where it is no output, or JSON past its bounds. */
export function readOutputText(text: string): TaskRunOutput {
  return readOutput(parsed(text)) ?? { type: "text", content: text, basis: [] };
}

/** A request as it is stored; one that is nested too deeply to be walked, as older imports were, is its text. */
export function readInputText(text: string, processor: string): TaskRunInput {
  return readRunInput(parsed(text)) ?? { input: text, processor };
}

function readBasis(value: unknown) {
  if (!isObject(value) || typeof value.field !== "string") return null;
  const { field, reasoning, confidence } = value;
  const citations = Array.isArray(value.citations)
    ? value.citations.filter((each): each is JsonObject & { url: string } =>
      isObject(each) && typeof each.url === "string"
    )
    : [];
  return {
    ...value,
    field,
    reasoning: typeof reasoning === "string" ? reasoning : "",
    // Older servers send "" where there is none.
    confidence: typeof confidence === "string" && confidence !== "" ? confidence : null,
    citations,
  };
}

/** The value; the text itself where it passes the bounds of JSON, `null` where it is none. */
function parsed(text: string): unknown {
  try {
    const value = readVerbatim(text);
    return typeof value === "string" ? null : value;
  } catch (error) {
    return error instanceof JsonBoundsError ? text : null;
  }
}
