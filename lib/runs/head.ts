/**
 * The head of a run: small and mutable, the one value that every append checks. This module owns
 * `["head", run_id]`.
 */
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
  readonly output: OutputRef | null;
  /** Accounts that may see the run: whoever changes its summary writes all of theirs. */
  readonly members: readonly string[];
  /** Accounts that deleted the run and may still undo it: until then it is kept for them. */
  readonly leaving?: readonly string[];
  /** Nobody can see the run any more: what is left of it is being removed. */
  readonly gone?: true;
  readonly created_ms: number;
  readonly ended_ms: number | null;
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
