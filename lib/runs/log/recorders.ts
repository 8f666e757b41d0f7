/**
 * All recorders of this process: started when a run is created, resumed after a restart or another
 * process's crash, drained on shutdown.
 */
import {
  allDone,
  type Log,
  pause,
  reasonOf,
  restartMs,
  SYSTEM_TIMERS,
  type Timers,
} from "../../base/mod.ts";
import { SealError } from "../../accounts/mod.ts";
import { activeRuns } from "./active.ts";
import { recheck, type Rechecked } from "./recheck.ts";
import { readHead } from "./head.ts";
import { heldForMs, LeaseLostError } from "./lease.ts";
import { type Nudge, record, type RecorderContext, RefusedError } from "./recorder.ts";

/** The pool's dependencies beyond those of its recorders. */
export interface RecordersContext extends RecorderContext {
  readonly log: Log;
  /** Called when this process starts and stops recording a run. */
  readonly onRecording: (runId: string, recording: boolean) => void;
}

/** Starts, keeps and stops recorders. One per process. */
export class Recorders {
  readonly #context: RecordersContext;
  readonly #running = new Map<string, { readonly done: Promise<void>; readonly nudge: Nudge }>();
  readonly #stop = new AbortController();
  /** Scheduled starts, at most one per run. */
  readonly #later = new Map<string, unknown>();
  /** Consecutive failures on our side, such as KV or a key that cannot be decrypted. */
  readonly #failures = new Map<string, number>();
  /** Runs whose sealed key cannot be decrypted. They wait for it to be provided again. */
  readonly #locked = new Set<string>();
  readonly #timers: Timers;

  constructor(context: RecordersContext) {
    this.#context = context;
    this.#timers = context.timers ?? SYSTEM_TIMERS;
  }

  /** The runs that this process is recording. */
  get active(): number {
    return this.#running.size;
  }

  /** The number of active runs that wait for their key. */
  get locked(): readonly string[] {
    return [...this.#locked];
  }

  /** Starts recording a run, unless this process already does or the run has ended. */
  start(runId: string): void {
    if (this.#stop.signal.aborted || this.#running.has(runId)) return;
    this.#cancelLater(runId);
    const nudge: Nudge = { ask: () => {} };
    this.#running.set(runId, { done: this.#run(runId, nudge), nudge });
  }

  /** Returns whether this process has a recorder for the run. */
  isRecording(runId: string): boolean {
    return this.#running.has(runId);
  }

  /** Makes the run's recorder ask the API. Starts a recorder if this process has none. */
  notify(runId: string): void {
    const running = this.#running.get(runId);
    if (running === undefined) this.start(runId);
    else running.nudge.ask();
  }

  /** Asks about a run whose log stopped before its end, and records it if it continues. */
  async recheck(
    runId: string,
    upstream: Parameters<typeof recheck>[2],
  ): Promise<Rechecked> {
    const rechecked = await recheck(this.#context, runId, upstream);
    if (rechecked.state === "active") this.start(runId);
    return rechecked;
  }

  /**
   * Starts a recorder for every active run without one: at start, every minute, and when the lease of a
   * possibly crashed process expires.
   */
  async pickUp(): Promise<void> {
    const { kv } = this.#context;
    for await (const { runId, active } of activeRuns(kv)) {
      // A group's stream reports on all its runs.
      if (active.group !== undefined) continue;
      if (!this.#running.has(runId)) await this.#startWhenFree(runId);
    }
  }

  /** Starts a recorder as soon as no other process holds the lease. */
  async #startWhenFree(runId: string): Promise<void> {
    const found = await readHead(this.#context.kv, runId);
    if (found === null) return;
    const heldMs = heldForMs(this.#context, runId, found.head);
    if (heldMs === 0) this.start(runId);
    else this.#startLater(heldMs + 1, runId);
  }

  /** Resolves when this process no longer records the run, or after `ms`. Never rejects. */
  async done(runId: string, ms: number): Promise<void> {
    const running = this.#running.get(runId)?.done;
    if (running === undefined) return;
    const late = new AbortController();
    const timeout = pause(ms, late.signal, this.#timers).catch(() => {});
    await Promise.race([running, timeout]);
    late.abort();
  }

  /** Resolves when this process records nothing. Rejects with the signal's reason. */
  idle(signal: AbortSignal): Promise<void> {
    return allDone(this.#running, signal);
  }

  /** Stops every recorder after it has written its events, and releases the leases. */
  async drain(): Promise<void> {
    this.#stop.abort();
    for (const runId of [...this.#later.keys()]) this.#cancelLater(runId);
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  async #run(runId: string, nudge: Nudge): Promise<void> {
    const { log, onRecording } = this.#context;
    onRecording(runId, true);
    try {
      await record(this.#context, runId, this.#stop.signal, nudge);
      this.#failures.delete(runId);
      this.#locked.delete(runId);
    } catch (error) {
      if (error instanceof SealError) this.#locked.add(runId);
      const isExpected = error instanceof LeaseLostError || error instanceof RefusedError;
      log(isExpected ? "info" : "error", "recorder failed", {
        run: runId,
        reason: reasonOf(error),
      });
      const failures = this.#failures.get(runId) ?? 0;
      this.#failures.set(runId, failures + 1);
      this.#startLater(restartMs(failures), runId);
    } finally {
      this.#running.delete(runId);
      onRecording(runId, false);
    }
  }

  /** Starts a recorder later. A process that holds the run by then keeps it. */
  #startLater(ms: number, runId: string): void {
    if (this.#stop.signal.aborted) return;
    this.#cancelLater(runId);
    const start = () => {
      this.#later.delete(runId);
      this.#startWhenFree(runId).catch((error) => {
        this.#context.log("error", "failed to start a recorder; trying again at the next check", {
          run: runId,
          reason: reasonOf(error),
        });
      });
    };
    this.#later.set(runId, this.#timers.setTimeout(start, ms));
  }

  #cancelLater(runId: string): void {
    if (!this.#later.has(runId)) return;
    this.#timers.clearTimeout(this.#later.get(runId));
    this.#later.delete(runId);
  }
}
