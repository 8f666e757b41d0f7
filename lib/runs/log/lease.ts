/**
 * The lease of a run: whoever holds it is the only one that writes its log.
 */
import type { Committer } from "../../store/mod.ts";
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
  /** Gives owners time to come back, where the store is far away. */
  readonly grace?: LeaseGrace;
}

/** An expired lease that nobody has asked about for this long is forgotten (ms). */
const FORGET_MS = 10 * 60_000;

/**
 * A store that was away comes back for everyone at once, and the lease of a healthy owner has run out
 * meanwhile. So an expired lease is left alone for a while after this process first saw it: its owner
 * writes what it holds as soon as it can.
 */
export class LeaseGrace {
  readonly #graceMs: number;
  /** When the expired lease of a run was first seen (Unix ms), and which one that was. */
  readonly #seen = new Map<string, { readonly lease: string; readonly seenMs: number }>();

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /** How long the expired lease must be left alone from now on (ms). */
  leftMs(
    runId: string,
    { fence, lease_until }: Pick<Head, "fence" | "lease_until">,
    now: number,
  ): number {
    const lease = `${fence} ${lease_until}`;
    const known = this.#seen.get(runId);
    if (known?.lease === lease) return Math.max(0, known.seenMs + this.#graceMs - now);
    // Most are taken over soon after: whoever asks, and who then takes the lease, must hear the same.
    for (const [id, { seenMs }] of this.#seen) {
      if (seenMs + FORGET_MS < now) this.#seen.delete(id);
    }
    this.#seen.set(runId, { lease, seenMs: now });
    return this.#graceMs;
  }
}

/** Another process took the run over: whatever a writer still held was not written. */
export class LeaseLostError extends Error {
  override name = "LeaseLostError";
}

/** How long a lease keeps this process from taking it (ms); 0 where it may. */
export function heldForMs(
  { now, owner, isGone, grace }: Pick<LeaseContext, "now" | "owner" | "isGone" | "grace">,
  runId: string,
  head: Pick<Head, "lease_owner" | "lease_until" | "fence">,
): number {
  const { lease_owner, lease_until } = head;
  if (lease_until === 0 || lease_owner === owner || isGone?.(lease_owner)) return 0;
  const leftMs = lease_until - now();
  return leftMs > 0 ? leftMs : grace?.leftMs(runId, head, now()) ?? 0;
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
    if (heldForMs(context, runId, found.head) > 0) return null;
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
    });
    if (result.ok) return { head, versionstamp: result.versionstamp };
    // Taken by another process, or only changed (a member, a notification): the next look tells.
  }
}
