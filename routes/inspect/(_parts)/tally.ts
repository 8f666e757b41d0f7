/** A stream's figures: counts, rate, and the longest silence. */
import { RULES } from "./rules.ts";
import type { Block } from "./scan.ts";

/** Figures of the blocks so far. Grows in place; a replay starts a new one. */
export interface Tally {
  events: number;
  comments: number;
  /** Blocks that set fields but dispatch nothing, or were cut off. */
  undelivered: number;
  /** Lines with no effect, and lines that look like a mistake. */
  lost: number;
  notes: number;
  /** Events by type, in order of appearance. */
  readonly types: Map<string, number>;
  firstMs: number | null;
  lastMs: number | null;
  /** The longest silence between two blocks, and the block that ended it. */
  longestGap: { ms: number; index: number } | null;
  bytes: number;
}

export function emptyTally(): Tally {
  return {
    events: 0,
    comments: 0,
    undelivered: 0,
    lost: 0,
    notes: 0,
    types: new Map(),
    firstMs: null,
    lastMs: null,
    longestGap: null,
    bytes: 0,
  };
}

/** Counts one more block. Blocks arrive in order. */
export function count(tally: Tally, block: Block) {
  tally.bytes = block.to;
  tally.comments += block.comments.length;
  if (block.kind === "event") {
    tally.events++;
    tally.types.set(block.event, (tally.types.get(block.event) ?? 0) + 1);
  } else if (block.kind !== "comment") tally.undelivered++;
  if (block.faults.length > 0) {
    // A line can break several rules, such as the last one if the stream ends in it.
    const lost = block.faults.filter(({ rule }) => RULES[rule].severity === "lost");
    tally.lost += new Set(lost.map(({ line }) => line)).size;
    tally.notes += block.faults.length - lost.length;
  }
  const { atMs, index } = block;
  if (atMs === null) return;
  if (tally.lastMs !== null) {
    const ms = atMs - tally.lastMs;
    if (tally.longestGap === null || ms > tally.longestGap.ms) tally.longestGap = { ms, index };
  }
  if (block.kind === "event") tally.firstMs ??= atMs;
  tally.lastMs = atMs;
}

/** Events per second from the first to the last; `null` if that is meaningless. */
export function eventRate({ events, firstMs, lastMs }: Tally): number | null {
  if (firstMs === null || lastMs === null || lastMs <= firstMs) return null;
  return (events - 1) / (lastMs - firstMs) * 1000;
}
