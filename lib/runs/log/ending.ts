/**
 * How a run's log ends: with its last state and result, or with the one error event that says why the
 * rest is not to be had.
 */
import { memberSpan, pause, type Timers } from "../../base/mod.ts";
import type { TaskClient, TaskRun } from "../../parallel/mod.ts";
import { asRecord } from "../model/mod.ts";
import type { FoldInput } from "./fold.ts";
import { growingWaitMs } from "./status_check.ts";
import type { LogWriter } from "./writer.ts";

/** How long one request for a result may block at the API (s). */
const RESULT_TIMEOUT_SECONDS = 25;
/** Requests for the result of a completed run, with growing waits: about half an hour. */
const RESULT_TRIES = 70;

/** The state that the stream owes, from what the API says of the run elsewhere. */
export function stateOf(run: TaskRun): FoldInput {
  const payload = { type: "task_run.state", event_id: null, input: null, run, output: null };
  return { type: payload.type, data: JSON.stringify(payload), payload };
}

/** What fetching a result needs. */
export interface FetchOutputOptions {
  readonly client: TaskClient;
  readonly signal: AbortSignal;
  readonly timers?: Timers | undefined;
}

/**
 * Ends the log with the run's last state, and with its result where it is completed. A result that does
 * not come in half an hour is left out; it can be asked for again (`ask_again.ts`).
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
  // The result needs a place in the event: some servers leave null members out.
  const whole = memberSpan(data, "output") === null
    ? JSON.stringify({ ...payload, output: null })
    : data;
  await writer.end(type, whole, output);
}

/** Whatever the answers are: the API itself has said that the run is completed. */
async function fetchOutput(
  runId: string,
  { client, signal, timers }: FetchOutputOptions,
): Promise<string | null> {
  for (let attempt = 0;; attempt++) {
    const result = await client.result(runId, { timeoutSeconds: RESULT_TIMEOUT_SECONDS, signal });
    if (result.ok) return result.value.outputText;
    if (attempt === RESULT_TRIES - 1) return null;
    await pause(growingWaitMs(attempt), signal, timers);
  }
}

/** Ends the log with the event that tells every viewer, for ever, why it has no last state. */
export async function endLost(
  writer: LogWriter,
  reason: string,
  status: number | null,
): Promise<void> {
  const event = {
    type: "error",
    error: {
      ref_id: crypto.randomUUID(),
      message: `Recording stopped: ${reason}. What was recorded until then is kept.`,
      detail: { recording: "stopped", status },
    },
  };
  await writer.end("error", JSON.stringify(event), null);
}
