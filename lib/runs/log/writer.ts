/**
 * The only writer of a run's log while it holds the run's lease.
 *
 * Durable first, then visible: viewers receive an event only after the append that gave it its ID was
 * committed. Events that arrive during a commit wait and go into the next one.
 */
import { type ActiveRun, endActive } from "./active.ts";
import { HeldText, takeBatch, type Waiting } from "./batch.ts";
import { digestLog, digestMutations } from "./digest.ts";
import {
  type Digest,
  digestEvents,
  type LogEvent,
  type RecordingGap,
  withResult,
} from "../model/mod.ts";
import {
  endMs,
  type Head,
  headKey,
  lacksEnd,
  mergeHead,
  readHead,
  type VersionedHead,
  withGaps,
} from "./head.ts";
import { findLease, LeaseLostError, takeLease, type WriterContext } from "./lease.ts";
import { catchUp, Summaries } from "./summaries.ts";

/** An event of this length fits one commit with its result, whatever its characters are (UTF-16 units). */
export const SHORT_CHARS = 15_000;

/** Appends to one run's log. */
export class LogWriter {
  readonly runId: string;
  readonly #context: WriterContext;
  #head: Head;
  #versionstamp: string;
  /** The fold of the durable part of the log, and how far it is ahead of the stored one. */
  #digest: Digest;
  #ahead = { since: 0, chars: 0 };
  readonly #summaries: Summaries;
  /** Whether members' lines remain to be written. */
  #lagging = false;
  /** Whether the lease is given back by the commit that takes it. */
  #isOnce = false;
  #nextId: number;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  readonly #held: HeldText;
  #failure: unknown = null;
  /** Until when the trace is known to be complete (Unix ms). `undefined` if nothing was recorded. */
  recordedMs: () => number | undefined;
  #gaps: RecordingGap[] = [];
  /** Called when the API reported something about the run that its stream may not have contained. */
  onNotified: () => void = () => {};

  private constructor(runId: string, context: WriterContext, head: VersionedHead, digest: Digest) {
    this.runId = runId;
    this.#context = context;
    this.#held = new HeldText(context.held);
    this.#head = head.head;
    this.#versionstamp = head.versionstamp;
    this.#digest = digest;
    this.#summaries = new Summaries(context.kv, runId);
    this.#nextId = head.head.last_id + 1;
    const { recorded_ms } = head.head;
    this.recordedMs = () => recorded_ms;
  }

  /**
   * Takes the run's lease and returns its writer. Passes every event already in the log to `recorded`.
   * Returns `null` if the run has ended, is unknown, or is held by another process. `reopen` is for a
   * run whose log stopped before its end.
   */
  static async acquire(
    context: WriterContext,
    runId: string,
    recorded: (event: LogEvent) => void,
    reopen?: ActiveRun,
  ): Promise<LogWriter | null> {
    const taken = await takeLease(context, runId, reopen);
    return taken === null ? null : await LogWriter.#open(context, runId, taken, recorded);
  }

  /**
   * Returns a writer for one short append, or `null` as {@linkcode acquire} does. The append's own commit
   * takes the lease and gives it back; it throws {@linkcode LeaseLostError} if the head has changed since. The
   * event and its result must fit that commit: see {@linkcode SHORT_CHARS}.
   */
  static async acquireOnce(context: WriterContext, runId: string): Promise<LogWriter | null> {
    const free = await findLease(context, runId);
    if (free === null) return null;
    const writer = await LogWriter.#open(context, runId, free, () => {});
    writer.#isOnce = true;
    return writer;
  }

