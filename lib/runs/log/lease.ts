/** A run's lease: only its holder writes the run's log. Also the writer's dependencies. */
import type { LogEvent, RunView } from "../model/mod.ts";
import type { Committer, Write } from "../../store/mod.ts";
import { type ActiveRun, resumeActive, type RunKey } from "./active.ts";
import { type Head, headKey, lacksEnd, readHead, type VersionedHead } from "./head.ts";

/** Settings for taking leases. */
export interface LeaseContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  /** Identifies this process in leases. */
  readonly owner: string;
  /** How long a lease lasts unless it is renewed (ms). */
  readonly leaseMs: number;
  /**
   * Returns whether the process with that name is known to have ended: its leases can be taken at once.
   */
  readonly isGone?: (owner: string) => boolean;
  /** Gives owners time to come back when the store is remote. */
  readonly grace?: LeaseGrace;
}

/** An expired lease is forgotten when it was not checked for this long (ms). */
const FORGET_MS = 10 * 60_000;

/**
 * After a store outage every process reconnects at once, and healthy owners' leases have expired. So
 * leave an expired lease alone for a while after this process first sees it: its owner writes its
 * waiting events as soon as it can.
 */
export class LeaseGrace {
  readonly #graceMs: number;
  /** When a run's expired lease was first seen (Unix ms), and which lease it was. */
  readonly #seen = new Map<string, { readonly lease: string; readonly seenMs: number }>();

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /** Returns how much longer to leave the expired lease alone (ms). */
  leftMs(
    runId: string,
    { fence, lease_until }: Pick<Head, "fence" | "lease_until">,
    now: number,
  ): number {
    const lease = `${fence} ${lease_until}`;
    const known = this.#seen.get(runId);
    if (known?.lease === lease) return Math.max(0, known.seenMs + this.#graceMs - now);
    // Most leases are taken over soon after. The check and the following takeover must get the same
    // result.
    for (const [id, { seenMs }] of this.#seen) {
      if (seenMs + FORGET_MS < now) this.#seen.delete(id);
    }
    this.#seen.set(runId, { lease, seenMs: now });
    return this.#graceMs;
  }
}

/** Another process took over the run. Events that the writer still held were not written. */
export class LeaseLostError extends Error {
  override name = "LeaseLostError";
}

/** Returns how long a lease prevents this process from taking it (ms); 0 if it may take it now. */
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
 * Takes a run's lease and raises its fence, which stops the previous holder. Returns `null` if the run
 * has ended, is unknown, or is held by another process. With `reopen`, takes the lease of a run whose
 * log stopped before its end, and makes it active again.
 */
export async function takeLease(
  context: LeaseContext,
  runId: string,
  reopen?: ActiveRun,
): Promise<VersionedHead | null> {
  for (;;) {
    const free = await findLease(context, runId, reopen);
    if (free === null) return null;
    const { head, versionstamp } = free;
    const key = headKey(runId);
    const result = await context.committer.commit({
      checks: [{ key, versionstamp }],
      mutations: [
        { type: "set", key, value: head },
        ...reopen === undefined ? [] : resumeActive(runId, reopen),
      ],
    });
    if (result.ok) return { head, versionstamp: result.versionstamp };
    // Another process took it, or a member or notification changed the head: the next check finds out.
  }
}

/**
 * Returns the head that takes a run's lease, and the version of the head that it replaces; `null` as
 * {@linkcode takeLease}. Nothing is taken until a commit that checks the version writes the head.
 */
export async function findLease(
  context: LeaseContext,
  runId: string,
  reopen?: ActiveRun,
): Promise<VersionedHead | null> {
  const { kv, now, owner, leaseMs } = context;
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
  return { head, versionstamp: found.versionstamp };
}

/** The dependencies of a writer of a run's log. */
export interface WriterContext extends LeaseContext {
  /** Further keys of an account: for when the API refuses the one that reads a run. */
  readonly sparesOf?: (account: string) => Promise<readonly RunKey[]>;
  /** Called after a commit with the events now durable. `ended` comes with the log's last events. */
  readonly onDurable: (runId: string, events: readonly LogEvent[], ended: boolean) => void;
  /** Called during a commit with the events that it makes durable if it succeeds. */
  readonly onCommitting?: (runId: string, events: readonly LogEvent[]) => void;
  /** Called when another writer changed who can see the run. */
  readonly onMembers?: (runId: string, members: readonly string[]) => void;
  /** The unwritten text of all writers of this process (UTF-16 code units). */
  readonly held?: { chars: number };
  /**
   * Returns writes for the commit that changes the run's status or ends it, with at most 8 checks. Called
   * again if one of these fails.
   */
  readonly onStatus?: (change: StatusChange) => Promise<Write>;
}

/** A run's status is about to change, or the run is about to end. */
export interface StatusChange {
  readonly runId: string;
  readonly head: Head;
  readonly view: RunView;
}
