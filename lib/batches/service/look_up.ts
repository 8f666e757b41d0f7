/**
 * Looks for rows of a request whose answer was lost, in the group's own listing. They are free to be sent again
 * only if they are missing every time, and the group counts no run that it does not list.
 */
import { pause, type Timers } from "../../base/mod.ts";
import type { Adding } from "../../groups/mod.ts";
import type { Creator, Entry } from "../../limits/mod.ts";
import { type AddedRuns, GroupStreamError, type TaskClient } from "../../parallel/mod.ts";
import { growingWaitMs } from "../../runs/mod.ts";
import { isFirstAttempt, type RowChange, sendView, setOf, WAITING } from "../model/mod.ts";
import type { BatchLog, BatchWrite } from "./log.ts";

/** When a request whose answer was lost is looked for (ms after the loss). */
export const LOOKS_MS: readonly number[] = [5_000, 15_000, 60_000];
/** How often the looks are repeated while the group's count goes on moving. */
const LOOK_ROUNDS = 3;
/** Listings that may fail at one look before the batch pauses. */
const LISTINGS = 3;

/** What sending needs of the world. */
export interface SenderContext {
  readonly now: () => number;
  readonly timers?: Timers | undefined;
  /** Opens a sealed key. Throws `SealError`. */
  readonly openKey: (sealed: string) => Promise<string>;
  readonly clientFor: (
    apiKey: string,
  ) => { readonly client: TaskClient; readonly simulated: boolean };
  /** Marks the group before runs are added, so that they are recorded. */
  readonly adding: (groupId: string, apiKey: string, account: string) => Promise<Adding>;
  /** How many tasks an account may create. */
  readonly enter: (creator: Creator, count: number) => Promise<Entry>;
  /** Whether so many dollars more would pass the account's budget. */
  readonly isOverBudget: (account: string, usd: number) => Promise<boolean>;
  /** Rows of one request; fewer for tests. */
  readonly chunkRows?: number;
}

/** A run of the group that answers a row. */
export interface FoundRun {
  readonly row: number;
  readonly attempt: number;
  readonly run_id: string;
  readonly status: string;
  readonly processor: string;
}

/** Looks for one chunk. */
export class LookUp {
  readonly #context: SenderContext;
  readonly #log: BatchLog;

  readonly #onFound: (runs: readonly FoundRun[]) => void;

  constructor(
    context: SenderContext,
    log: BatchLog,
    onFound: (runs: readonly FoundRun[]) => void,
  ) {
    this.#context = context;
    this.#log = log;
    this.#onFound = onFound;
  }

  /** Looks for the rows. Pauses the batch if the API does not tell. */
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
            "It is not known whether the last rows were sent, because the API does not list the " +
              "group's runs. Go on to look again.",
          );
        }
        if (await this.#found(look.runs)) return;
        totals.push(look.total);
        listed = look.listed;
      }
      // The group must not have runs that its listing does not show.
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
      "It is not known whether the last rows were sent: the API counts runs in the group that it does " +
        "not list. Go on to look again.",
    );
  }

  /** The group's runs now; `null` where the API does not tell. */
  async #look(signal: AbortSignal) {
    for (let failures = 1;; failures++) {
      const { client } = await this.#api();
      const group = await client.groups.retrieve(this.#log.id, { signal });
      signal.throwIfAborted();
      if (group.ok) {
        try {
          const { runs, listed } = await listRuns(client, this.#log.id, signal);
          return { runs, listed, total: group.value.status.num_task_runs };
        } catch (error) {
          if (!(error instanceof GroupStreamError)) throw error;
        }
      }
      if (failures === LISTINGS) return null;
      await pause(growingWaitMs(failures), signal, this.#context.timers);
    }
  }

  /** Takes note of the chunk's rows that are in the group. Returns whether all of them are. */
  async #found(runs: readonly FoundRun[]): Promise<boolean> {
    const log = this.#log;
    const chunk = log.head.chunk;
    if (chunk === null) return true;
    const wanted = new Set(chunk.rows.map(([row, attempt]) => `${row} ${attempt}`));
    const found = new Map<string, FoundRun>();
    for (const run of runs) {
      const name = `${run.row} ${run.attempt}`;
      if (wanted.has(name) && !found.has(name)) found.set(name, run);
    }
    if (found.size === 0) return false;
    const isWhole = found.size === wanted.size;
    const rest = { rows: chunk.rows.filter(([row, at]) => !found.has(`${row} ${at}`)) };
    await log.writeRows([...found.values()].map(foundChange), {
      head: { chunk: isWhole ? null : { ...chunk, ...rest } },
    });
    this.#onFound([...found.values()]);
    const { apiKey } = await this.#api();
    const marked = await this.#context.adding(log.id, apiKey, log.record.account);
    void marked.accepted(addedRuns([...found.values()].map(({ run_id }) => run_id)));
    return isWhole;
  }

  async #api(): Promise<{ readonly apiKey: string; readonly client: TaskClient }> {
    const apiKey = await this.#context.openKey(this.#log.head.sealed_key);
    return { apiKey, client: this.#context.clientFor(apiKey).client };
  }
}

/** Pauses a batch and says why. */
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

/** Pauses a batch whose key, or whose task's secrets, were sealed with a secret that is gone. */
export async function pauseForKey(
  { openKey }: Pick<SenderContext, "openKey">,
  log: BatchLog,
): Promise<void> {
  const opens = await openKey(log.head.sealed_key).then(() => true, () => false);
  await pauseBatch(
    log,
    opens
      ? "The secrets of its tool servers cannot be opened any more. Make a new batch with them."
      : "Its API key cannot be opened any more. Sign in with it, and go on.",
  );
}

/** The runs of a group that answer rows, in the group's order. Throws `GroupStreamError`. */
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

/** Which row a run answers, by its metadata; `null` for a run that is no row. */
export function placeOf(
  metadata: Readonly<Record<string, unknown>> | null | undefined,
): { readonly row: number; readonly attempt: number } | null {
  const row = /^r([1-9]\d{0,6})$/.exec(String(metadata?.row))?.[1];
  const attempt = Number(metadata?.attempt);
  return row === undefined || !Number.isSafeInteger(attempt) || attempt < 1
    ? null
    : { row: Number(row), attempt };
}

/** A row that is at the API. How its run stands is for its own log to tell. */
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
