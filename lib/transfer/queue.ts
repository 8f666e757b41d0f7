/**
 * Whose turn it is to import: one at a time, for an import is the most work that one request can make.
 * In the order in which their files arrived.
 */
import { Queue, type Timers } from "../base/mod.ts";
import { Arrivals } from "./arrival.ts";

/** The longest wait for a turn (ms). */
export const TURN_MS = 30_000;

/** Two of an address may be waiting, or on their way, at once. */
export function importQueue(timers?: Timers): Queue {
  return new Queue({ perAddress: 2, waitMs: TURN_MS }, timers);
}

/** What imports share in a process. */
export interface Imports {
  readonly arrivals: Arrivals;
  readonly queue: Queue;
}

/** With files in a folder (`null`: the system's own for such). */
export function createImports(folder: string | null, timers?: Timers): Imports {
  return {
    arrivals: new Arrivals({ folder, ...timers && { timers } }),
    queue: importQueue(timers),
  };
}
