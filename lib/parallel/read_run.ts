/**
 * Reads the API's responses about a run. Separate from read.ts, which browsers load with the form. Pure.
 */
import { isObject } from "../base/mod.ts";
import { readOutput } from "./read.ts";
import { isTerminal, type TaskRun, type TaskRunResult } from "./types.ts";

/** Reads a run. Members that are missing but not needed get their defaults. */
export function readRun(value: unknown): TaskRun | null {
  if (!isObject(value)) return null;
  const { run_id, status, interaction_id, is_active, processor, created_at, modified_at } = value;
  if (typeof run_id !== "string" || run_id === "" || typeof status !== "string") return null;
  return {
    ...value,
    run_id,
    status,
    // Equal to the run ID in every sample, and missing from some.
    interaction_id: typeof interaction_id === "string" ? interaction_id : run_id,
    is_active: typeof is_active === "boolean" ? is_active : !isTerminal(status),
    processor: typeof processor === "string" ? processor : "",
    created_at: typeof created_at === "string" ? created_at : null,
    modified_at: typeof modified_at === "string" ? modified_at : null,
  };
}

/** Reads a result. Parses JSON content that is sent as text, as older servers did. */
export function readRunResult(value: unknown): TaskRunResult | null {
  if (!isObject(value)) return null;
  const run = readRun(value.run);
  const output = readOutput(value.output);
  return run === null || output === null ? null : { ...value, run, output };
}
