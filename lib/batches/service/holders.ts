/** All batches that this process holds. It takes a batch on a command, and after a restart. */
import { allDone, pause, reasonOf, restartMs, SYSTEM_TIMERS } from "../../base/mod.ts";
import { orderedBatches, readOrders } from "./stored_orders.ts";
import { placeOf } from "./look_up.ts";
import { Runner, type RunnerContext } from "./runner.ts";
import { keys } from "./store.ts";

/** How often to check whether another process still holds a batch (ms). */
const HELD_MS = 250;

interface Running {
  runner: Runner | null;
  /** The batch has pending work, even if another process holds it. */
  isWanted: boolean;
  readonly done: Promise<void>;
}

/** Takes, holds and releases batches. One per process. */
export class Holders {
  readonly #context: RunnerContext;
  readonly #running = new Map<string, Running>();
  readonly #stop = new AbortController();

  constructor(context: RunnerContext) {
    this.#context = context;
  }

  /**
   * Call this when a run of a group was stored: it may belong to a row of a batch that this process holds.
   */
  stored(
    groupId: string,
    { run_id, metadata }: {
      readonly run_id: string;
      readonly metadata: Readonly<Record<string, unknown>> | null | undefined;
    },
  ): void {
    const place = placeOf(metadata);
    if (place === null) return;
    this.#running.get(groupId)?.runner?.stored({ ...place, status: "sent", run_id });
  }

  /** Call this when this process stored events of a run. */
  runChanged(runId: string): void {
    for (const { runner } of this.#running.values()) runner?.runChanged(runId);
  }

  /** Holds every batch with pending work that no process holds. */
  async pickUp(): Promise<void> {
    const { kv } = this.#context;
    for await (const { key } of kv.list({ prefix: ["batch-active"] })) this.hold(String(key[1]));
    for (const id of await orderedBatches(kv)) this.hold(id);
  }

  /** Resolves when this process holds nothing, or rejects with the signal's reason. */
  idle(signal: AbortSignal): Promise<void> {
    return allDone(this.#running, signal);
  }

  /** Stops holding after finishing requests in flight. */
  async drain(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  /** Holds a batch, or wakes its runner. */
  hold(id: string): void {
    if (this.#stop.signal.aborted) return;
    const running = this.#running.get(id);
    if (running !== undefined) {
      running.isWanted = true;
      return running.runner?.wake();
    }
    const started: Running = { runner: null, isWanted: true, done: Promise.resolve() };
    this.#running.set(id, started);
    Object.assign(started, { done: this.#run(id, started) });
  }

  /** Holds a batch until it has no work left, in this process or another. Never rejects. */
  async #run(id: string, running: Running): Promise<void> {
    const { log, timers } = this.#context;
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted;) {
      let waitMs = 0;
      try {
        running.isWanted = false;
        waitMs = await this.#runOnce(id, running, signal);
        // Nothing can be ordered between this check and the removal.
        if (waitMs === 0 && !running.isWanted) break;
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        log("warn", "batch failed, retrying", { batch: id, reason: reasonOf(error) });
        waitMs = restartMs(failures++);
      }
      await pause(waitMs, signal, timers ?? SYSTEM_TIMERS).catch(() => {});
    }
    this.#running.delete(id);
  }

  /** Returns how long to wait before another try (ms). 0 if this process has nothing left to do. */
  async #runOnce(id: string, running: Running, signal: AbortSignal): Promise<number> {
    const { kv } = this.#context;
    const runner = await Runner.acquire(this.#context, id);
    if (runner === null) return 0;
    if (typeof runner === "number") {
      // Another process holds the batch and executes its orders. Take over if that process dies.
      const isIdle = (await kv.get(keys.active(id))).versionstamp === null &&
        (await readOrders(kv, id)).length === 0;
      return isIdle && !running.isWanted ? 0 : Math.min(runner, HELD_MS) + 1;
    }
    running.runner = runner;
    try {
      await runner.run(signal);
      return 0;
    } finally {
      running.runner = null;
    }
  }
}
