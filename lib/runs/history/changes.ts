/**
 * The recent changes of an account's list, for streams that resume. One entry a run, kind and minute,
 * so that a run that reports progress every second does not fill the store; entries expire by
 * themselves. The order is that of the commits, by versionstamp.
 */
import { changeKey, changesKey, type Position } from "./keys.ts";

/** What happened to a run in a list. */
export type ChangeKind = "created" | "changed" | "removed";

/** A change that a stream can go on from (ms): older ones are forgotten. */
const CHANGES_KEPT_MS = 60 * 60_000;
const MINUTE_MS = 60_000;

/** The minute a moment lies in. */
function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

/** The writes that tell the account's lists of a change. */
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
      // Where to find it: what it says is read when somebody asks, and gone when the run is.
      value: run.created_ms,
      // Not earlier than a reader could still ask for it.
      expireIn: 2 * CHANGES_KEPT_MS,
    },
    // A sum and no set: writes of many runs may share a commit.
    { type: "sum", key: changesKey(account), value: new Deno.KvU64(1n) },
  ];
}

/** A place in an account's changes, after which a stream goes on. */
export interface ChangePlace {
  readonly minute: number;
  readonly versionstamp: string;
  /** Several runs may change in one commit; `~`: all of them are told. */
  readonly run_id: string;
}

/** A change, with the place after it. */
export interface Change {
  readonly kind: ChangeKind;
  readonly run: Position;
  readonly place: ChangePlace;
}

/** Before every change. */
const FIRST = "0".repeat(20);
/** Sorts after every run id: a list read after a commit shows all of its changes. */
const WHOLE_COMMIT = "~";

/** Clocks of processes that write one store may differ by this many minutes. */
const SKEW = 1;

/** The place after the latest change. */
export async function latestPlace(
  kv: Deno.Kv,
  account: string,
  nowMs: number,
): Promise<ChangePlace> {
  const { versionstamp } = await kv.get(changesKey(account));
  return { minute: minuteOf(nowMs), versionstamp: versionstamp ?? FIRST, run_id: WHOLE_COMMIT };
}

/** What changed after a place, in order. A run that changed again since is there with its last change. */
export async function readChanges(
  kv: Deno.Kv,
  account: string,
  after: ChangePlace,
): Promise<Change[]> {
  const selector = {
    prefix: ["change", account],
    start: ["change", account, after.minute - SKEW],
  };
  // The list comes in batches, each of its own moment: what is newer than the first of them is told by
  // the next reading, or something between two of them would be behind the last place and never told.
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

/** A place as the id of an event. */
export function writePlace({ minute, versionstamp, run_id }: ChangePlace): string {
  return `${minute}-${versionstamp}-${run_id}`;
}

/** The place that an id stands for; `null` where it is none, or what came after it is forgotten. */
export function readPlace(id: string, latest: ChangePlace): ChangePlace | null {
  const match = /^(\d{1,10})-([0-9a-f]{20})-([\w-]{0,100}|~)$/.exec(id);
  const [, minute = "", versionstamp = "", runId = ""] = match ?? [];
  const kept = latest.minute - CHANGES_KEPT_MS / MINUTE_MS;
  if (match === null || Number(minute) < kept || versionstamp > latest.versionstamp) return null;
  return { minute: Number(minute), versionstamp, run_id: runId };
}
