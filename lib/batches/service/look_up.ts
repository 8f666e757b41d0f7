/**
 * After a lost response, looks for its rows in the group's list of runs. The rows may be sent again only if
 * every look misses them and the group's run count matches its list.
 */
import { pause, type Timers } from "../../base/mod.ts";
import type { Adding } from "../../groups/mod.ts";
import type { Creator, Entry } from "../../limits/mod.ts";
import {
  type AddedRuns,
  GroupStreamError,
  type TaskClient,
  type TaskRunInput,
} from "../../parallel/mod.ts";
import { growingWaitMs } from "../../runs/mod.ts";
import { isFirstAttempt, type RowChange, sendView, setOf, WAITING } from "../model/mod.ts";
import type { BatchLog, BatchWrite } from "./log.ts";
import { openApi, type PayerContext, replacePayer } from "./payer.ts";
import type { SentRun } from "./stored_orders.ts";
import type { HeldTable } from "./table.ts";

/** When to look after a lost response (ms after the loss). */
const LOOKS_MS: readonly number[] = [5_000, 15_000, 60_000];
/** How many times to repeat the looks while the group's count keeps changing. */
const LOOK_ROUNDS = 3;
/** How many listings may fail in one look before the batch pauses. */
const LISTINGS = 3;

/** Dependencies of sending. */
export interface SenderContext extends PayerContext {
  readonly now: () => number;
  readonly timers?: Timers | undefined;
  /** Marks the group before adding runs, so they are recorded. */
  readonly adding: (groupId: string, apiKey: string, account: string) => Promise<Adding>;
  /** Enforces how many tasks an account may create. */
  readonly enter: (creator: Creator, count: number) => Promise<Entry>;
  /** Whether this many more dollars would exceed the account's budget. */
  readonly isOverBudget: (account: string, usd: number) => Promise<boolean>;
  /** Whether a key still belongs to an account. A key that was removed must not pay for more rows. */
  readonly isKeyOf: (apiKey: string, account: string) => Promise<boolean>;
  /** A run's request as it was sent; `null` if the account cannot send it again. */
  readonly requestOf: (account: string, runId: string) => Promise<TaskRunInput | null>;
  /** Rows per request. Tests use fewer. */
  readonly chunkRows?: number;
}

/** A run of the group, with its row. */
export interface FoundRun {
  readonly row: number;
  readonly attempt: number;
  readonly run_id: string;
  readonly status: string;
  readonly processor: string;
}

/** What a search needs of the batch. */
interface FoundIn {
  readonly found: (runs: readonly FoundRun[]) => void;
  readonly isTaken: (runId: string) => boolean;
}

/** Searches for the rows of one request. */
export class LookUp {
  readonly #context: SenderContext;
  readonly #log: BatchLog;

  readonly #batch: FoundIn;

  constructor(
    context: SenderContext,
    log: BatchLog,
    batch: FoundIn,
  ) {
    this.#context = context;
    this.#log = log;
    this.#batch = batch;
  }

