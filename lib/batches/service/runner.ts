/**
 * Holds one batch: executes commands, sends rows, and records in the batch's log how the rows' runs end. Only
 * one process holds a batch at a time.
 */
import { SealError } from "../../accounts/mod.ts";
import { GroupStreamError } from "../../parallel/mod.ts";
import { requestedSchema } from "../../results/mod.ts";
import {
  cellBriefs,
  isOver,
  type RowChange,
  sendCounts,
  sendView,
  setOf,
  TRIAL_DONE,
  WAITING,
} from "../model/mod.ts";
import { carryOut, type OrdersContext, sendsOf } from "./commands.ts";
import { BatchLog, type BatchLogContext } from "./log.ts";
import { foundChange, isOwnSend, listRuns, pauseForKey, type SenderContext } from "./look_up.ts";
import {
  columnEvents,
  hasUnnamed,
  readUpdate,
  type RunReading,
  type RunUpdate,
  unnamedOf,
} from "./run_updates.ts";
import { hasSends, openRows, type Sendable, Sender } from "./sender.ts";
import { type BatchContent, keys, readContent, readSetTask } from "./store.ts";
import type { SetTask } from "./set_task.ts";
import { readOrders, type SentRun } from "./stored_orders.ts";
import { HeldTable } from "./table.ts";
import { Adopter, type AdopterContext } from "./adopter.ts";
import { Wakers } from "./wakers.ts";

/** Dependencies of holding batches. */
export interface RunnerContext
  extends BatchLogContext, SenderContext, OrdersContext, RunReading, AdopterContext {}

/** How often to check for runs that another process records (ms). */
const RUNS_EVERY_MS = 5_000;
/** How long a sent row may lack its run's ID before we list the group (ms). */
const UNNAMED_MS = 20_000;
/** Runs to read concurrently, rows to write together, and runs to check per round. */
const [AT_ONCE, WRITTEN, LOOKS] = [32, 250, 1_000];

type Place = Pick<RowChange, "row" | "attempt">;

/** Holds a batch until it has no work left. */
export class Runner {
  readonly #context: RunnerContext;
  readonly #log: BatchLog;
  readonly #table: HeldTable;
  readonly #adopter: Adopter;
  #tasks: readonly SetTask[];
  /** Runs that have not ended. */
  readonly #open = new Map<string, Place>();
  /** Runs whose state may have changed. */
  readonly #changed = new Set<string>();
  /** Runs that were stored, as changes of their rows. */
  #stored: (RowChange & SentRun)[] = [];
  readonly #wakers: Wakers;
  #lookedMs: number;
  #listedMs: number;

  private constructor(context: RunnerContext, log: BatchLog, content: BatchContent) {
    this.#context = context;
    this.#wakers = new Wakers(context.timers);
    this.#log = log;
    this.#table = new HeldTable(context.kv, log.id, content);
    this.#adopter = new Adopter(context, log, this.#table, this.#reopen);
    this.#tasks = [content];
    this.#lookedMs = context.now() - RUNS_EVERY_MS;
    this.#listedMs = context.now() - UNNAMED_MS;
    for (const { run_id, row, attempt, status } of sendsOf(log)) {
      if (run_id !== null && !isOver(status)) this.#open.set(run_id, { row, attempt });
    }
  }

