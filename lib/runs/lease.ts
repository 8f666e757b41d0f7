/**
 * The lease of a run: whoever holds it is the only one that writes its log.
 */
import type { Committer } from "../kv/committer.ts";
import { type ActiveRun, resumeActive } from "./active.ts";
import { type Head, headKey, lacksEnd, readHead, type VersionedHead } from "./head.ts";

/** Who takes leases, and for how long. */
export interface LeaseContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  /** Names this process in leases. */
  readonly owner: string;
  /** How long a lease holds without being renewed (ms). */
  readonly leaseMs: number;
  /** Whether the process of that name is known to have ended: its leases hold nobody up. */
  readonly isGone?: (owner: string) => boolean;
}

/** Another process took the run over: whatever a writer still held was not written. */
export class LeaseLostError extends Error {
  override name = "LeaseLostError";
}

/** How long a lease keeps this process from taking it (ms); 0 where it may. */
export function heldForMs(
  { now, owner, isGone }: Pick<LeaseContext, "now" | "owner" | "isGone">,
  { lease_owner, lease_until }: Head,
): number {
  const leftMs = lease_until - now();
  return leftMs <= 0 || lease_owner === owner || isGone?.(lease_owner) ? 0 : leftMs;
}

/**
 * Takes a run's lease and raises its fence, which ends whoever held it before; `null` where the run is
 * over, unknown, or somebody else's for now. `reopen` takes that of a run which is over without its end
 * instead, and makes it active again.
 */
export async function takeLease(
  context: LeaseContext,
  runId: string,
  reopen?: ActiveRun,
): Promise<VersionedHead | null> {
  const { kv, committer, now, owner, leaseMs } = context;
  for (;;) {
    const found = await readHead(kv, runId);
    if (found === null) return null;
    if (reopen === undefined ? found.head.ended : !lacksEnd(found.head)) return null;
    if (heldForMs(context, found.head) > 0) return null;
    const head: Head = {
      ...found.head,
      ended: false,
      fence: found.head.fence + 1,
      lease_owner: owner,
      lease_until: now() + leaseMs,
    };
    const key = headKey(runId);
    const result = await committer.commit({
      checks: [{ key, versionstamp: found.versionstamp }],
      mutations: [
        { type: "set", key, value: head },
        ...reopen === undefined ? [] : resumeActive(runId, reopen),
      ],
      bytes: 2500,
    });
    if (result.ok) return { head, versionstamp: result.versionstamp };
    // Taken by another process, or only changed (a member, a notification): the next look tells.
  }
}
