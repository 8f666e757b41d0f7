/**
 * Every recorder of this process: started when a run is created, picked up after a restart or when
 * another process died, drained on shutdown.
 */
import { type Log, pause, reasonOf, SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";
import { SealError } from "../../accounts/mod.ts";
import { activeRuns } from "./active.ts";
import { askAgain, type AskedAgain } from "./ask_again.ts";
import { readHead } from "./head.ts";
import { heldForMs, LeaseLostError } from "./lease.ts";
import { type Nudge, record, type RecorderContext } from "./recorder.ts";

/** What the pool needs beside what its recorders need. */
export interface RecordersContext extends RecorderContext {
  readonly log: Log;
  /** Told when this process starts and stops recording a run. */
  readonly onRecording: (runId: string, recording: boolean) => void;
}

/**
 * After a recorder failed on our side (KV, a key that opens no more), it is started again after this
 * long, twice as long each time in a row (ms).
 */
const RESTART_MS = 1_000;
const MAX_RESTART_MS = 60_000;

/** Starts, keeps and ends recorders. One per process. */
export class Recorders {
  readonly #context: RecordersContext;
  readonly #running = new Map<string, { readonly done: Promise<void>; readonly nudge: Nudge }>();
  readonly #stop = new AbortController();
  /** Starts to come, one a run at most. */
  readonly #later = new Map<string, unknown>();
  /** Failures in a row. */
  readonly #failures = new Map<string, number>();
  /** Runs whose sealed key opens no more: they wait for somebody to bring it. */
  readonly #locked = new Set<string>();
  readonly #timers: Timers;

  constructor(context: RecordersContext) {
    this.#context = context;
    this.#timers = context.timers ?? SYSTEM_TIMERS;
  }

  /** Runs that this process records now. */
  get active(): number {
    return this.#running.size;
  }

  /** Active runs that cannot be recorded until their key is brought again. */
  get locked(): readonly string[] {
    return [...this.#locked];
  }

  /** Records a run from now on, unless this process already does or it is over. */
  start(runId: string): void {
    if (this.#stop.signal.aborted || this.#running.has(runId)) return;
    this.#cancelLater(runId);
    const nudge: Nudge = { ask: () => {} };
    this.#running.set(runId, { done: this.#run(runId, nudge), nudge });
  }

  /** Whether this process has a recorder for the run. */
  isRecording(runId: string): boolean {
    return this.#running.has(runId);
  }

  /** There is news of a run: its recorder asks the API; where this process has none, one is started. */
  notify(runId: string): void {
    const running = this.#running.get(runId);
    if (running === undefined) this.start(runId);
    else running.nudge.ask();
  }

  /** Asks about a run that ended without its end, and records it where it goes on. */
  async askAgain(
    runId: string,
    upstream: Parameters<typeof askAgain>[2],
  ): Promise<AskedAgain> {
    const asked = await askAgain(this.#context, runId, upstream);
    if (asked.state === "active") this.start(runId);
    return asked;
  }

  /**
   * Starts a recorder for every active run that has none: on start, every minute, and when the lease
   * of a process that may have died runs out.
   */
  async pickUp(): Promise<void> {
    const { kv } = this.#context;
    for await (const { runId, active } of activeRuns(kv)) {
      // A group's stream tells of all its runs.
      if (active.group !== undefined) continue;
      if (!this.#running.has(runId)) await this.#startWhenFree(runId);
    }
  }

  /** Starts a recorder when no lease keeps this process from it. */
  async #startWhenFree(runId: string): Promise<void> {
    const found = await readHead(this.#context.kv, runId);
    if (found === null) return;
    const heldMs = heldForMs(this.#context, runId, found.head);
    if (heldMs === 0) this.start(runId);
    else this.#startLater(heldMs + 1, runId);
  }

  /** Resolves when this process no longer records the run, at the latest after `ms`. Never rejects. */
  async done(runId: string, ms: number): Promise<void> {
    const running = this.#running.get(runId)?.done;
    if (running === undefined) return;
    const late = new AbortController();
    const timeout = pause(ms, late.signal, this.#timers).catch(() => {});
    await Promise.race([running, timeout]);
    late.abort();
  }

  /** Resolves when this process records nothing, or rejects with the signal's reason. */
  async idle(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    aborted.catch(() => {});
    while (this.#running.size > 0) {
      signal.throwIfAborted();
      await Promise.race([...[...this.#running.values()].map(({ done }) => done), aborted]);
    }
  }

  /** Stops every recorder after flushing what it has, and frees their leases. */
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
      const isLost = error instanceof LeaseLostError;
      log(isLost ? "info" : "error", "recorder failed", { run: runId, reason: reasonOf(error) });
      const failures = this.#failures.get(runId) ?? 0;
      this.#failures.set(runId, failures + 1);
      this.#startLater(Math.min(MAX_RESTART_MS, RESTART_MS * 2 ** failures), runId);
    } finally {
      this.#running.delete(runId);
      onRecording(runId, false);
    }
  }

  /** Starts a recorder later; whoever holds the run by then keeps it. */
  #startLater(ms: number, runId: string): void {
    if (this.#stop.signal.aborted) return;
    this.#cancelLater(runId);
    const start = () => {
      this.#later.delete(runId);
      this.#startWhenFree(runId).catch((error) => {
        this.#context.log("error", "a run is left to the next look", {
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
