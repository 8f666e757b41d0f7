/**
 * The lease of a run: whoever holds it is the only one that writes its log.
 */
import type { Committer } from "../kv/committer.ts";
import { gapsAt, type Head, headKey, readHead, type VersionedHead } from "./head.ts";

/** Who takes leases, and for how long. */
export interface LeaseContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  /** Names this process in leases. */
  readonly owner: string;
  /** How long a lease holds without being renewed (ms). */
  readonly leaseMs: number;
}

/**
 * Takes a run's lease and raises its fence, which ends whoever held it before; `null` where the run is
 * over, unknown, or somebody else's for now.
 */
export async function takeLease(
  { kv, committer, now, owner, leaseMs }: LeaseContext,
  runId: string,
): Promise<VersionedHead | null> {
  for (;;) {
    const found = await readHead(kv, runId);
    if (found === null || found.head.ended) return null;
    const takenMs = now();
    if (found.head.lease_until > takenMs && found.head.lease_owner !== owner) return null;
    const gaps = gapsAt(found.head, takenMs);
    const head: Head = {
      ...found.head,
      ...(gaps === undefined ? {} : { gaps }),
      recorded_ms: takenMs,
      fence: found.head.fence + 1,
      lease_owner: owner,
      lease_until: takenMs + leaseMs,
    };
    const key = headKey(runId);
    const result = await committer.commit({
      checks: [{ key, versionstamp: found.versionstamp }],
      mutations: [{ type: "set", key, value: head }],
      bytes: 1000,
    });
    if (result.ok) return { head, versionstamp: result.versionstamp };
    // Taken by another process, or only changed (a member, a notification): the next look tells.
  }
}
