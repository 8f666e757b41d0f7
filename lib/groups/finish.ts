/** Writes a group stream's data about a run into the run's log. */
import { isObject, type Timers } from "../base/mod.ts";
import type { ApiFailure, GroupEvent, TaskClient } from "../parallel/mod.ts";
import {
  endLost,
  endWith,
  isPassing,
  LeaseLostError,
  LogWriter,
  readHead,
  type Recorders,
  replaceKey,
  SHORT_CHARS,
  stateOf,
  type WriterContext,
} from "../runs/mod.ts";
import { payloadOf } from "../runs/model/mod.ts";

/** The state of a run, from a group's stream. */
export type RunEvent = Extract<GroupEvent, { kind: "run" }>;

/** The dependencies of ending logs. */
export interface FinishContext extends WriterContext {
  readonly recorders: Pick<Recorders, "isRecording" | "notify">;
  readonly timers?: Timers | undefined;
}

/** `onResults` gets at most so many results, or characters. */
const RESULTS_AT_ONCE = 64, RESULT_CHARS = 4_000_000;

/**
 * Reads the results of these runs from the group's stream, many at a time, and goes on while `onResults`
 * works. Throws `GroupStreamError`, or as `onResults` does.
 */
export async function readResults(
  client: TaskClient,
  groupId: string,
  runIds: Iterable<string>,
  { after, signal, onResults }: {
    readonly after: string | null;
    readonly signal: AbortSignal;
    readonly onResults: (results: readonly RunEvent[]) => Promise<void>;
  },
): Promise<void> {
  const left = new Set(runIds);
  let results: RunEvent[] = [], chars = 0, working = Promise.resolve();
  const options = { status: "completed", includeOutput: true, lastEventId: after, signal } as const;
  try {
    for await (const event of client.groups.runs(groupId, options)) {
      if (event.kind !== "run" || event.outputText === null) continue;
      if (!left.delete(event.run.run_id)) continue;
      results.push(event);
      chars += event.outputText.length;
      if (results.length === RESULTS_AT_ONCE || chars > RESULT_CHARS) {
        await working;
        working = onResults(results);
        // A rejection is handled where this is awaited, before the next call.
        working.catch(() => {});
        [results, chars] = [[], 0];
      }
      if (left.size === 0) break;
    }
  } finally {
    await working;
  }
  await onResults(results);
}

/**
 * Ends a run's log with its last state. If the state has no result, the result is fetched. `false` if another
 * writer has the log now.
 */
export async function finish(
  context: FinishContext,
  { run, data }: Pick<RunEvent, "run" | "data">,
  { client, signal }: { readonly client: TaskClient; readonly signal: AbortSignal },
): Promise<boolean> {
  const last = { type: "task_run.state", data, payload: payloadOf({ data }) };
  const isWhole = run.status !== "completed" || isObject(last.payload?.output);
  return await write(context, run.run_id, {
    isShort: isWhole && data.length <= SHORT_CHARS,
    append: (writer) => endWith(writer, last, { client, signal, timers: context.timers }),
  });
}

/** Records a new state of an active run. `false` if another writer has the log now. */
export async function recordState(
  context: FinishContext,
  { run, data }: Pick<RunEvent, "run" | "data">,
): Promise<boolean> {
  return await write(context, run.run_id, {
    isShort: data.length <= SHORT_CHARS,
    append: async (writer) => {
      if (writer.status === run.status) return;
      writer.append("task_run.state", data);
      await writer.settled();
    },
  });
}

/** The API refuses one of the keys of a run. */
export class RefusedKeyError extends Error {
  override name = "RefusedKeyError";
  readonly sealedKey: string;

  constructor(sealedKey: string) {
    super("The API rejects a key of the group's runs");
    this.sealedKey = sealedKey;
  }
}

/** How often the API refused to report on a run. */
interface Refusals {
  own: number;
  all: number;
}

/** Give a run up after so many refusals in a row: in the API's own format, and in any format. */
const REFUSALS = 9;
const STRANGE_REFUSALS = 70;

/** Asks about single runs, for groups that do not respond. */
export class SingleRuns {
  readonly #refusals = new Map<string, Refusals>();

  /** Asks about a run. Returns whether its log is ended now. Throws {@linkcode RefusedKeyError}. */
  async ask(
    context: FinishContext,
    runId: string,
    { client, sealedKey, signal }: {
      readonly client: TaskClient;
      readonly sealedKey?: string;
      readonly signal: AbortSignal;
    },
  ): Promise<boolean> {
    const found = await client.retrieve(runId, { signal });
    if (!found.ok) return await this.#refused(context, runId, found.failure, sealedKey);
    this.#refusals.delete(runId);
    if (found.value.run_id !== runId || found.value.is_active) return false;
    const { data } = stateOf(found.value);
    return await finish(context, { run: found.value, data }, { client, signal });
  }

  async #refused(
    context: FinishContext,
    runId: string,
    failure: ApiFailure,
    sealedKey: string | undefined,
  ): Promise<boolean> {
    const { kind, status, isFromGateway, message } = failure;
    if (kind !== "refused" || status === null || isPassing(status)) {
      this.#refusals.delete(runId);
      return false;
    }
    const refusals = this.#refusals.get(runId) ?? { own: 0, all: 0 };
    this.#refusals.set(runId, refusals);
    refusals.all++;
    if (!isFromGateway) refusals.own++;
    if (refusals.own < REFUSALS && refusals.all < STRANGE_REFUSALS) return false;
    if (sealedKey !== undefined && await replaceKey(context, runId, sealedKey)) {
      throw new RefusedKeyError(sealedKey);
    }
    const reason = `The API rejected our request for this run (status ${status}: ${message})`;
    return await write(context, runId, {
      isShort: reason.length <= SHORT_CHARS / 2,
      append: (writer) => endLost(writer, reason, status),
    });
  }
}

/** What to append to a log. */
interface Append {
  /** Whether it fits one commit, which then takes the lease too. */
  readonly isShort: boolean;
  readonly append: (writer: LogWriter) => Promise<void>;
}

async function write(
  context: FinishContext,
  runId: string,
  { isShort, append }: Append,
): Promise<boolean> {
  if (context.recorders.isRecording(runId)) {
    context.recorders.notify(runId);
    return false;
  }
  const writer = isShort
    ? await LogWriter.acquireOnce(context, runId)
    : await LogWriter.acquire(context, runId, () => {});
  if (writer === null) {
    const found = await readHead(context.kv, runId);
    return found === null || found.head.ended;
  }
  try {
    await append(writer);
    return true;
  } catch (error) {
    if (!isShort || !(error instanceof LeaseLostError)) throw error;
  } finally {
    await writer.release();
  }
  // The head has changed since it was read.
  return await write(context, runId, { isShort: false, append });
}
