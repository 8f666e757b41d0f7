/**
 * Reads the tasks that the cookbook's "parallel-tasks-sse" app keeps in a browser's `localStorage` under
 * `parallel_tasks`: a JSON array of the API's run objects, each with `input` and `outputType`. The app
 * stores neither events nor results. Pure.
 */
import { isId, isInteraction, isProcessor, isTime, readStatus } from "./values.ts";
import { isObject, joinedPieces, jsonPieces } from "../base/mod.ts";
import { priceOf, type TaskRunInput } from "../parallel/mod.ts";
import type { ImportedRun } from "../runs/mod.ts";
import { isActiveStatus } from "../runs/model/mod.ts";

/** A task in the array. */
export type CookbookTask =
  | { readonly ok: true; readonly runId: string; readonly run: ImportedRun | null }
  | { readonly ok: false; readonly why: string };

/**
 * Reads a task, with pauses. `run` is stored if the API does not know it; `null` if it was active.
 */
export function* readingCookbookTask(value: unknown): Generator<"", CookbookTask> {
  if (!isObject(value)) return { ok: false, why: "it is not an object" };
  const { run_id: runId, processor, input, outputType, created_at, modified_at } = value;
  if (!isId(runId)) return { ok: false, why: "its run_id is invalid" };
  const status = readStatus(value.status);
  if (typeof input !== "string" || !isProcessor(processor) || status === null) {
    return { ok: false, why: "it has no input, processor or status" };
  }
  if (isActiveStatus(status)) return { ok: true, runId, run: null };
  const created = Date.parse(String(created_at)), modified = Date.parse(String(modified_at));
  if (!isTime(created)) return { ok: false, why: "its created_at is not a valid time" };
  const { input: _, outputType: __, events: ___, ...task } = value;
  const state = { type: "task_run.state", event_id: null, input: null, run: task, output: null };
  const endedMs = isTime(modified) && modified >= created ? modified : null;
  return {
    ok: true,
    runId,
    run: {
      run: {
        run_id: runId,
        interaction_id: isInteraction(value.interaction_id) ? value.interaction_id : runId,
        input: requestOf(input, processor, outputType),
        processor,
        price_usd: priceOf(processor),
        source: "import",
        rerun_of: null,
        follows: null,
        group_id: null,
        created_ms: created,
        simulated: false,
      },
      title: null,
      ended_ms: endedMs,
      events: [{
        id: 1,
        received_ms: endedMs,
        type: "task_run.state",
        data: yield* joinedPieces(jsonPieces(state)),
      }],
      output_text: null,
    },
  };
}

/** The app does not store its schemas: only their kind is known. */
function requestOf(input: string, processor: string, outputType: unknown): TaskRunInput {
  const base: TaskRunInput = { input, processor, enable_events: true };
  if (outputType === "text") return { ...base, task_spec: { output_schema: { type: "text" } } };
  if (outputType !== "json") return base;
  return { ...base, task_spec: { output_schema: { type: "json", json_schema: {} } } };
}