  /** Searches for the rows. Pauses the batch if the API gives no definite answer. */
  async run(signal: AbortSignal): Promise<void> {
    const { now, timers } = this.#context;
    const log = this.#log;
    for (let round = 0; round < LOOK_ROUNDS; round++) {
      if (log.head.chunk?.lost_ms === null || round > 0) {
        await log.write(({ head }) => ({ head: { chunk: { ...head.chunk!, lost_ms: now() } } }));
      }
      const lostMs = log.head.chunk?.lost_ms ?? now();
      const due = LOOKS_MS.map((ms) => lostMs + ms).filter((ms) => ms > now());
      const totals: number[] = [];
      let listed = 0;
      for (const ms of due.length > 0 ? due : [now()]) {
        await pause(Math.max(0, ms - now()), signal, timers);
        const look = await this.#look(signal);
        if (look === null) {
          return await pauseBatch(
            log,
            "We do not know whether the last rows were sent, because the API does not list the " +
              "group's runs. Resume to check again.",
          );
        }
        if (await this.#found(look.runs)) return;
        totals.push(look.total);
        listed = look.listed;
      }
      // The group must not have runs that its list omits.
      if (totals.every((total) => total === totals[0]) && totals[0]! <= listed) {
        return await log.write(({ head }) => ({
          head: {
            chunk: null,
            ...head.allowance !== null && head.chunk !== null &&
              { allowance: head.allowance + unsent(log, head.chunk.rows) },
          },
        }));
      }
    }
    await pauseBatch(
      log,
      "We do not know whether the last rows were sent: the API counts runs in the group that it does " +
        "not list. Resume to check again.",
    );
  }

  /** Returns the group's runs, or `null` if the API cannot list them. */
  async #look(signal: AbortSignal) {
    const refused = new Set<string>();
    for (let failures = 1;; failures++) {
      const { client } = await openApi(this.#context, this.#log);
      const group = await client.groups.retrieve(this.#log.id, { signal });
      signal.throwIfAborted();
      if (group.ok) {
        try {
          const { runs, listed } = await listRuns(client, this.#log.id, signal);
          return { runs, listed, total: group.value.status.num_task_runs };
        } catch (error) {
          if (!(error instanceof GroupStreamError)) throw error;
        }
      } else if (await replacePayer(this.#context, this.#log, group.failure, refused)) continue;
      if (failures >= LISTINGS) return null;
      await pause(growingWaitMs(failures), signal, this.#context.timers);
    }
  }

  /** Records which of the chunk's rows are in the group. Returns whether all of them are. */
  async #found(runs: readonly FoundRun[]): Promise<boolean> {
    const log = this.#log;
    const chunk = log.head.chunk;
    if (chunk === null) return true;
    const wanted = new Set(chunk.rows.map(([row, attempt]) => `${row} ${attempt}`));
    const found = new Map<string, FoundRun>();
    for (const run of runs) {
      if (this.#batch.isTaken(run.run_id)) continue;
      const name = `${run.row} ${run.attempt}`;
      if (wanted.has(name) && !found.has(name)) found.set(name, run);
    }
    if (found.size === 0) return false;
    const isWhole = found.size === wanted.size;
    const rest = { rows: chunk.rows.filter(([row, at]) => !found.has(`${row} ${at}`)) };
    await log.writeRows([...found.values()].map(foundChange), {
      head: { chunk: isWhole ? null : { ...chunk, ...rest } },
    });
    this.#batch.found([...found.values()]);
    const { apiKey } = await openApi(this.#context, this.#log);
    const marked = await this.#context.adding(log.id, apiKey, log.record.account);
    void marked.accepted(addedRuns([...found.values()].map(({ run_id }) => run_id)));
    return isWhole;
  }
}

/** Pauses a batch with a reason. */
export async function pauseBatch(
  log: BatchLog,
  reason: string,
  head: BatchWrite["head"] = {},
): Promise<void> {
  await log.write(() => ({
    head,
    events: [{ type: "state", data: { state: "paused", reason } }],
  }));
}

/** Pauses a batch whose API key or task secrets were sealed with a lost `SESSION_SECRET`. */
export async function pauseForKey(
  { openKey }: Pick<SenderContext, "openKey">,
  log: BatchLog,
): Promise<void> {
  const opens = await openKey(log.head.sealed_key).then(() => true, () => false);
  await pauseBatch(
    log,
    opens
      ? "The secrets of its MCP servers can no longer be decrypted. Create a new batch with them."
      : "Its API key can no longer be decrypted. Sign in with it again, then resume.",
  );
}

/** Returns the group's runs that belong to rows, in the group's order. @throws {GroupStreamError} */
export async function listRuns(
  client: TaskClient,
  groupId: string,
  signal: AbortSignal,
): Promise<{ readonly runs: readonly FoundRun[]; readonly listed: number }> {
  const runs: FoundRun[] = [];
  let listed = 0;
  for await (const event of client.groups.runs(groupId, { includeInput: true, signal })) {
    if (event.kind !== "run") continue;
    listed++;
    const place = placeOf(event.run.metadata) ?? placeOf(event.input?.metadata);
    const { run_id, status, processor } = event.run;
    if (place !== null) runs.push({ ...place, run_id, status, processor });
  }
  return { runs, listed };
}

/** Reads a run's row from its metadata; `null` if it belongs to none. */
export function placeOf(
  metadata: Readonly<Record<string, unknown>> | null | undefined,
): { readonly row: number; readonly attempt: number } | null {
  const row = /^r([1-9]\d{0,6})$/.exec(String(metadata?.row))?.[1];
  const attempt = Number(metadata?.attempt);
  return row === undefined || !Number.isSafeInteger(attempt) || attempt < 1
    ? null
    : { row: Number(row), attempt };
}

/** Marks a row as sent. The run's own log has its state. */
export function foundChange(
  { row, attempt, processor, run_id }: FoundRun,
): RowChange & { readonly run_id: string } {
  return { row, attempt, processor, run_id, status: "sent", reason: null };
}

function unsent(log: BatchLog, rows: readonly (readonly [number, number])[]): number {
  return rows.filter(([row, attempt]) =>
    isFirstAttempt(attempt) && sendView(log.view, setOf(attempt), row).status === WAITING
  ).length;
}

function addedRuns(run_ids: readonly string[]): AddedRuns {
  const status = {
    num_task_runs: run_ids.length,
    task_run_status_counts: {},
    is_active: true,
    status_message: null,
    modified_at: null,
  };
  return { run_ids, run_cursor: null, event_cursor: null, status };
}

/**
 * Whether an adopted batch has sent this run for a row, or is about to. Runs that were made elsewhere may have the
 * same metadata as ours.
 */
export function isOwnSend(
  { head: { chunk }, view }: Pick<BatchLog, "head" | "view">,
  table: Pick<HeldTable, "isTaken" | "now">,
  { row, attempt, run_id }: SentRun,
): boolean {
  if (row > view.rows || table.isTaken(run_id)) return false;
  if (chunk?.rows.some(([each, at]) => each === row && at === attempt)) return true;
  const isMade = attempt > 1 || table.now.rows[row - 1]?.run_id === undefined;
  const sent = sendView(view, setOf(attempt), row);
  if (!isMade || sent.attempt < attempt) return false;
  // The view does not keep the run of an attempt that failed and was sent again.
  const made = sent.attempt === attempt
    ? sent
    : sent.earlier.find((result) => result.attempt === attempt);
  return (made?.run_id ?? run_id) === run_id;
}