  static async #open(
    context: WriterContext,
    runId: string,
    taken: VersionedHead,
    recorded: (event: LogEvent) => void,
  ): Promise<LogWriter> {
    const digest = await digestLog(context.kv, runId, taken.head, recorded);
    return new LogWriter(runId, context, taken, digest);
  }

  /** The status of the durable part of the log. */
  get status(): string {
    return this.#digest.view.status;
  }

  /** Events waiting for a commit. A reader of a fast upstream pauses while they pile up. */
  get backlog(): number {
    return this.#waiting.length;
  }

  /** Whether this process has reached its limit of unwritten events: readers then wait. */
  get isFull(): boolean {
    return this.#held.isFull;
  }

  /** Records, with the next event, that earlier events may be missing since this time (Unix ms). */
  recordGap(from_ms: number): void {
    // A gap has a length even if both times are in the same millisecond.
    const to_ms = Math.max(this.#context.now(), from_ms + 1);
    this.#gaps.push({ after: this.#nextId - 1, from_ms, to_ms });
  }

  /** Appends an event. Throws {@linkcode LeaseLostError} once the lease is lost. */
  append(type: string, data: string): void {
    this.#push(type, data, undefined);
  }

  /**
   * Appends the event that ends the log. `output` is the result's JSON text if the event does not
   * contain it. Resolves when everything is durable.
   */
  async end(type: string, data: string, output: string | null): Promise<void> {
    this.#push(type, data, { output });
    await this.settled();
  }

  /** Resolves when all appended events are durable. Rejects as {@linkcode append} throws. */
  async settled(): Promise<void> {
    while (this.#flushing !== null) await this.#flushing;
    if (this.#failure !== null) throw this.#failure;
  }

  /** Extends the lease if no recent append did. Rejects as {@linkcode append} throws. */
  async renew(): Promise<void> {
    // Do not write events that wait behind a failed append: that would leave a gap.
    if (this.#failure !== null) throw this.#failure;
    const { leaseMs, now } = this.#context;
    if (
      this.#head.ended || this.#flushing !== null || this.#head.lease_until - now() > leaseMs / 2
    ) return;
    this.#flushing = this.#flush();
    await this.settled();
  }

  /** Releases the lease, so another process can continue at once. Never rejects. */
  async release(): Promise<void> {
    try {
      await this.settled();
      if (!this.#head.ended && !this.#isOnce) {
        const head = { ...this.#head, ...this.#recorded(), lease_until: 0 };
        await this.#commit(head, this.#digest, []);
      }
    } catch {
      // The lease expires by itself.
    }
  }

  #push(type: string, data: string, end: Waiting["end"]): void {
    if (this.#failure !== null) throw this.#failure;
    const received_ms = this.#context.now();
    const event: LogEvent = { id: this.#nextId++, received_ms, type, data };
    this.#waiting.push(end === undefined ? { event } : { event, end });
    this.#held.add(data.length);
    if (this.#flushing === null) this.#flushing = this.#flush();
  }

  /** Never rejects: stores a failure instead. */
  async #flush(): Promise<void> {
    try {
      do await this.#flushSome(); while (this.#waiting.length > 0);
    } catch (error) {
      this.#failure = error;
      this.#held.clear();
    } finally {
      // No await between the last check of the queue and this: an event could be left there.
      this.#flushing = null;
    }
  }

  async #flushSome(): Promise<void> {
    const { committer, leaseMs, now: clock } = this.#context;
    const target = { committer, runId: this.runId, fence: this.#head.fence };
    const { waiting, mutations, output } = await takeBatch(this.#waiting, target);
    const ended = waiting.some(({ end }) => end !== undefined);
    const now = clock();
    const digest = digestEvents(waiting.map(({ event }) => event), this.#digest);
    const { view } = digest;
    // A gap reported from now on belongs to a waiting event.
    const gaps = this.#gaps.splice(0);
    const head: Head = {
      ...this.#head,
      last_id: waiting.at(-1)?.event.id ?? this.#head.last_id,
      status: view.status,
      ended,
      output: output ?? this.#head.output,
      lease_until: ended || this.#isOnce ? 0 : now + leaseMs,
      ...this.#recorded(),
      ...withGaps(this.#head.gaps, gaps),
      ended_ms: ended ? endMs(waiting.at(-1)?.event, this.#head.created_ms, now) : null,
    };
    if (ended) {
      const { kv } = this.#context;
      mutations.push(...await endActive(kv, this.runId, { stopped: lacksEnd(head) }));
    }
    const events = waiting.map(({ event, end }) =>
      end === undefined ? event : { ...event, data: withResult(event.data, end.output) }
    );
    const chars = waiting.reduce((sum, { event }) => sum + event.data.length, 0);
    const ahead = { ...this.#ahead, chars: this.#ahead.chars + chars };
    const kept = digestMutations(this.runId, digest, { ...ahead, ended });
    const committing = this.#commit(head, digest, [...mutations, ...kept]);
    if (events.length > 0) this.#context.onCommitting?.(this.runId, events);
    await committing;
    this.#ahead = kept.length > 0 ? { since: view.lastId, chars: 0 } : ahead;
    this.#held.add(-chars);
    if (events.length > 0) this.#context.onDurable(this.runId, events, ended);
    if (this.#lagging) await this.#catchUp();
  }

  /** Writes the lines of members who did not fit the commit, after viewers have the events. */
  async #catchUp(): Promise<void> {
    const own = { fence: this.#head.fence, view: this.#digest.view };
    const found = await catchUp(this.#context, this.runId, own);
    // A process that took over an ended run in order to remove it does not need the lines.
    if (found === null && this.#head.ended) return;
    this.#head = this.#merge(this.#head, found);
    this.#summaries.committed(this.#head, this.#digest.view);
    this.#lagging = false;
  }

  /** Our head with others' changes. Throws if another writer has taken over. */
  #merge(own: Head, found: VersionedHead | null): Head {
    if (found === null || found.head.fence !== own.fence) {
      throw new LeaseLostError(`The recording of ${this.runId} was taken over`);
    }
    if (own.webhook?.id !== found.head.webhook?.id) this.onNotified();
    const head = mergeHead(own, found.head);
    this.#context.onMembers?.(this.runId, head.members);
    this.#versionstamp = found.versionstamp;
    return head;
  }

  #recorded(): Pick<Head, "recorded_ms"> {
    const recorded_ms = this.recordedMs();
    return recorded_ms === undefined ? {} : { recorded_ms };
  }

  /** Commits with the new head and the members' summaries. Retries if only the members changed. */
  async #commit(next: Head, digest: Digest, mutations: readonly Deno.KvMutation[]): Promise<void> {
    const { kv, committer } = this.#context;
    const key = headKey(this.runId);
    const { view } = digest;
    for (let head = next;;) {
      const [{ writes, lagging }, further] = await Promise.all([
        this.#summaries.writes(head, view, this.#context.now()),
        view.status === this.#digest.view.status && head.ended === this.#head.ended
          ? null
          : this.#context.onStatus?.({ runId: this.runId, head, view }),
      ]);
      const result = await committer.commit({
        checks: [{ key, versionstamp: this.#versionstamp }, ...further?.checks ?? []],
        mutations: [
          { type: "set", key, value: head },
          ...mutations,
          ...writes.flatMap((write) => write.mutations),
          ...further?.mutations ?? [],
        ],
      });
      if (result.ok) {
        this.#head = head;
        this.#digest = digest;
        this.#summaries.committed(head, view);
        this.#versionstamp = result.versionstamp;
        this.#lagging ||= lagging;
        return;
      }
      // Without a lease the fence is not ours alone: another writer may have raised it to the same number.
      if (this.#isOnce) throw new LeaseLostError(`The head of ${this.runId} has changed`);
      head = this.#merge(head, await readHead(kv, this.runId));
    }
  }
}
