/**
 * A group's history, as a pure function of the added runs and the clock: its counts at any time, and its
 * events in an order that later additions only append to. Cursors name a position in that order.
 */
import type { GroupStatus } from "../../parallel/mod.ts";
import { timestamp } from "../world.ts";
import type { Chunk, GroupRecord } from "./store.ts";

/** An event of a group. */
export interface GroupChange {
  /** When the stream sends it (Unix µs). */
  readonly us: number;
  /** The run that has ended; `null` for the group's counts. */
  readonly row: { readonly chunk: Chunk; readonly index: number } | null;
  /** Orders events with the same time: by chunk, then by position. */
  readonly seq: number;
  readonly index: number;
}

/** Counts are sent at most this often, and only if they have changed (µs at speed 1). */
const COUNTS_EVERY_US = 1_000_000;

/** A group with its runs so far. */
export class GroupHistory {
  readonly #group: GroupRecord;
  readonly #chunks: readonly Chunk[];
  #changes: readonly GroupChange[] | null = null;

  constructor(group: GroupRecord, chunks: readonly Chunk[]) {
    this.#group = group;
    this.#chunks = chunks;
  }

  /** All events in order, including future ones. */
  get changes(): readonly GroupChange[] {
    return this.#changes ??= changesOf(this.#group, this.#chunks);
  }

  /** Returns the group's counts at a time. */
  statusAt(us: number): GroupStatus {
    const counts: Record<string, number> = {};
    let total = 0, isActive = false, modifiedUs = this.#group.createdMs * 1000;
    for (const { appliedMs, lives } of this.#chunks) {
      if (appliedMs * 1000 > us) continue;
      modifiedUs = Math.max(modifiedUs, appliedMs * 1000);
      for (const { runningUs, endUs, ending } of lives) {
        const status = us >= endUs ? ending : us >= runningUs ? "running" : "queued";
        counts[status] = (counts[status] ?? 0) + 1;
        total++;
        if (us < endUs) isActive = true;
        const changedUs = us >= endUs ? endUs : us >= runningUs ? runningUs : 0;
        if (changedUs > modifiedUs) modifiedUs = changedUs;
      }
    }
    return {
      num_task_runs: total,
      task_run_status_counts: counts,
      is_active: isActive,
      status_message: "",
      modified_at: timestamp(modifiedUs),
    };
  }

  /** Returns the position of the first event after a cursor, or of the very first if it is invalid. */
  placeAfter(cursor: string | null): number {
    const after = parseCursor(cursor);
    if (after === null) return 0;
    let low = 0, high = this.changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.changes[middle]!, after) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Counts precede the ends at the same time. */
const COUNTS = { seq: -1, index: -1, row: null } as const;

function changesOf({ speed }: GroupRecord, chunks: readonly Chunk[]): GroupChange[] {
  const everyUs = Math.max(1, Math.round(COUNTS_EVERY_US / speed));
  const counted = new Set<number>();
  const changes: GroupChange[] = [];
  const count = (us: number) => void counted.add(Math.ceil(us / everyUs) * everyUs);
  for (const chunk of chunks) {
    // After everything that was sent before it was added.
    changes.push({ ...COUNTS, us: chunk.appliedMs * 1000 + 999, seq: chunk.seq });
    for (const [index, { runningUs, endUs, reportedUs }] of chunk.lives.entries()) {
      changes.push({ us: reportedUs, row: { chunk, index }, seq: chunk.seq, index });
      count(runningUs);
      count(endUs);
    }
  }
  for (const us of counted) changes.push({ ...COUNTS, us });
  return changes.sort(compare);
}

type Order = Pick<GroupChange, "us" | "seq" | "index">;

function compare(a: Order, b: Order): number {
  return a.us - b.us || a.seq - b.seq || a.index - b.index;
}

/** The cursor of an event. Clients must treat it as opaque. */
export function cursorOf({ us, seq, index }: Order): string {
  return `${us}.${seq + 1}.${index + 1}`;
}

/** A cursor in the order of runs. */
export function runCursorOf({ appliedMs, seq }: Chunk, index: number): string {
  return cursorOf({ us: appliedMs * 1000, seq, index });
}

function parseCursor(cursor: string | null): Order | null {
  const parts = /^(\d{1,17})\.(\d{1,9})\.(\d{1,9})$/.exec(cursor ?? "");
  if (parts === null) return null;
  const [us = 0, seq = 0, index = 0] = parts.slice(1).map(Number);
  return { us, seq: seq - 1, index: index - 1 };
}

/** Where to continue in run order: the remaining chunks, and the position in the first of them. */
export function runsAfter(
  chunks: readonly Chunk[],
  cursor: string | null,
): { readonly chunks: readonly Chunk[]; readonly index: number } {
  const after = parseCursor(cursor);
  if (after === null) return { chunks, index: 0 };
  const left = chunks.filter((chunk) => {
    const last = { us: chunk.appliedMs * 1000, seq: chunk.seq, index: chunk.lives.length - 1 };
    return compare(last, after) > 0;
  });
  const [first] = left;
  const isSame = first !== undefined && first.appliedMs * 1000 === after.us &&
    first.seq === after.seq;
  return { chunks: left, index: isSame ? after.index + 1 : 0 };
}
