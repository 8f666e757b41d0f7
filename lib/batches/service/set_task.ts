/** The task of one column set: as it is stored, and as it is sent. */
import { memberSpan, readVerbatim } from "../../base/mod.ts";
import type { BatchTask } from "./types.ts";

/** The task of one column set, as it is stored. */
export interface SetTask {
  /** Header values of MCP servers are masked. */
  readonly task: BatchTask;
  /** The unmasked task, sealed; `null` if nothing is masked. */
  readonly sealed_task: string | null;
}

/** Parses a value with a task. Only the task's numbers and names are a user's JSON: cells are texts. */
export function withTask<Value extends SetTask>(text: string): Value {
  const value: Value = JSON.parse(text);
  const span = memberSpan(text, "task");
  return span === null ? value : { ...value, task: readVerbatim(text.slice(...span)) as BatchTask };
}

/** The task as it is sent, with the header values of its MCP servers. */
export async function openTask(
  { task, sealed_task }: SetTask,
  openKey: (sealed: string) => Promise<string>,
): Promise<BatchTask> {
  return sealed_task === null ? task : readVerbatim(await openKey(sealed_task)) as BatchTask;
}
