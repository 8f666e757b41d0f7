/**
 * The import queue: one at a time, in order of arrival, because an import is the most work that one request
 * can cause.
 */
import { Queue, type Timers } from "../base/mod.ts";
import { Arrivals } from "./arrival.ts";

/** The longest wait in the queue (ms). */
export const TURN_MS = 30_000;

/** The most imports of one address that can wait or upload at once. */
export function importQueue(timers?: Timers): Queue {
  return new Queue({ perAddress: 2, waitMs: TURN_MS }, timers);
}

/** The state that a process's imports share. */
export interface Imports {
  readonly arrivals: Arrivals;
  readonly queue: Queue;
}

/** Stores files in a folder (`null`: the system's temporary folder). */
export function createImports(folder: string | null, timers?: Timers): Imports {
  return {
    arrivals: new Arrivals({ folder, ...timers && { timers } }),
    queue: importQueue(timers),
  };
}
