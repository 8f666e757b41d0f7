/**
 * Imports a run that ended elsewhere, with its whole trace. Never changes a run that exists here, and
 * never restores one that was deleted here.
 *
 * An import writes as a recorder does: it claims the run's head with a lease and a fence, and every
 * write checks the head. A second import of the same run waits for the first one and takes over its
 * claim when the lease expires, or its process is known to have ended. It deletes the first one's writes
 * before it writes anything.
 */
import { pause, type Timers } from "../../base/mod.ts";
import { type CommitResult, type Committer, deleteAll, type Write } from "../../store/mod.ts";
import {
  cutResult,
  digestEvents,
  emptyDigest,
  type LogEvent,
  type RecordingGap,
  type StoredRun,
} from "../model/mod.ts";
import {
  batchEntry,
  batchLength,
  digestMutations,
  type EncodedEvent,
  encodeEvent,
  type Head,
  headKey,
  readHead,
  recordMutation,
  runKey,
  summaryWith,
  tracePrefixes,
  type VersionedHead,
  writeOutput,
} from "../log/mod.ts";
import { joinHistory, readMember, summaryOf } from "../history/mod.ts";
import { deletedKey, purgeKey } from "./removal.ts";

/** A run as described by a file. */
export interface ImportedRun {
  readonly run: StoredRun;
  readonly title: string | null;
  readonly ended_ms: number | null;
  readonly events: readonly LogEvent[];
  /** Times when the run was active but not recorded. */
  readonly gaps?: readonly RecordingGap[];
  /** The result's original JSON. */
  readonly output_text: string | null;
}

/** The dependencies for importing. */
export interface ImportContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  readonly timers?: Timers;
  /** This process, in leases. */
  readonly owner?: string;
  /** Whether the process that held a lease is known to have ended. */
  readonly isGone?: (owner: string) => boolean;
}

/**
 * `known`: the account has the run. `deleted`: it had. `taken`: another account here has a run with that
 * id.
 */
export type ImportOutcome = "imported" | "known" | "deleted" | "taken";

/** How long a claim holds between two writes (ms). */
const LEASE_MS = 10_000;
/** How often to poll another import of the same run (ms). */
const POLL_MS = 100;
/** When to remove the remains of an import that crashed (ms). */
const ABANDONED_MS = 3_600_000;
/** The number of events to encode or fold before yielding to other work. */
const SLICE = 200;

/** Stores a run for an account, unless the store already has that id. */
export async function importRun(
  context: ImportContext,
  account: string,
  imported: ImportedRun,
): Promise<ImportOutcome> {
  const { kv, now, timers } = context;
  const { run_id: runId } = imported.run;
  for (;;) {
    if (await readMember(kv, account, runId) !== null) return "known";
    const deleted = await kv.get(deletedKey(account, runId));
    if (deleted.value !== null) return "deleted";
    const found = await readHead(kv, runId);
    if (found !== null && !isUnfinished(found.head)) {
      // Another import of the account finished since the last look.
      return found.head.members.includes(account) ? "known" : "taken";
    }
    const isHeld = found !== null && found.head.lease_until > now() &&
      !(context.isGone?.(found.head.lease_owner) ?? false);
    if (isHeld) {
      // The same account sent the same file twice. Wait and report how the first import ends.
      if (found.head.importing !== account) return "taken";
      await pause(POLL_MS, new AbortController().signal, timers);
      continue;
    }
    const claim = new Claim(context, account, imported, found);
    try {
      await claim.acquire();
      await claim.write(imported, deleted);
      return "imported";
    } catch (error) {
      if (error instanceof ClaimLostError) continue;
      await claim.release();
      throw error;
    }
  }
}

/** The head was changed by another writer. Nothing was written. */
class ClaimLostError extends Error {
  override name = "ClaimLostError";
}

/** Returns whether a head is a claim without a run: it has no members and never had a recorder. */
export function isUnfinished(head: Head): boolean {
  const { members, leaving = [], gone, ended, fence, importing } = head;
  // Older claims were not marked as such. They have no fence.
  return members.length === 0 && leaving.length === 0 && !gone && ended &&
    (importing !== undefined || fence === 0);
}

