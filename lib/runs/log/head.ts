/**
 * The head of a run: small and mutable, the one value that every append checks. This module owns
 * `["head", run_id]`.
 */
import { asRecord, type LogEvent, LOST, payloadOf, type RecordingGap } from "../model/mod.ts";
import type { OutputRef } from "./trace.ts";

/** What a run's head says. */
export interface Head {
  /** Id of the last durable event; 0 for an empty log. */
  readonly last_id: number;
  readonly status: string;
  /** No more events will come. */
  readonly ended: boolean;
  /** Raised by each recorder that takes the run over; an older one's appends fail. */
  readonly fence: number;
  /** Who records, and until when nobody else may (Unix ms; 0: free). */
  readonly lease_owner: string;
  readonly lease_until: number;
  /** The account whose import is under way: a claim, of which nobody sees anything yet. */
  readonly importing?: string;
  readonly output: OutputRef | null;
  /** Accounts that may see the run: whoever changes its summary writes all of theirs. */
  readonly members: readonly string[];
  /** Accounts that deleted the run and may still undo it: until then it is kept for them. */
  readonly leaving?: readonly string[];
  /** Nobody can see the run any more: what is left of it is being removed. */
  readonly gone?: true;
  /** The last verified notification of the API about this run, and when it came (Unix ms). */
  readonly webhook?: { readonly id: string; readonly ms: number };
  /** Until when the trace is known to be whole (Unix ms); missing where nobody was to record so far. */
  readonly recorded_ms?: number;
  /** When nobody recorded, and the API did not repeat what the run did. */
  readonly gaps?: readonly RecordingGap[];
  readonly created_ms: number;
  readonly ended_ms: number | null;
}

/**
 * Whether a log ended without the end of its run: the API refused to tell more, or gave no result of a
 * run that it says is completed. Asking again may help.
 */
export function lacksEnd({ ended, gone, status, output }: Head): boolean {
  return ended && gone !== true &&
    (status === LOST || (status === "completed" && output === null));
}

/** More gaps than this become one from the first on: a head is small. */
const MAX_GAPS = 20;

/** The gaps of a run with some more. The oldest become one where they are too many. */
export function withGaps(
  gaps: Head["gaps"],
  more: readonly RecordingGap[],
): Pick<Head, "gaps"> {
  if (more.length === 0) return {};
  const all = [...gaps ?? [], ...more];
  const [oldest, ...rest] = all.splice(0, Math.max(1, all.length - MAX_GAPS + 1));
  return { gaps: [{ ...oldest!, to_ms: rest.at(-1)?.to_ms ?? oldest!.to_ms }, ...all] };
}

/** A head with the version that the next append must find. */
export interface VersionedHead {
  readonly head: Head;
  readonly versionstamp: string;
}

/** The key of a run's head. */
export function headKey(runId: string): Deno.KvKey {
  return ["head", runId];
}

/** The head of a run, or `null` for a run this store does not have. */
export async function readHead(kv: Deno.Kv, runId: string): Promise<VersionedHead | null> {
  const { value, versionstamp } = await kv.get<Head>(headKey(runId));
  return value === null || versionstamp === null ? null : { head: value, versionstamp };
}

/** A writer's own head with what others may change at any time. */
export function mergeHead(own: Head, { members, leaving, webhook }: Head): Head {
  return {
    ...own,
    members,
    ...(leaving === undefined ? {} : { leaving }),
    ...(webhook === undefined ? {} : { webhook }),
  };
}

/**
 * When a run ended, by the API's own clock as its creation is: a run that is adopted may have ended long
 * before its end is recorded. Ours where the last event does not say.
 */
export function endMs(last: LogEvent | undefined, createdMs: number, now: number): number {
  const run = last === undefined ? null : asRecord(payloadOf(last)?.run);
  const modified = Date.parse(typeof run?.modified_at === "string" ? run.modified_at : "");
  return Number.isFinite(modified) ? Math.max(createdMs, Math.min(modified, now)) : now;
}
