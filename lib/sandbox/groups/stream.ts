/** A group's two streams: its events, and a snapshot of its runs. */
import { nextTurn } from "../../base/mod.ts";
import type { GroupStatus } from "../../parallel/mod.ts";
import { encodeSSE } from "../../sse/mod.ts";
import { type SandboxRecord, seedOf } from "../record.ts";
import { lifeOf, type Timeline } from "../timeline.ts";
import { stateFrame, statusAt } from "../wire.ts";
import { wait, type World } from "../world.ts";
import {
  cursorOf,
  type GroupChange,
  type GroupHistory,
  runCursorOf,
  runsAfter,
} from "./history.ts";
import { type Chunk, type GroupRecord, readRows } from "./store.ts";

/** A group at a time. */
export interface GroupSnapshot {
  /** Unix µs. */
  readonly us: number;
  readonly chunks: readonly Chunk[];
  readonly history: GroupHistory;
}

/** What streams are made from. */
export interface GroupStreamContext extends Pick<World, "kv" | "timers"> {
  readonly group: GroupRecord;
  /** Returns the current group. */
  readonly look: () => Promise<GroupSnapshot>;
  readonly timelineOf: (record: SandboxRecord) => Timeline;
}

/** The API keeps a connection open for an hour (seconds at speed 1). */
export const GROUP_STREAM_SECONDS = 3_600;
/** How often a stream checks for runs that were added (ms). */
const LOOK_AGAIN_MS = 250;
/** How long to generate frames before yielding to other work (ms). */
const TURN_MS = 8;

/**
 * The group's events after a cursor, then live events, until no run is active or the connection's time is over.
 * Without a cursor, an inactive group sends its counts only.
 */
export async function* groupFrames(
  world: GroupStreamContext,
  { lastEventId, seconds }: { readonly lastEventId: string | null; readonly seconds: number },
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { group, look } = world;
  const lifetimeUs = Math.min(seconds, GROUP_STREAM_SECONDS) * 1e6 / group.speed;
  const turns = new Turns();
  let cursor = lastEventId, isFirst = true, isTold = false, endUs = Infinity;
  for (;;) {
    signal.throwIfAborted();
    const { history, us } = await look();
    const status = history.statusAt(us);
    const coming = history.changes.slice(history.placeAfter(cursor));
    if (isFirst && lastEventId === null && !status.is_active) coming.splice(0);
    if (isFirst) endUs = us + lifetimeUs;
    isFirst = false;
    const due = coming.findIndex((change) => change.us > us);
    for (const change of due === -1 ? coming : coming.slice(0, due)) {
      signal.throwIfAborted();
      const counts = change.row === null ? history.statusAt(change.us) : null;
      yield counts === null ? await endFrame(world, change) : statusFrame(counts, cursorOf(change));
      cursor = cursorOf(change);
      isTold = counts?.is_active === false;
      await turns.next();
    }
    if (due === -1 && !status.is_active) {
      // Every connection gets at least one event.
      if (!isTold) yield statusFrame(status, cursor ?? cursorOf({ us, seq: 0, index: 0 }));
      return;
    }
    if (us >= endUs) return;
    const nextUs = Math.min(coming[due]?.us ?? Infinity, endUs, us + LOOK_AGAIN_MS * 1000);
    await wait(world, Math.max(1, Math.ceil((nextUs - us) / 1000)), signal);
  }
}

/** Which runs a snapshot contains, and how much of each. */
export interface RunsQuery {
  readonly lastEventId: string | null;
  readonly status: string | null;
  readonly includeInput: boolean;
  readonly includeOutput: boolean;
}

/** Yields the group's runs as they are at one time. */
export async function* runFrames(
  { kv, group, look, timelineOf }: GroupStreamContext,
  { lastEventId, status, includeInput, includeOutput }: RunsQuery,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const turns = new Turns();
  const { chunks, us } = await look();
  const left = runsAfter(chunks, lastEventId);
  for (const [place, chunk] of left.chunks.entries()) {
    for await (
      const { index, record } of readRows(kv, group, chunk, place === 0 ? left.index : 0)
    ) {
      signal.throwIfAborted();
      await turns.next();
      const life = lifeOf(seedOf(record));
      const now = statusAt(life, us);
      if (status !== null && now !== status) continue;
      const output = includeOutput && now === "completed" ? timelineOf(record).output() : null;
      const input = includeInput ? record.input : null;
      yield stateFrame(record, life, us, output, { eventId: runCursorOf(chunk, index), input });
    }
  }
}

function statusFrame(status: GroupStatus, eventId: string): string {
  const type = "task_group_status";
  return encodeSSE({ event: type, data: JSON.stringify({ type, event_id: eventId, status }) });
}

/** The state in which a run has ended. */
async function endFrame(
  { kv, group }: Pick<GroupStreamContext, "kv" | "group">,
  change: GroupChange,
): Promise<string> {
  const { chunk, index } = change.row!;
  for await (const row of readRows(kv, group, chunk, index, index + 1)) {
    const life = lifeOf(seedOf(row.record));
    return stateFrame(row.record, life, change.us, null, { eventId: cursorOf(change) });
  }
  return ": a run that was deleted\n\n";
}

/** Yields to other work while many frames are generated. */
class Turns {
  #since = performance.now();

  async next(): Promise<void> {
    if (performance.now() - this.#since < TURN_MS) return;
    await nextTurn();
    this.#since = performance.now();
  }
}
