/**
 * The only writer of a run's log, for as long as it holds the run's lease.
 *
 * Durable, then visible: an event is handed to viewers only after the append that gave it its id was
 * committed. While a commit is in flight, what arrives waits and goes with the next one.
 */
import { type ActiveRun, endActive } from "./active.ts";
import { takeBatch, type Waiting } from "./batch.ts";
import {
  applyStored,
  emptyView,
  foldEvents,
  type LogEvent,
  type RecordingGap,
  type RunView,
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
import { type LeaseContext, LeaseLostError, takeLease } from "./lease.ts";
import { catchUp, Summaries } from "./summaries.ts";
import { readTrace } from "./trace.ts";

/** What a writer needs of the world. */
export interface WriterContext extends LeaseContext {
  /** Called after a commit with what it made durable; `ended` with the log's last events. */
  readonly onDurable: (runId: string, events: readonly LogEvent[], ended: boolean) => void;
  /** Called while a commit is under way with what it makes durable, if it succeeds. */
  readonly onCommitting?: (runId: string, events: readonly LogEvent[]) => void;
  /** Called when somebody else changed who may see the run. */
  readonly onMembers?: (runId: string, members: readonly string[]) => void;
  /** What all writers of this process hold unwritten (UTF-16 code units). */
  readonly held?: { chars: number };
}

/** While the store is away a process holds so much in memory: 32 MiB at two bytes a character. */
const MAX_HELD_CHARS = 16 * 1024 * 1024;

/** Appends to one run's log. */
export class LogWriter {
  readonly runId: string;
  readonly #context: WriterContext;
  #head: Head;
  #versionstamp: string;
  /** What the durable part of the log says. */
  #view: RunView;
  readonly #summaries: Summaries;
  /** Members' lines are still to be written. */
  #lagging = false;
  #nextId: number;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  #heldChars = 0;
  #failure: unknown = null;
  /** Until when the trace is known to be whole (Unix ms); `undefined` where it was not to be recorded. */
  recordedMs: () => number | undefined;
  #gaps: RecordingGap[] = [];
  /** Called when the API has told us something about the run that its stream may not have said. */
  onNotified: () => void = () => {};

  private constructor(runId: string, context: WriterContext, head: VersionedHead, view: RunView) {
    this.runId = runId;
    this.#context = context;
    this.#head = head.head;
    this.#versionstamp = head.versionstamp;
    this.#view = view;
    this.#summaries = new Summaries(context.kv, runId);
    this.#nextId = head.head.last_id + 1;
    const { recorded_ms } = head.head;
    this.recordedMs = () => recorded_ms;
  }

  /**
   * Takes the run's lease and returns its writer, handing every event that the log already has to
   * `recorded`; `null` where the run is over, unknown, or somebody else's for now. `reopen` is for a run
   * that is over without its end.
   */
  static async acquire(
    context: WriterContext,
    runId: string,
    recorded: (event: LogEvent) => void,
    reopen?: ActiveRun,
  ): Promise<LogWriter | null> {
    const taken = await takeLease(context, runId, reopen);
    if (taken === null) return null;
    let view = emptyView();
    const range = { from: 1, to: taken.head.last_id, output: null };
    for await (const event of readTrace(context.kv, runId, range)) {
      recorded(event);
      view = applyStored(view, event);
    }
    return new LogWriter(runId, context, taken, view);
  }

  /** What the durable part of the log says of the run. */
  get status(): string {
    return this.#view.status;
  }

  /** Events that wait for a commit: a reader of a fast upstream pauses while these pile up. */
  get backlog(): number {
    return this.#waiting.length;
  }

  /** Whether this process holds as much unwritten as it may: readers wait until some of it is written. */
  get isFull(): boolean {
    return (this.#context.held?.chars ?? 0) > MAX_HELD_CHARS;
  }

  /** Writes down, with the next event, that what came before it may be missing since then (Unix ms). */
  tellGap(from_ms: number): void {
    // A gap has a length, even where both times fall into one millisecond.
    const to_ms = Math.max(this.#context.now(), from_ms + 1);
    this.#gaps.push({ after: this.#nextId - 1, from_ms, to_ms });
  }

  /** Appends an event. Throws {@linkcode LeaseLostError} once the lease is lost. */
  append(type: string, data: string): void {
    this.#push(type, data, undefined);
  }

  /**
   * Appends the event that ends the log. `output` is the JSON text of the result where the event does
   * not carry it itself. Resolves when everything is durable.
   */
  async end(type: string, data: string, output: string | null): Promise<void> {
    this.#push(type, data, { output });
    await this.settled();
  }

  /** Resolves when everything appended so far is durable. Rejects as {@linkcode append} throws. */
  async settled(): Promise<void> {
    while (this.#flushing !== null) await this.#flushing;
    if (this.#failure !== null) throw this.#failure;
  }

  /** Prolongs the lease where no append did so lately. Rejects as {@linkcode append} throws. */
  async renew(): Promise<void> {
    // What waits behind a failed append must not be written: it would leave a gap.
    if (this.#failure !== null) throw this.#failure;
    const { leaseMs, now } = this.#context;
    if (
      this.#head.ended || this.#flushing !== null || this.#head.lease_until - now() > leaseMs / 2
    ) return;
    this.#flushing = this.#flush();
    await this.settled();
  }

  /** Gives the lease back, so that another process may go on at once. Never rejects. */
  async release(): Promise<void> {
    try {
      await this.settled();
      if (!this.#head.ended) {
        await this.#commit(
          { ...this.#head, ...this.#recorded(), lease_until: 0 },
          this.#view,
          [],
        );
      }
    } catch {
      // The lease runs out by itself.
    }
  }

  #push(type: string, data: string, end: Waiting["end"]): void {
    if (this.#failure !== null) throw this.#failure;
    const event: LogEvent = {
      id: this.#nextId++,
      received_ms: this.#context.now(),
      type,
      data,
    };
    this.#waiting.push(end === undefined ? { event } : { event, end });
    this.#hold(data.length);
    if (this.#flushing === null) this.#flushing = this.#flush();
  }

  /** Never rejects: a failure is kept. */
  async #flush(): Promise<void> {
    try {
      do await this.#flushSome(); while (this.#waiting.length > 0);
    } catch (error) {
      this.#failure = error;
      this.#hold(-this.#heldChars);
    } finally {
      // In the same breath as the last look at what waits: nothing may be left there.
      this.#flushing = null;
    }
  }

  async #flushSome(): Promise<void> {
    const { committer, leaseMs, now: clock } = this.#context;
    const target = { committer, runId: this.runId, fence: this.#head.fence };
    const { waiting, mutations, output } = await takeBatch(this.#waiting, target);
    const ended = waiting.some(({ end }) => end !== undefined);
    const now = clock();
    const view = foldEvents(waiting.map(({ event }) => event), this.#view);
    // One that is told now belongs to an event that waits.
    const gaps = this.#gaps.splice(0);
    const head: Head = {
      ...this.#head,
      last_id: waiting.at(-1)?.event.id ?? this.#head.last_id,
      status: view.status,
      ended,
      output: output ?? this.#head.output,
      lease_until: ended ? 0 : now + leaseMs,
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
    const committing = this.#commit(head, view, mutations);
    if (events.length > 0) this.#context.onCommitting?.(this.runId, events);
    await committing;
    this.#hold(-waiting.reduce((sum, { event }) => sum + event.data.length, 0));
    if (events.length > 0) this.#context.onDurable(this.runId, events, ended);
    if (this.#lagging) await this.#catchUp();
  }

  #hold(chars: number): void {
    this.#heldChars += chars;
    if (this.#context.held !== undefined) this.#context.held.chars += chars;
  }

  /** Writes the lines of members who were too many for the commit: after viewers have the events. */
  async #catchUp(): Promise<void> {
    const own = { fence: this.#head.fence, view: this.#view };
    const found = await catchUp(this.#context, this.runId, own);
    // Whoever took over a run that is over, to remove it, needs no lines.
    if (found === null && this.#head.ended) return;
    this.#head = this.#merge(this.#head, found);
    this.#summaries.committed(this.#head, this.#view);
    this.#lagging = false;
  }

  /** A head of ours with what others have changed meanwhile. Throws where this writer is not the one. */
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

  /** Commits with the new head and the members' summaries; goes on where only the members changed. */
  async #commit(
    next: Head,
    view: RunView,
    mutations: readonly Deno.KvMutation[],
  ): Promise<void> {
    const { kv, committer } = this.#context;
    const key = headKey(this.runId);
    for (let head = next;;) {
      const { writes, lagging } = this.#summaries.isCurrent(head, view)
        ? { writes: [], lagging: false }
        : await this.#summaries.writes(head, view, this.#context.now());
      const result = await committer.commit({
        checks: [{ key, versionstamp: this.#versionstamp }],
        mutations: [
          { type: "set", key, value: head },
          ...mutations,
          ...writes.flatMap((write) => write.mutations),
        ],
      });
      if (result.ok) {
        this.#head = head;
        this.#view = view;
        this.#summaries.committed(head, view);
        this.#versionstamp = result.versionstamp;
        this.#lagging ||= lagging;
        return;
      }
      head = this.#merge(head, await readHead(kv, this.runId));
    }
  }
}