  /** Reads a run's state soon: the run belongs to a row now, or does again. */
  readonly #reopen = ({ run_id, row, attempt }: SentRun): void => {
    this.#open.set(run_id, { row, attempt });
    this.#changed.add(run_id);
  };

  /** Takes the batch, or returns as {@linkcode BatchLog.acquire} does. */
  static async acquire(context: RunnerContext, id: string): Promise<Runner | number | null> {
    const log = await BatchLog.acquire(context, id);
    if (!(log instanceof BatchLog)) return log;
    return new Runner(context, log, await readContent(context.kv, id, log.record));
  }

  /** Call this when something about the batch may have changed. */
  wake(): void {
    this.#wakers.wake();
  }

  /** Call this when a run of the batch was stored. */
  stored(change: RowChange & SentRun): void {
    this.#stored.push(change);
    this.#changed.add(change.run_id);
    this.wake();
  }

  /** Call this when events of a run were stored. */
  runChanged(runId: string): void {
    if (!this.#open.has(runId)) return;
    this.#changed.add(runId);
    this.wake();
  }

  /** Holds the batch until it has no work left. Rejects if the store fails, or with the signal's reason. */
  async run(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const stop = AbortSignal.any([signal, over.signal]);
    const batch: Sendable = {
      table: () => this.#table.now,
      tasks: () => this.#tasks,
      changed: (signal) => this.#wakers.wait("sender", signal),
      found: (runs) => runs.forEach((run) => this.stored(foundChange(run))),
      isTaken: (runId) => this.#table.isTaken(runId),
    };
    const sender = new Sender(this.#context, this.#log, batch);
    let failure: { error: unknown } | null = null;
    const sending = (async () => {
      while (!stop.aborted && failure === null) {
        await sender.run(stop).catch(async (error) => {
          if (stop.aborted) return;
          if (!(error instanceof SealError)) failure = { error };
          else await pauseForKey(this.#context, this.#log).catch((error) => failure = { error });
          this.wake();
        });
      }
    })();
    try {
      for (;;) {
        signal.throwIfAborted();
        if (failure !== null) throw (failure as { error: unknown }).error;
        const hasChanged = await carryOut(this.#context, this.#log, this.#reopen);
        await this.#readAdded();
        // The sender may have looked just before, and found nothing to send.
        if (hasChanged) this.#wakers.wakeSender();
        const isTaking = await this.#adopter.step(signal);
        await this.#writeUpdates();
        await this.#settle(batch);
        if (!isTaking && await this.#isOver(batch)) return;
        await this.#log.renew();
        if (isTaking) continue;
        await this.#wakers.wait("holder", signal);
        await this.#lookAtRuns(signal);
      }
    } finally {
      over.abort();
      await sending;
      await this.#adopter.close();
      await this.#log.release();
    }
  }

  async #readAdded(): Promise<void> {
    const { kv } = this.#context;
    const { id, head } = this.#log;
    await this.#table.readAdded(head);
    const { sets = [] } = head;
    for (const each of sets.slice(this.#tasks.length - 1)) {
      this.#tasks = [...this.#tasks, await readSetTask(kv, id, each)];
    }
  }

  /** Records changes of the rows' runs. */
  async #writeUpdates(): Promise<void> {
    const stored = this.#stored.splice(0);
    const { view, record } = this.#log;
    const current = stored.filter((change) => {
      const { row, attempt } = change;
      const known = sendView(view, setOf(attempt), row);
      if (record.adopted && !isOwnSend(this.#log, this.#table, change)) return false;
      return row <= view.rows && setOf(attempt) < view.sets.length &&
        attempt >= known.attempt && !isOver(known.status);
    });
    for (const { run_id, row, attempt } of current) this.#open.set(run_id, { row, attempt });
    // A row found after a lost response already has its run ID.
    const changes = current.filter(({ row, attempt, run_id }) =>
      sendView(view, setOf(attempt), row).run_id !== run_id
    );
    if (changes.length > 0) await this.#log.writeRows(changes);
    const changed = [...this.#changed].filter((id) => this.#open.has(id));
    this.#changed.clear();
    let ready: RowChange[] = [];
    const ended: string[] = [];
    for (let from = 0; from < changed.length; from += AT_ONCE) {
      const updates = await Promise.all(
        changed.slice(from, from + AT_ONCE).map((runId) => this.#readUpdate(runId)),
      );
      const known = updates.filter((update) => update !== null);
      for (const event of columnEvents(this.#log, known, this.#tasks)) {
        await this.#log.write(() => ({ events: [event] }));
      }
      const { sets } = this.#log.view;
      ready.push(...known.map(({ change, output }) => {
        if (output === null) return change;
        const set = setOf(change.attempt), task = this.#tasks[set]?.task;
        const schema = task === undefined ? null : requestedSchema(task);
        return { ...change, cells: cellBriefs(output, sets[set]?.outputs ?? [], schema) };
      }));
      ended.push(
        ...known.filter(({ change }) => isOver(change.status)).map(({ runId }) => runId),
      );
      const isLast = from + AT_ONCE >= changed.length;
      if (ready.length === 0 || (ready.length < WRITTEN && !isLast)) continue;
      await this.#log.writeRows(ready);
      ready = [];
      for (const runId of ended.splice(0)) this.#open.delete(runId);
    }
    const later = this.#table.takeLater(this.#log.view);
    if (later.length > 0) await this.#log.writeRows(later);
    later.forEach(this.#reopen);
  }

  async #readUpdate(runId: string): Promise<RunUpdate | null> {
    const place = this.#open.get(runId);
    if (place === undefined) return null;
    const known = sendView(this.#log.view, setOf(place.attempt), place.row);
    const { account, adopted } = this.#log.record;
    const { attempt } = place;
    return await readUpdate(this.#context, { account, runId, attempt, known, isOld: !!adopted });
  }

  /** Ends the batch, or pauses it after a trial, once all rows sent have ended. */
  async #settle(batch: Sendable): Promise<void> {
    const log = this.#log;
    if (log.head.chunk !== null || openRows(log) > 0 || this.#adopter.isDue) return;
    const { state } = log.view;
    const waiting = sendCounts(log.view)[WAITING] ?? 0;
    if (state === "done" || (waiting > 0 && (state === "paused" || hasSends(log, batch)))) return;
    await log.write(() => ({
      // Rows that are added to it later are sent: the user asks for them.
      ...waiting === 0 && log.record.adopted && { head: { allowance: null } },
      events: [{
        type: "state",
        data: waiting === 0
          ? { state: "done", reason: log.head.taking?.note ?? null }
          : { state: "paused", reason: TRIAL_DONE },
      }],
    }));
  }

  /** Whether the batch has no work left. Records that it does not. */
  async #isOver(batch: Sendable): Promise<boolean> {
    const log = this.#log;
    const { state, rows } = log.view;
    if (state === "running" || openRows(log) > 0 || this.#stored.length > 0) return false;
    if (batch.table().rows.length < rows || (this.#adopter.isDue && state !== "paused")) {
      return false;
    }
    await log.write(() => ({ mutations: [{ type: "delete", key: keys.active(log.id) }] }));
    if ((await readOrders(this.#context.kv, log.id)).length === 0) return true;
    await log.write(() => ({
      mutations: [{ type: "set", key: keys.active(log.id), value: null }],
    }));
    return false;
  }

  /** Checks runs that another process may record. */
  async #lookAtRuns(signal: AbortSignal): Promise<void> {
    const now = this.#context.now();
    if (now - this.#lookedMs >= RUNS_EVERY_MS) {
      this.#lookedMs = now;
      for (const id of [...this.#open.keys()].slice(0, LOOKS)) {
        this.#changed.add(id);
        // Move checked runs to the end, so the next round starts with others.
        const place = this.#open.get(id)!;
        this.#open.delete(id);
        this.#open.set(id, place);
      }
    }
    if (now - this.#listedMs < UNNAMED_MS || !hasUnnamed(this.#log.view)) return;
    this.#listedMs = now;
    try {
      const { openKey, clientFor } = this.#context;
      const apiKey = await openKey(this.#log.head.sealed_key);
      const { runs } = await listRuns(clientFor(apiKey).client, this.#log.id, signal);
      for (const run of unnamedOf(this.#log.view, runs)) {
        if (!this.#table.isTaken(run.run_id)) this.stored(run);
      }
    } catch (error) {
      if (!(error instanceof GroupStreamError)) throw error;
    }
  }
}
