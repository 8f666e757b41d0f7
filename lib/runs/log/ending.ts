/**
 * Ends a run's log with its last state and result, or with one error event that says why the rest is
 * unavailable.
 */
import { memberSpan, pause, type Timers } from "../../base/mod.ts";
import type { TaskClient, TaskRun } from "../../parallel/mod.ts";
import { asRecord } from "../model/mod.ts";
import type { FoldInput } from "./fold.ts";
import { growingWaitMs } from "./status_check.ts";
import type { LogWriter } from "./writer.ts";

/** How long one request for a result can block at the API (s). */
const RESULT_TIMEOUT_SECONDS = 25;
/** Requests for a completed run's result. With growing waits they span about half an hour. */
const RESULT_TRIES = 70;

/** Builds the missing final state event from the API's description of the run. */
export function stateOf(run: TaskRun): FoldInput {
  const payload = { type: "task_run.state", event_id: null, input: null, run, output: null };
  return { type: payload.type, data: JSON.stringify(payload), payload };
}

/** The dependencies for fetching a result. */
export interface FetchOutputOptions {
  readonly client: TaskClient;
  readonly signal: AbortSignal;
  readonly timers?: Timers | undefined;
}

/**
 * Ends the log with the run's last state, and its result if it completed. A result that does not arrive
 * within half an hour is left out and can be requested again (`recheck.ts`).
 */
export async function endWith(
  writer: LogWriter,
  { type, data, payload }: FoldInput,
  options: FetchOutputOptions,
): Promise<void> {
  const completed = asRecord(payload?.run)?.status === "completed";
  const hasOutput = asRecord(payload?.output) !== null;
  if (!completed || hasOutput) return await writer.end(type, data, null);
  const output = await fetchOutput(writer.runId, options);
  // The event needs a place for the result: some servers omit null members.
  const whole = memberSpan(data, "output") === null
    ? JSON.stringify({ ...payload, output: null })
    : data;
  await writer.end(type, whole, output);
}

/**
 * Retries on any response, also with another run's result, which a proxy has mixed up: the API itself has said
 * that the run completed.
 */
async function fetchOutput(
  runId: string,
  { client, signal, timers }: FetchOutputOptions,
): Promise<string | null> {
  for (let attempt = 0;; attempt++) {
    const result = await client.result(runId, { timeoutSeconds: RESULT_TIMEOUT_SECONDS, signal });
    if (result.ok && result.value.run.run_id === runId) return result.value.outputText;
    if (attempt === RESULT_TRIES - 1) return null;
    await pause(growingWaitMs(attempt), signal, timers);
  }
}

/** Ends the log with an error event that says why the last state is missing. */
export async function endLost(
  writer: LogWriter,
  reason: string,
  status: number | null,
): Promise<void> {
  const event = {
    type: "error",
    error: {
      ref_id: crypto.randomUUID(),
      message: `Recording stopped: ${reason}. Everything recorded so far is kept.`,
      detail: { recording: "stopped", status },
    },
  };
  await writer.end("error", JSON.stringify(event), null);
}
