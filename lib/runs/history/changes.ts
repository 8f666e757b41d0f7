/**
 * The recent changes of an account's list, used to resume streams. There is one entry per run, kind and
 * minute, so a run that reports progress every second does not fill the store. Entries expire by
 * themselves. They are ordered by commit (versionstamp).
 */
import { changeKey, changesKey, type Position } from "./keys.ts";

/** A kind of change to a run in a list. */
export type ChangeKind = "created" | "changed" | "removed";

/** How long a stream can resume from a change (ms). Older changes are dropped. */
const CHANGES_KEPT_MS = 60 * 60_000;
const MINUTE_MS = 60_000;

/** The minute that a time falls into. */
function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

/** The writes that announce a change to the account's lists. */
export function changeMutations(
  account: string,
  kind: ChangeKind,
  run: Position,
  nowMs: number,
): Deno.KvMutation[] {
  return [
    {
      type: "set",
      key: changeKey(account, minuteOf(nowMs), run.run_id, kind),
      // Store only the location. The content is read on request, and is gone once the run is.
      value: run.created_ms,
      // Do not expire while a reader could still ask for it.
      expireIn: 2 * CHANGES_KEPT_MS,
    },
    // Use a sum, not a set: writes of many runs may share a commit.
    { type: "sum", key: changesKey(account), value: new Deno.KvU64(1n) },
  ];
}

/** A position in an account's changes, from which a stream resumes. */
export interface ChangePlace {
  readonly minute: number;
  readonly versionstamp: string;
  /** Several runs may change in one commit. `~` means that all of them were sent. */
  readonly run_id: string;
}

/** A change and the position after it. */
export interface Change {
  readonly kind: ChangeKind;
  readonly run: Position;
  readonly place: ChangePlace;
}

/** The position before every change. */
const FIRST = "0".repeat(20);
/** Sorts after every run id: a list that is read after a commit shows all of its changes. */
const WHOLE_COMMIT = "~";

/** The largest clock difference (minutes) between processes that write to one store. */
const SKEW = 1;

/** The position after the latest change. */
export async function latestPlace(
  kv: Deno.Kv,
  account: string,
  nowMs: number,
): Promise<ChangePlace> {
  const { versionstamp } = await kv.get(changesKey(account));
  return { minute: minuteOf(nowMs), versionstamp: versionstamp ?? FIRST, run_id: WHOLE_COMMIT };
}

/**
 * Returns the changes after a position, in order. A run that changed again since appears with its last
 * change.
 */
export async function readChanges(
  kv: Deno.Kv,
  account: string,
  after: ChangePlace,
): Promise<Change[]> {
  const selector = {
    prefix: ["change", account],
    start: ["change", account, after.minute - SKEW],
  };
  // KV reads the list in batches, each from its own snapshot. Leave changes newer than the first batch
  // to the next read. Otherwise a change between two batches would lie behind the last position and
  // never be sent.
  const { versionstamp: until } = await kv.get(changesKey(account));
  if (until === null) return [];
  const changes: Change[] = [];
  for await (const { key, value, versionstamp } of kv.list<number>(selector)) {
    const [, , minute, runId, kind] = key;
    if (typeof minute !== "number" || typeof runId !== "string" || !isKind(kind)) continue;
    const place = { minute, versionstamp, run_id: runId };
    if (comparePlaces(place, after) <= 0 || versionstamp > until) continue;
    changes.push({ kind, run: { run_id: runId, created_ms: value }, place });
  }
  return changes.sort((a, b) => comparePlaces(a.place, b.place));
}

function comparePlaces(a: ChangePlace, b: ChangePlace): number {
  if (a.versionstamp !== b.versionstamp) return a.versionstamp < b.versionstamp ? -1 : 1;
  return a.run_id === b.run_id ? 0 : a.run_id < b.run_id ? -1 : 1;
}

function isKind(value: unknown): value is ChangeKind {
  return value === "created" || value === "changed" || value === "removed";
}

/** A position as an event ID. */
export function writePlace({ minute, versionstamp, run_id }: ChangePlace): string {
  return `${minute}-${versionstamp}-${run_id}`;
}

/** Parses an event ID. Returns `null` if it is not one of a list's. */
export function parsePlace(id: string): ChangePlace | null {
  const match = /^(\d{1,10})-([0-9a-f]{20})-([\w-]{0,100}|~)$/.exec(id);
  const [, minute = "", versionstamp = "", runId = ""] = match ?? [];
  return match === null ? null : { minute: Number(minute), versionstamp, run_id: runId };
}

/** Returns whether the changes after an event ID are still stored. */
export function resumesFrom(id: string, latest: ChangePlace): boolean {
  const place = parsePlace(id);
  return place !== null && place.minute >= latest.minute - CHANGES_KEPT_MS / MINUTE_MS &&
    place.versionstamp <= latest.versionstamp;
}
