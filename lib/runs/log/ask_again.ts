/**
 * Asks the API again about a run whose log ended without the run's end: because the API refused to tell
 * more, or gave no result of a run that it says is completed. What it says is appended; ids stay.
 */
import type { ApiFailure, TaskClient } from "../../parallel/mod.ts";
import type { ActiveRun } from "./active.ts";
import { stateOf } from "./ending.ts";
import { LOST } from "../model/mod.ts";
import { LogWriter, type WriterContext } from "./writer.ts";

/** What came of it. */
export type AskedAgain =
  /** The log has its end now. */
  | { readonly state: "ended" }
  /** The run still works: it is active again, and to be recorded. */
  | { readonly state: "active" }
  /** Nothing is missing, or somebody else is at it. */
  | { readonly state: "whole" }
  | { readonly state: "refused"; readonly failure: ApiFailure };

/** A page waits for the answer: a result that is there comes at once (s). */
const RESULT_TIMEOUT_SECONDS = 5;

const MIXED_UP: ApiFailure = {
  kind: "malformed",
  status: null,
  refId: null,
  message: "The API answered with another run",
  detail: null,
};

/** Asks with a client, and keeps `active` for the recorder where the run goes on. */
export async function askAgain(
  context: WriterContext,
  runId: string,
  { client, active }: { readonly client: TaskClient; readonly active: ActiveRun },
): Promise<AskedAgain> {
  const found = await client.retrieve(runId);
  if (!found.ok) return { state: "refused", failure: found.failure };
  const run = found.value;
  // Somebody in between has mixed up two answers.
  if (run.run_id !== runId) return { state: "refused", failure: MIXED_UP };
  const result = run.status === "completed"
    ? await client.result(runId, { timeoutSeconds: RESULT_TIMEOUT_SECONDS })
    : null;
  if (result?.ok === false) return { state: "refused", failure: result.failure };
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
    if (writer.status === LOST && sinceMs !== undefined) writer.tellGap(sinceMs);
    await writer.end(type, data, result?.value.outputText ?? null);
    return { state: "ended" };
  } finally {
    await writer.release();
  }
}
