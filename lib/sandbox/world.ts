/** What all parts of the sandbox share: the store, time, and the signal that closes it. */
import { pause, type Timers } from "../base/mod.ts";

/** The sandbox's surroundings. */
export interface World {
  readonly kv: Deno.Kv;
  /** At 1, a run takes seconds where the API takes minutes. 10 is ten times faster than that. */
  readonly speed: number;
  /** Unix ms. */
  readonly now: () => number;
  readonly timers: Timers;
  /** Aborts when the sandbox closes. */
  readonly closing: AbortSignal;
  /** Returns 32 unique hexadecimal digits. */
  readonly newHex: () => string;
}

/** setTimeout fires immediately beyond this. */
const LONGEST_MS = 2 ** 31 - 1;
const RETRIES = 20;

/** Resolves after `ms`, or rejects with the signal's reason. */
export function wait(
  { timers }: Pick<World, "timers">,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  return pause(Math.min(LONGEST_MS, Math.max(0, ms)), signal, timers);
}

/** With two processes on one database file, a write may briefly find it locked. */
export async function whenUnlocked<T>(
  world: Pick<World, "closing" | "timers">,
  write: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0;; attempt++) {
    try {
      return await write();
    } catch (error) {
      const isLocked = error instanceof Error && error.message.includes("locked");
      if (!isLocked || attempt >= RETRIES) throw error;
      await wait(world, 5 * (attempt + 1), world.closing);
    }
  }
}

/** Formats RFC 3339 in UTC with microseconds, as the API does. */
export function timestamp(us: number): string {
  const whole = new Date(Math.floor(us / 1000)).toISOString().slice(0, -1);
  return `${whole}${String(us % 1000).padStart(3, "0")}Z`;
}