/** The right to write a run, valid until another writer changes its head. */
class Claim implements Pick<Committer, "commit"> {
  readonly #context: ImportContext;
  readonly #account: string;
  readonly #runId: string;
  /** When the sweep removes this claim's remains if it is never finished (Unix ms). */
  readonly #due: number;
  #head: Head;
  #versionstamp: string | null;
  /** Writes one at a time: each changes the head that the next one checks. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(
    context: ImportContext,
    account: string,
    { run, ended_ms, gaps = [] }: ImportedRun,
    found: VersionedHead | null,
  ) {
    this.#context = context;
    this.#account = account;
    this.#runId = run.run_id;
    this.#due = context.now() + ABANDONED_MS;
    this.#versionstamp = found?.versionstamp ?? null;
    this.#head = {
      last_id: 0,
      status: "completed",
      ended: true,
      fence: (found?.head.fence ?? 0) + 1,
      lease_owner: context.owner ?? "",
      lease_until: 0,
      importing: account,
      output: null,
      members: [],
      created_ms: run.created_ms,
      ended_ms,
      ...(gaps.length === 0 ? {} : { gaps }),
    };
  }

  /** Claims the id for this import. Throws {@linkcode ClaimLostError} if another import was quicker. */
  async acquire(): Promise<void> {
    const isFirst = this.#versionstamp === null;
    const key = purgeKey(this.#due, this.#account, this.#runId);
    await this.commit({ mutations: [{ type: "set", key, value: null }] });
    if (!isFirst) await this.#clear();
  }

  /** Releases the id to the next import. Never rejects: if this fails, the lease expires by itself. */
  async release(): Promise<void> {
    await this.#writing;
    const head = { ...this.#head, lease_until: 0 };
    await this.#commit({ mutations: [] }, head).catch(() => {});
  }

  /** Commits if the claim is still this import's, and extends it. Throws {@linkcode ClaimLostError}. */
  commit(write: Write): Promise<CommitResult> {
    const written = this.#writing.then(() => this.#commit(write));
    this.#writing = written.catch(() => {});
    return written;
  }

  async #commit({ checks = [], mutations }: Write, last?: Head): Promise<CommitResult> {
    const { committer, now } = this.#context;
    const key = headKey(this.#runId);
    const head: Head = last ?? { ...this.#head, lease_until: now() + LEASE_MS };
    const result = await committer.commit({
      checks: [{ key, versionstamp: this.#versionstamp }, ...checks],
      mutations: [{ type: "set", key, value: head }, ...mutations],
    });
    if (!result.ok) throw new ClaimLostError(`The import of ${this.#runId} was overtaken`);
    [this.#head, this.#versionstamp] = [head, result.versionstamp];
    return result;
  }

  /** Deletes the writes of an earlier claim. */
  async #clear(): Promise<void> {
    for (const prefix of [...tracePrefixes(this.#runId), runKey(this.#runId)]) {
      const found = await Array.fromAsync(this.#context.kv.list({ prefix }));
      await deleteAll(this, found.map(({ key }) => key));
    }
  }

  /** Writes the run and adds it to the account's history. */
  async write(imported: ImportedRun, deleted: Deno.AtomicCheck): Promise<void> {
    const { run, title, events, output_text: resultText } = imported;
    const ref = resultText === null
      ? null
      : await writeOutput(this, this.#runId, this.#head.fence, resultText);
    let digest = emptyDigest(run.created_ms);
    for (let at = 0; at < events.length; at += SLICE) {
      const slice = events.slice(at, at + SLICE);
      digest = digestEvents(slice, digest);
      await this.#append(await this.#encode(slice, events.length, resultText));
    }
    const { view } = digest;
    const chars = events.reduce((sum, { data }) => sum + data.length, 0);
    const { importing: _, ...claimed } = this.#head;
    const head: Head = {
      ...claimed,
      lease_until: 0,
      last_id: events.length,
      status: view.status,
      output: ref,
      members: [this.#account],
    };
    const { now } = this.#context;
    const record = await recordMutation(this, run, null);
    const line = summaryWith(summaryOf(run, view.status), head, view);
    const joined = joinHistory(this.#account, { ...line, title: title ?? line.title }, {
      nowMs: now(),
      member: { title, starred: false, share_token: null },
    });
    const write: Write = {
      checks: [deleted, ...joined.checks],
      mutations: [
        record,
        ...digestMutations(this.#runId, digest, { since: 0, chars, ended: true }),
        { type: "delete", key: purgeKey(this.#due, this.#account, this.#runId) },
        ...joined.mutations,
      ],
    };
    await this.#commit(write, head);
  }

  async #encode(
    slice: readonly LogEvent[],
    last: number,
    resultText: string | null,
  ): Promise<EncodedEvent[]> {
    const encoded: EncodedEvent[] = [];
    for (const event of slice) {
      const cut = event.id === last ? cutResult(event.data, resultText) : null;
      const stored = cut === null ? event : { ...event, data: cut.data };
      encoded.push(await encodeEvent(this, this.#runId, this.#head.fence, stored, cut?.at));
    }
    return encoded;
  }

  async #append(encoded: readonly EncodedEvent[]): Promise<void> {
    for (let rest = encoded; rest.length > 0;) {
      const [first, ...others] = rest.slice(0, batchLength(rest));
      if (first === undefined) break;
      const { key, value } = batchEntry(this.#runId, [first, ...others]);
      await this.commit({ mutations: [{ type: "set", key, value }] });
      rest = rest.slice(1 + others.length);
    }
  }
}
