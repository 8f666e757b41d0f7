/**
 * Asks the API again about a run whose log stopped before its end, because the API refused to report or
 * returned no result for a completed run. New events are appended; IDs stay the same.
 */
import type { ApiFailure, TaskClient } from "../../parallel/mod.ts";
import type { ActiveRun } from "./active.ts";
import { stateOf } from "./ending.ts";
import { readHead } from "./head.ts";
import { LOST, WAITS } from "../model/mod.ts";
import { LogWriter } from "./writer.ts";
import type { WriterContext } from "./lease.ts";

/** The outcome. */
export type Rechecked =
  /** The log is now complete. */
  | { readonly state: "ended" }
  /** The run is still in progress: it is active again and needs a recorder. */
  | { readonly state: "active" }
  /** Nothing is missing, or another writer has the lease. */
  | { readonly state: "whole" }
  | { readonly state: "refused"; readonly failure: ApiFailure };

/**
 * How long the API may block (s). A page waits for the response; an available result arrives at once.
 */
const RESULT_TIMEOUT_SECONDS = 5;

const MIXED_UP: ApiFailure = {
  kind: "malformed",
  status: null,
  refId: null,
  message: "The API returned another run",
  detail: null,
};

/** Asks with a client. `active` is kept for the recorder if the run continues. */
export async function recheck(
  context: WriterContext,
  runId: string,
  { client, active }: { readonly client: TaskClient; readonly active: ActiveRun },
): Promise<Rechecked> {
  const found = await client.retrieve(runId);
  if (!found.ok) return { state: "refused", failure: found.failure };
  const run = found.value;
  // A proxy has mixed up two responses.
  if (run.run_id !== runId) return { state: "refused", failure: MIXED_UP };
  // It still waits: the log says so already.
  if (run.status === WAITS && (await readHead(context.kv, runId))?.head.status === WAITS) {
    return { state: "whole" };
  }
  const result = run.status === "completed"
    ? await client.result(runId, { timeoutSeconds: RESULT_TIMEOUT_SECONDS })
    : null;
  if (result?.ok === false) return { state: "refused", failure: result.failure };
  if (result?.ok && result.value.run.run_id !== runId) {
    return { state: "refused", failure: MIXED_UP };
  }
  const writer = await LogWriter.acquire(context, runId, () => {}, active);
  if (writer === null) return { state: "whole" };
  const { type, data } = stateOf(run);
  try {
    if (run.is_active) {
      writer.append(type, data);
      await writer.settled();
      return { state: "active" };
    }
    const sinceMs = writer.recordedMs();
    if (writer.status === LOST && sinceMs !== undefined) writer.recordGap(sinceMs);
    await writer.end(type, data, result?.value.outputText ?? null);
    return { state: "ended" };
  } finally {
    await writer.release();
  }
}
