/**
 * Sends a batch's rows. No row is billed twice: after a lost response the rows are looked up in the group,
 * and sent again only if they are certainly not there.
 */
import { inOrder, pause } from "../../base/mod.ts";
import {
  type ApiFailure,
  type GroupRunsInput,
  mayHaveCreated,
  type Metadata,
  priceOf,
  type TaskRunInput,
} from "../../parallel/mod.ts";
import { growingWaitMs } from "../../runs/mod.ts";
import {
  firstAttempt,
  inputChars,
  inputOf,
  isFirstAttempt,
  isOver,
  type RowChange,
  sendCounts,
  sendView,
  WAITING,
} from "../model/mod.ts";
import { type BatchLog, BatchLostError } from "./log.ts";
import { type FoundRun, LookUp, pauseBatch, type SenderContext } from "./look_up.ts";
import { openApi, replacePayer } from "./payer.ts";
import { openTask, type SetTask } from "./set_task.ts";
import type { StoredTable } from "./table.ts";
import type { BatchTask } from "./types.ts";

/** Rows per request, as the API documents, and their size (characters), which the API does not limit. */
const CHUNK_ROWS = 500;
const CHUNK_CHARS = 4_000_000;
const KEY_REMOVED =
  "Its API key was removed from the account. Resume it with another key of the same organisation.";
/** What to send. */
export interface Sendable {
  /** The table, including added rows. */
  readonly table: () => StoredTable;
  /** The task of each column set, including added ones. */
  readonly tasks: () => readonly SetTask[];
  /** Resolves when the batch has changed. */
  readonly changed: (signal: AbortSignal) => Promise<void>;
  /** Called with runs found after a lost response. */
  readonly found: (runs: readonly FoundRun[]) => void;
  /** Whether a run of the group is not one that the batch has sent. */
  readonly isTaken: (runId: string) => boolean;
}

interface Send {
  readonly set: number;
  readonly row: number;
  readonly attempt: number;
  readonly processor: string;
}

/** Sends the rows of one batch. */
export class Sender {
  readonly #context: SenderContext;
  readonly #log: BatchLog;
  readonly #batch: Sendable;
  #refusals = 0;
  readonly #refusedKeys = new Set<string>();

  constructor(context: SenderContext, log: BatchLog, batch: Sendable) {
    this.#context = context;
    this.#log = log;
    this.#batch = batch;
  }

  /** Sends rows until the signal aborts. Rejects if the store fails. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const { view, head } = this.#log;
      if (view.state !== "running") await this.#batch.changed(signal);
      else if (head.chunk !== null) {
        await new LookUp(this.#context, this.#log, this.#batch).run(signal);
      } else {
        const sends = nextSends(this.#log, this.#batch, this.#context.chunkRows);
        if (sends.length > 0) await this.#send(sends, signal);
        else await this.#batch.changed(signal);
      }
    }
  }

  async #send(sends: readonly Send[], signal: AbortSignal): Promise<void> {
    const { adding, enter, isKeyOf, isOverBudget, now } = this.#context;
    const log = this.#log;
    const { id, record: { account, simulated } } = log;
    const price = sends.reduce((sum, { processor }) => sum + (priceOf(processor) ?? 0), 0);
    if (!simulated && await isOverBudget(account, price)) {
      return await pauseBatch(
        this.#log,
        "These rows would exceed your monthly budget. Raise it, then resume.",
      );
    }
    const creator = { subject: account, client: log.head.client, simulated };
    const entry = await enter(creator, sends.length);
    if (!entry.ok) {
      const limit = `This instance accepts ${entry.limit}.`;
      if (entry.tooMany) return await pauseBatch(this.#log, limit);
      return await this.#wait(
        `${limit} It resumes automatically.`,
        entry.retryAfterSeconds,
        signal,
      );
    }
    try {
      const { apiKey, client } = await openApi(this.#context, log);
      if (!await isKeyOf(apiKey, account)) return await pauseBatch(log, KEY_REMOVED);
      const task = await openTask(this.#batch.tasks()[sends[0]!.set]!, this.#context.openKey);
      const request = await this.#requestOf(sends, task);
      if (request === null) return;
      await log.write(({ view, head }) =>
        view.state !== "running" || head.chunk !== null ? null : {
          head: {
            chunk: { rows: sends.map(({ row, attempt }) => [row, attempt]), lost_ms: null },
            ...head.allowance !== null &&
              { allowance: head.allowance - countFirst(sends) },
          },
        }
      );
      if (log.head.chunk === null) return;
      const marked = await adding(id, apiKey, account);
      // A process that was suspended may have lost the lease.
      if (!log.isHeld) throw new BatchLostError(`The lease of ${id} ran out before it was sent`);
      const result = await client.groups.addRuns(id, request);
      if (result.ok && result.value.run_ids.length === sends.length) {
        this.#refusals = 0;
        await log.writeRows(sends.map(sent), { head: { chunk: null } });
        void marked.accepted(result.value);
        return;
      }
      if (result.ok || isLost(result.failure)) {
        await log.write(({ head }) => ({ head: { chunk: { ...head.chunk!, lost_ms: now() } } }));
        void marked.lost();
        return;
      }
      void marked.refused();
      await this.#refused(result.failure, sends, signal);
    } finally {
      entry.done();
    }
  }

  /** The API rejected the request. */
  async #refused(
    failure: ApiFailure,
    sends: readonly Send[],
    signal: AbortSignal,
  ): Promise<void> {
    const { allowance } = this.#log.head;
    const head = {
      chunk: null,
      ...allowance !== null && { allowance: allowance + countFirst(sends) },
    };
    const { status, message, retryAfterSeconds = null } = failure;
    if (status === 429 || failure.kind === "unreachable") {
      await this.#log.write(() => ({ head }));
      const seconds = retryAfterSeconds ?? growingWaitMs(this.#refusals++) / 1000;
      return await this.#wait(`${message} It resumes automatically.`, seconds, signal);
    }
    const isReplaced = await replacePayer(this.#context, this.#log, failure, this.#refusedKeys);
    if (isReplaced) return await this.#log.write(() => ({ head }));
    const reason = status === 402
      ? `${message} These rows were not billed. Add credit at Parallel, then resume.`
      : `The API rejected the next rows: ${message}`;
    await pauseBatch(this.#log, reason, head);
  }

  /** Shows why the batch waits, and resumes after the given time. */
  async #wait(reason: string, seconds: number, signal: AbortSignal): Promise<void> {
    const { now, timers } = this.#context;
    const log = this.#log;
    await log.write(({ view }) =>
      view.state !== "running" || view.reason === reason
        ? null
        : { events: [{ type: "state", data: { state: "running", reason } }] }
    );
    const until = now() + seconds * 1000;
    await pause(Math.max(0, until - now()), signal, timers);
    await log.write(({ view }) =>
      view.state !== "running" || view.reason === null
        ? null
        : { events: [{ type: "state", data: { state: "running", reason: null } }] }
    );
  }

  /** The request for these rows; `null` if some of them cannot be sent, which is recorded then. */
  async #requestOf(
    sends: readonly Send[],
    { task_spec, ...task }: BatchTask,
  ): Promise<GroupRunsInput | null> {
    const { plan, rows } = this.#batch.table();
    const { record } = this.#log;
    // Runs of an adopted group have specifications of their own, or none.
    const ownSpec = record.adopted && task_spec ? { task_spec } : {};
    const lost: Send[] = [];
    const inputs = await Promise.all(sends.map(async (send): Promise<TaskRunInput> => {
      const { row, attempt, processor, set } = send;
      const { run_id, ...cells } = rows[row - 1]!;
      let base: Omit<TaskRunInput, "input"> & Partial<TaskRunInput> = { ...task, ...ownSpec };
      if (run_id !== undefined) {
        const own = await this.#context.requestOf(record.account, run_id);
        if (own === null) lost.push(send);
        else base = set === 0 ? own : { ...own, ...ownSpec };
      }
      return {
        ...base,
        processor,
        input: base.input ?? inputOf(plan, cells),
        metadata: inOrder<Metadata[string]>([
          ...Object.entries(base.metadata ?? {}),
          ["row", `r${row}`],
          ["attempt", attempt],
        ]),
      };
    }));
    if (lost.length > 0) {
      const reason = "The request of its run is no longer stored here, so it cannot be sent again.";
      await this.#log.writeRows(
        lost.map(({ row, attempt, processor }) => ({
          row,
          attempt,
          processor,
          status: "failed",
          reason,
        })),
      );
      return null;
    }
    return { inputs, ...task_spec && !record.adopted ? { default_task_spec: task_spec } : {} };
  }
}

