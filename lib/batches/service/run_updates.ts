/** Turns the state of the rows' runs into changes for the batch's log. */
import { isTerminal } from "../../parallel/mod.ts";
import { readHead } from "../../runs/mod.ts";
import type { RunPage } from "../../runs/model/mod.ts";
import {
  type BatchView,
  columnsOfOutputs,
  type OutputColumn,
  type RowChange,
  type RowView,
  sendView,
  setOf,
} from "../model/mod.ts";
import type { BatchLog, NewEvent } from "./log.ts";
import { foundChange, type FoundRun } from "./look_up.ts";
import type { SetTask } from "./set_task.ts";
import type { BatchTask } from "./types.ts";

/** A change of a run's state. */
export interface RunUpdate {
  readonly runId: string;
  readonly change: RowChange;
  /** The result once it is there. */
  readonly output: RunPage["output"];
}

/** Reads runs of the batch's account; `null` if the account has no such run. */
export interface RunReading {
  readonly runPage: (account: string, runId: string) => Promise<RunPage | null>;
  /** The same without the trace. */
  readonly runResult: (
    account: string,
    runId: string,
  ) => Promise<Pick<RunPage, "run" | "output"> | null>;
}

/** Reads a run's state. Returns `null` if its row already has it. */
export async function readUpdate(
  { kv, runPage, runResult }: RunReading & { readonly kv: Deno.Kv },
  { account, runId, attempt, known, isOld }: {
    readonly account: string;
    readonly runId: string;
    readonly attempt: number;
    readonly known: RowView;
    /** The run may have ended long ago. */
    readonly isOld: boolean;
  },
): Promise<RunUpdate | null> {
  const found = await readHead(kv, runId);
  if (found === null) return null;
  const { ended, status, ended_ms } = found.head;
  const change: RowChange = { row: known.row, attempt, status, run_id: runId };
  if (!ended) {
    // A final status is reported together with the result.
    const isNew = status !== known.status && !isTerminal(status);
    return isNew ? { runId, change, output: null } : null;
  }
  const isCompleted = status === "completed";
  // Why a run failed is in its trace.
  const page = isCompleted ? null : await runPage(account, runId);
  const result = isCompleted ? await runResult(account, runId) : page;
  if (result === null) {
    const { members } = found.head;
    // Its account was merged into another one. The batch will move there too.
    if (members.length > 0 && !members.includes(account)) return null;
    return { runId, change: { ...change, status: "deleted", run_id: null }, output: null };
  }
  const { run, output } = result;
  return {
    runId,
    output,
    change: {
      ...change,
      processor: run.processor,
      reason: page?.view.error?.message ?? null,
      ...isOld && ended_ms !== null ? { at_ms: ended_ms } : {},
      ...isCompleted && run.price_usd !== null ? { cost_usd: run.price_usd } : {},
    },
  };
}

/** Adds the columns that only these results have to their sets. */
export function columnEvents(
  { record, view }: Pick<BatchLog, "record" | "view">,
  known: readonly RunUpdate[],
  tasks: readonly Pick<SetTask, "task">[],
): NewEvent[] {
  return view.sets.flatMap(({ outputs }, set): NewEvent[] => {
    const own = known.filter(({ change }) => setOf(change.attempt) === set);
    const task = tasks[set]?.task;
    if (task === undefined) return [];
    // Each run of an adopted group may have a schema of its own.
    const isOpen = set === 0 && record.adopted === true;
    const columns = columnsWith(outputs, own, isOpen ? null : task);
    return columns === null ? [] : [{ type: "columns", data: { columns, ...set > 0 && { set } } }];
  });
}

/**
 * Adds the columns that only these results have; `null` if there are none. Without a task, results may bring any.
 */
function columnsWith(
  outputs: readonly OutputColumn[],
  updates: readonly RunUpdate[],
  task: BatchTask | null,
): OutputColumn[] | null {
  if (task !== null && isFixed(task) && outputs.length > 0) return null;
  const known = new Set(outputs.map(({ path }) => JSON.stringify(path)));
  const more = columnsOfOutputs(updates.flatMap(({ output }) => output ?? []))
    .filter(({ path }) => !known.has(JSON.stringify(path)));
  return more.length > 0 ? [...outputs, ...more] : null;
}

/** Whether the task's schema fixes the columns. */
function isFixed({ task_spec }: BatchTask): boolean {
  const schema = task_spec?.output_schema;
  return typeof schema === "string" ||
    (typeof schema === "object" && schema !== null && schema.type !== "auto");
}

/** Whether some sent rows still lack their run's ID. */
export function hasUnnamed(view: BatchView): boolean {
  return view.sets.some(({ counts }, set) => {
    if ((counts.sent ?? 0) === 0) return false;
    for (let row = 1; row <= view.rows; row++) {
      const { status, run_id } = sendView(view, set, row);
      if (status === "sent" && run_id === null) return true;
    }
    return false;
  });
}

/** The group's runs that belong to such rows. */
export function unnamedOf(view: BatchView, runs: readonly FoundRun[]) {
  return runs.flatMap((run) => {
    if (run.row > view.rows) return [];
    const { attempt, run_id, status } = sendView(view, setOf(run.attempt), run.row);
    const isUnnamed = attempt === run.attempt && run_id === null && status === "sent";
    return isUnnamed ? [foundChange(run)] : [];
  });
}
