/**
 * Tracks the storage used by sandbox runs and by sandbox accounts' imports, because anyone can create those.
 * This module owns `["sandbox-kept", run_id]`.
 */
import { SYSTEM_TIMERS } from "../base/mod.ts";
import type { SandboxRecord } from "./record.ts";
import type { Timeline } from "./timeline.ts";
import { whenUnlocked } from "./world.ts";

/** The size of a run's line, indexes and search terms, besides its data (bytes). */
const RUN_BYTES = 32 * 1024;
/** Mutations per commit. KV allows 1,000. */
const AT_ONCE = 500;
/** How long a sum stays valid: another process may have written (ms). */
const FRESH_MS = 60_000;
/** The average size of a batch row besides its request. Generating each result would take seconds. */
const ROW_BYTES = 12 * 1024;

/** A stored run and its size (bytes). */
export interface RunSize {
  readonly runId: string;
  readonly bytes: number;
}

/** The size of a run: its request, trace and result (characters). */
export function bytesOf({ input }: SandboxRecord, timeline: Timeline): number {
  const trace = timeline.events.reduce((sum, { data }) => sum + data.length, 0);
  return JSON.stringify(input).length + trace + JSON.stringify(timeline.output()).length;
}

/** The size of a group's run. */
export function bytesOfRow({ runId, input }: SandboxRecord): RunSize {
  return { runId, bytes: JSON.stringify(input).length + ROW_BYTES };
}

/** The sizes of runs, and their sum. */
export class StoredBytes {
  readonly #kv: Deno.Kv;
  readonly #now: () => number;
  readonly #world = { closing: new AbortController().signal, timers: SYSTEM_TIMERS };
  #sum = 0;
  #counted: { readonly at: number; readonly done: Promise<void> } | null = null;

  constructor(kv: Deno.Kv, now: () => number) {
    this.#kv = kv;
    this.#now = now;
  }

  /** Adds runs of this size. */
  async add(runs: readonly RunSize[]): Promise<void> {
    for (let from = 0; from < runs.length; from += AT_ONCE) {
      const atomic = this.#kv.atomic();
      for (const { runId, bytes } of runs.slice(from, from + AT_ONCE)) {
        atomic.set(keyOf(runId), bytes + RUN_BYTES);
        this.#sum += bytes + RUN_BYTES;
      }
      await whenUnlocked(this.#world, () => atomic.commit());
    }
  }

  /** Call when a run's data has been deleted. */
  async forget(runId: string): Promise<void> {
    const { value } = await this.#kv.get<number>(keyOf(runId));
    if (value === null) return;
    await whenUnlocked(this.#world, () => this.#kv.delete(keyOf(runId)));
    this.#sum -= value;
  }

  /** Returns the sum, at most a minute old. */
  async sum(): Promise<number> {
    if (this.#counted === null || this.#now() - this.#counted.at > FRESH_MS) {
      this.#counted = { at: this.#now(), done: this.#count() };
    }
    try {
      await this.#counted.done;
    } catch (error) {
      // Count again at the next request: the store may be back before the minute is over.
      this.#counted = null;
      throw error;
    }
    return this.#sum;
  }

  async #count(): Promise<void> {
    let sum = 0;
    for await (const { value } of this.#kv.list<number>({ prefix: ["sandbox-kept"] })) sum += value;
    this.#sum = sum;
  }
}

function keyOf(runId: string): Deno.KvKey {
  return ["sandbox-kept", runId];
}
