/** Ends the log of a group's run with what the group says of it. */
import type { Timers } from "../base/mod.ts";
import type { ApiFailure, GroupEvent, TaskClient } from "../parallel/mod.ts";
import {
  endLost,
  endWith,
  isPassing,
  LogWriter,
  readHead,
  type Recorders,
  stateOf,
  type WriterContext,
} from "../runs/mod.ts";
import { payloadOf } from "../runs/model/mod.ts";

/** A state of a run that a group's stream told. */
export type RunEvent = Extract<GroupEvent, { kind: "run" }>;

/** What ending logs needs of the world. */
export interface FinishContext extends WriterContext {
  readonly recorders: Pick<Recorders, "isRecording" | "notify">;
  readonly timers?: Timers | undefined;
}

/**
 * Ends a run's log with its last state; a result that the state lacks is asked for. `false` where somebody
 * else writes the log now.
 */
export async function finish(
  context: FinishContext,
  { run, data }: Pick<RunEvent, "run" | "data">,
  { client, signal }: { readonly client: TaskClient; readonly signal: AbortSignal },
): Promise<boolean> {
  const type = "task_run.state";
  return await write(context, run.run_id, (writer) => {
    const last = { type, data, payload: payloadOf({ data }) };
    return endWith(writer, last, { client, signal, timers: context.timers });
  });
}

/** Records that a run's state has changed; `false` where somebody else writes the log now. */
export async function recordState(
  context: FinishContext,
  { run, data }: Pick<RunEvent, "run" | "data">,
): Promise<boolean> {
  return await write(context, run.run_id, async (writer) => {
    if (writer.status === run.status) return;
    writer.append("task_run.state", data);
    await writer.settled();
  });
}

/** How often the API refused to tell of a run. */
interface Refusals {
  own: number;
  all: number;
}

/** After so many refusals in a row nothing more is to be had of a run: in the API's own words, and in any. */
const REFUSALS = 9;
const STRANGE_REFUSALS = 70;

/** Asks about single runs, where the group does not tell. */
export class SingleLooks {
  readonly #refusals = new Map<string, Refusals>();

  /** Whether the run's log is ended now. */
  async ask(
    context: FinishContext,
    runId: string,
    { client, signal }: { readonly client: TaskClient; readonly signal: AbortSignal },
  ): Promise<boolean> {
    const found = await client.retrieve(runId, { signal });
    if (!found.ok) return await this.#refused(context, runId, found.failure);
    this.#refusals.delete(runId);
    if (found.value.run_id !== runId || found.value.is_active) return false;
    const { data } = stateOf(found.value);
    return await finish(context, { run: found.value, data }, { client, signal });
  }

  async #refused(context: FinishContext, runId: string, failure: ApiFailure): Promise<boolean> {
    const { kind, status, isStrange, message } = failure;
    if (kind !== "refused" || status === null || isPassing(status)) {
      this.#refusals.delete(runId);
      return false;
    }
    const refusals = this.#refusals.get(runId) ?? { own: 0, all: 0 };
    this.#refusals.set(runId, refusals);
    refusals.all++;
    if (!isStrange) refusals.own++;
    if (refusals.own < REFUSALS && refusals.all < STRANGE_REFUSALS) return false;
    const reason = `The API refused to tell of this run (status ${status}: ${message})`;
    return await write(context, runId, (writer) => endLost(writer, reason, status));
  }
}

async function write(
  context: FinishContext,
  runId: string,
  end: (writer: LogWriter) => Promise<void>,
): Promise<boolean> {
  if (context.recorders.isRecording(runId)) {
    context.recorders.notify(runId);
    return false;
  }
  const writer = await LogWriter.acquire(context, runId, () => {});
  if (writer === null) {
    const found = await readHead(context.kv, runId);
    return found === null || found.head.ended;
  }
  try {
    await end(writer);
    return true;
  } finally {
    await writer.release();
  }
}
