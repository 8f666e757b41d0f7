/**
 * A run's head: the small mutable value that every append checks. This module owns `["head", run_id]`.
 */
import { DamagedPartsError } from "../../store/mod.ts";
import {
  asRecord,
  type LogEvent,
  mayHaveMore,
  payloadOf,
  type RecordingGap,
} from "../model/mod.ts";
import type { OutputRef } from "./trace.ts";

/** The contents of a run's head. */
export interface Head {
  /** The ID of the last durable event. 0 for an empty log. */
  readonly last_id: number;
  readonly status: string;
  /** No more events will come. */
  readonly ended: boolean;
  /** Incremented by each recorder that takes over the run. Appends with an older fence fail. */
  readonly fence: number;
  /** The recorder, and when its lease ends (Unix ms; 0: free). */
  readonly lease_owner: string;
  readonly lease_until: number;
  /** The account with an import in progress. This is a claim: no account can see the run yet. */
  readonly importing?: string;
  readonly output: OutputRef | null;
  /** Accounts that can see the run. A change to its summary updates all of theirs. */
  readonly members: readonly string[];
  /** Accounts that deleted the run and can still undo it. It is kept for them until then. */
  readonly leaving?: readonly string[];
  /** No account can see the run. Its remaining data is being deleted. */
  readonly gone?: true;
  /** The last verified API notification about this run, and when it arrived (Unix ms). */
  readonly webhook?: { readonly id: string; readonly ms: number };
  /**
   * The time up to which the trace is known to be complete (Unix ms). Missing if nothing was to be
   * recorded.
   */
  readonly recorded_ms?: number;
  /** Times when the run was not recorded and the API did not replay its events. */
  readonly gaps?: readonly RecordingGap[];
  readonly created_ms: number;
  readonly ended_ms: number | null;
}

/** Returns whether a log may have stopped before its run's end, and a recorder may go on with it. */
export function lacksEnd({ ended, gone, status, output }: Head): boolean {
  return ended && gone !== true && mayHaveMore(status, output);
}

/** With more gaps than this, the oldest are merged into one: a head must stay small. */
const MAX_GAPS = 20;

/** Adds gaps to a run's gaps. Merges the oldest if there are too many. */
export function withGaps(
  gaps: Head["gaps"],
  more: readonly RecordingGap[],
): Pick<Head, "gaps"> {
  if (more.length === 0) return {};
  const all = [...gaps ?? [], ...more];
  const [oldest, ...rest] = all.splice(0, Math.max(1, all.length - MAX_GAPS + 1));
  return { gaps: [{ ...oldest!, to_ms: rest.at(-1)?.to_ms ?? oldest!.to_ms }, ...all] };
}

/** A head and its version, which the next append checks. */
export interface VersionedHead {
  readonly head: Head;
  readonly versionstamp: string;
}

/** The key of a run's head. */
export function headKey(runId: string): Deno.KvKey {
  return ["head", runId];
}

/** Returns the head of a run, or `null` for an unknown run. */
export async function readHead(kv: Deno.Kv, runId: string): Promise<VersionedHead | null> {
  const { value, versionstamp } = await kv.get<Head>(headKey(runId));
  return value === null || versionstamp === null ? null : { head: value, versionstamp };
}

/**
 * Reads what is stored in parts of a run. Returns `null` if the run was deleted meanwhile: its parts go
 * before its head.
 */
export async function readUnlessGone<T>(
  kv: Deno.Kv,
  runId: string,
  read: () => Promise<T>,
): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DamagedPartsError)) throw error;
    const found = await readHead(kv, runId);
    if (found === null || found.head.gone) return null;
    throw error;
  }
}

/** A writer's own head with the parts that others may change at any time. */
export function mergeHead(own: Head, { members, leaving, webhook }: Head): Head {
  return {
    ...own,
    members,
    ...(leaving === undefined ? {} : { leaving }),
    ...(webhook === undefined ? {} : { webhook }),
  };
}

/**
 * When a run ended, by the API's clock, like its creation: an adopted run may have ended long before its
 * end is recorded. Falls back to our clock if the last event has no time.
 */
export function endMs(last: LogEvent | undefined, createdMs: number, now: number): number {
  const run = last === undefined ? null : asRecord(payloadOf(last)?.run);
  const modified = Date.parse(typeof run?.modified_at === "string" ? run.modified_at : "");
  return Number.isFinite(modified) ? Math.max(createdMs, Math.min(modified, now)) : now;
}
