/**
 * Takes in a run that ended elsewhere, with its whole trace. What is here already is never touched, and
 * neither is what was deleted here.
 *
 * An import writes as a recorder does: it claims the run's head with a lease and a fence, and every write
 * checks the head. A second import of the same run waits for the first one, and takes its claim over once
 * the lease has run out; what the first one wrote until then is removed before anything is written.
 */
import { pause, type Timers } from "../../base/mod.ts";
import { type CommitResult, type Committer, deleteAll, type Write } from "../../store/mod.ts";
import { summaryOf } from "./create.ts";
import {
  applyStored,
  cutResult,
  emptyView,
  type LogEvent,
  type RecordingGap,
  type StoredRun,
} from "../model/mod.ts";
import {
  batchEntry,
  batchLength,
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
import { joinHistory, readMember } from "../history/mod.ts";
import { deletedKey, purgeKey } from "./removal.ts";

/** A run as a file tells of it. */
export interface ImportedRun {
  readonly run: StoredRun;
  readonly title: string | null;
  readonly ended_ms: number | null;
  readonly events: readonly LogEvent[];
  /** When nobody recorded although the run went on. */
  readonly gaps?: readonly RecordingGap[];
  /** JSON of the result as it came. */
  readonly output_text: string | null;
}

/** What importing needs of the world. */
export interface ImportContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  readonly timers?: Timers;
}

/** `known`: the account has it. `deleted`: it had. `taken`: another account here has a run of that id. */
export type ImportOutcome = "imported" | "known" | "deleted" | "taken";

/** How long a claim is its importer's between two writes (ms). */
const LEASE_MS = 10_000;
/** How often another import of the same run is looked at (ms). */
const POLL_MS = 100;
/** What an import that died has left is removed after this long (ms). */
const ABANDONED_MS = 3_600_000;
/** Events that are encoded, or folded, before anything else gets a turn. */
const SLICE = 200;

/** Stores a run for an account, unless the store has one of that id. */
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
      // Finished by another import of the account since we looked.
      return found.head.members.includes(account) ? "known" : "taken";
    }
    if (found !== null && found.head.lease_until > now()) {
      // Its own account gets to know how it ends: the same file, sent twice.
      if (found.head.importing !== account) return "taken";
      await pause(POLL_MS, new AbortController().signal, timers);
      continue;
    }
    const claim = new Claim(context, account, imported, found);
    try {
      await claim.take();
      await claim.write(imported, deleted);
      return "imported";
    } catch (error) {
      if (error instanceof ClaimLostError) continue;
      await claim.release();
      throw error;
    }
  }
}

/** Somebody else has changed the head since: nothing was written. */
class ClaimLostError extends Error {
  override name = "ClaimLostError";
}

/** Whether a head is a claim without a run: nobody has it, and no recorder ever did. */
export function isUnfinished(head: Head): boolean {
  const { members, leaving = [], gone, ended, fence, importing } = head;
  // Claims were not marked once; they had no fence.
  return members.length === 0 && leaving.length === 0 && !gone && ended &&
    (importing !== undefined || fence === 0);
}

/** The right to write a run, for as long as nobody else has changed its head. */
class Claim implements Pick<Committer, "commit"> {
  readonly #context: ImportContext;
  readonly #account: string;
  readonly #runId: string;
  /** When the sweep removes what is left of this claim, should it never be finished (Unix ms). */
  readonly #due: number;
  #head: Head;
  #versionstamp: string | null;
  /** One write after the other: each changes the head that the next one checks. */
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
      lease_owner: "",
      lease_until: 0,
      importing: account,
      output: null,
      members: [],
      created_ms: run.created_ms,
      ended_ms,
      ...(gaps.length === 0 ? {} : { gaps }),
    };
  }

  /** Makes the id this import's. Throws {@linkcode ClaimLostError} where somebody else was quicker. */
  async take(): Promise<void> {
    const isFirst = this.#versionstamp === null;
    const key = purgeKey(this.#due, this.#account, this.#runId);
    await this.commit({ mutations: [{ type: "set", key, value: null }] });
    if (!isFirst) await this.#clear();
  }

  /** Lets the next import have the id at once. Never rejects: else the lease runs out by itself. */
  async release(): Promise<void> {
    await this.#writing;
    const head = { ...this.#head, lease_until: 0 };
    await this.#commit({ mutations: [] }, head).catch(() => {});
  }

  /** Commits while the claim is this import's, and prolongs it. Throws {@linkcode ClaimLostError}. */
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

  /** Removes what a claim before this one has written. */
  async #clear(): Promise<void> {
    for (const prefix of [...tracePrefixes(this.#runId), runKey(this.#runId)]) {
      const found = await Array.fromAsync(this.#context.kv.list({ prefix }));
      await deleteAll(this, found.map(({ key }) => key));
    }
  }

  /** Writes the run, and makes it the account's. */
  async write(imported: ImportedRun, deleted: Deno.AtomicCheck): Promise<void> {
    const { run, title, events, output_text: resultText } = imported;
    const ref = resultText === null
      ? null
      : await writeOutput(this, this.#runId, this.#head.fence, resultText);
    let view = emptyView();
    for (let at = 0; at < events.length; at += SLICE) {
      const slice = events.slice(at, at + SLICE);
      for (const event of slice) view = applyStored(view, event);
      await this.#append(await this.#encode(slice, events.length, resultText));
    }
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
