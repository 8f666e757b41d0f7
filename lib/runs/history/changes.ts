/**
 * The recent changes of an account's list, for streams that resume. One entry a run, kind and minute,
 * so that a run that reports progress every second does not fill the store; entries expire by
 * themselves. The order is that of the commits, by versionstamp.
 */
import { changeKey, changesKey, type Position } from "./keys.ts";

/** What happened to a run in a list. */
export type ChangeKind = "created" | "changed" | "removed";

/** A change that a stream can go on from (ms): older ones are forgotten. */
export const CHANGES_KEPT_MS = 60 * 60_000;
const MINUTE_MS = 60_000;

/** The minute a moment lies in. */
export function minuteOf(ms: number): number {
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