/** Returns the next rows to send, in order, from one column set. */
function nextSends(
  { view, head, record }: BatchLog,
  { table, tasks }: Sendable,
  chunkRows = CHUNK_ROWS,
): Send[] {
  const sends: Send[] = [];
  const { plan, rows } = table();
  let left = head.allowance ?? Infinity, chars = 0;
  // Newest columns first: if only some rows may be sent, they are those of the latest request.
  for (const [set, { counts, processor: ofSet }] of [...view.sets.entries()].reverse()) {
    if ((counts[WAITING] ?? 0) === 0 || tasks()[set] === undefined) continue;
    // The group may have runs for such columns that are not taken in yet.
    const isAwaited = head.taking?.due === true && head.sets?.[set - 1]?.origin !== undefined;
    for (let row = 1; row <= view.rows && sends.length < chunkRows; row++) {
      const { status, attempt, processor } = sendView(view, set, row);
      if (status !== WAITING || (attempt === 0 && (isAwaited || left-- <= 0))) continue;
      const input = rows[row - 1];
      if (input === undefined) break;
      chars += inputChars(inputOf(plan, input));
      if (chars > CHUNK_CHARS && sends.length > 0) break;
      sends.push({
        set,
        row,
        attempt: attempt === 0 ? firstAttempt(set) : attempt,
        processor: processor ?? ofSet ?? record.processor,
      });
    }
    if (sends.length > 0) return sends;
  }
  return sends;
}

/** Whether there are rows to send. */
export function hasSends(log: BatchLog, batch: Sendable): boolean {
  return nextSends(log, batch).length > 0;
}

/** Counts the rows that the API is working on. */
export function openRows(log: BatchLog): number {
  return Object.entries(sendCounts(log.view)).reduce(
    (sum, [status, rows]) => status === WAITING || isOver(status) ? sum : sum + rows,
    0,
  );
}

function countFirst(sends: readonly Send[]): number {
  return sends.filter(({ attempt }) => isFirstAttempt(attempt)).length;
}

function sent({ row, attempt, processor }: Send): RowChange {
  return { row, attempt, processor, status: "sent", reason: null };
}

/** Whether the request may have added runs. A 5xx can come from a proxy after the API accepted it. */
function isLost(failure: ApiFailure): boolean {
  const { kind, status } = failure;
  if (kind === "refused") return status !== null && (status >= 500 || status === 408);
  return kind === "malformed" || mayHaveCreated(failure);
}
