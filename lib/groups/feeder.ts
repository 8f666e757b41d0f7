/**
 * Records the runs of one group from the group's own streams. One connection to the group's events reports
 * ended runs. Snapshots of the group's runs contain the results. No stream of a single run is opened.
 */
import { GroupStreamError, type GroupStreamOptions } from "../parallel/mod.ts";
import { growingWaitMs, readHead } from "../runs/mod.ts";
import { pause } from "../base/mod.ts";
import type { Timers } from "../sse/mod.ts";
import { adoptRuns, type FeedSource } from "./adopt.ts";
import {
  finish,
  type FinishContext,
  readResults,
  recordState,
  type RunEvent,
  SingleRuns,
} from "./finish.ts";
import { freeAtMs } from "./lease.ts";
import { RunOrder } from "./run_order.ts";
import { RunStates } from "./states.ts";

export interface FeederContext extends FinishContext {
  /** A silent connection counts as dead after this long (ms). */
  readonly stallMs: number;
  readonly timers?: Timers | undefined;
  /** How long to wait after a run has ended, to fetch its result together with others (ms). */
  readonly gatherMs: number;
  /** Whether the request that made a run is storing it, and will add it. */
  readonly isStoring: (runId: string) => boolean;
}

/** How often to check a group that sends no events (ms). */
const CHECK_EVERY_MS = 30_000;
/** How many states are recorded at once. */
const STATES_AT_ONCE = 64;
/** How many single runs to ask about in one round, and at once. */
const SINGLES_PER_ROUND = 50, SINGLES_AT_ONCE = 16;

/** Feeds the runs of a group. */
export class Feeder {
  readonly #context: FeederContext;
  readonly #groupId: string;
  readonly #source: FeedSource;
  readonly #order = new RunOrder();
  readonly #singles = new SingleRuns();
  /** Runs whose logs are not ended. */
  readonly #open = new Set<string>();
  /** Those of them that have ended at the API. */
  readonly #ended = new Map<string, RunEvent>();
  /** Runs of the stream that are neither open nor recorded, for example because their request stores them. */
  readonly #left = new Set<string>();
  /** When to check the group in any case (Unix ms), in order. */
  #checks: number[] = [];
  #isStale = true;
  /** The group may have runs that are not stored, so it must answer at least once. */
  #isExpecting = false;
  readonly #states = new RunStates();
  readonly #unread = new Map<string, number>();
  #news = Promise.withResolvers<void>();

  constructor(context: FeederContext, groupId: string, source: FeedSource) {
    this.#context = context;
    this.#groupId = groupId;
    this.#source = source;
  }

  get open(): ReadonlySet<string> {
    return this.#open;
  }

  /** Adds runs of the group that are stored and must be recorded. */
  add(runIds: Iterable<string>): void {
    for (const id of runIds) if (!this.#order.isRecorded(id)) this.#open.add(id);
    this.#checkSoon();
  }

  /** The group may have runs that are not stored: checks it now, and at these times (Unix ms). */
  expect(times: readonly number[]): void {
    const now = this.#context.now();
    this.#isExpecting = true;
    this.#checks = [...this.#checks, ...times.filter((ms) => ms > now)].sort((a, b) => a - b);
    this.#checkSoon();
  }

  /** A request is confirmed: these checks for it (Unix ms) are not needed. */
  confirmed(times: readonly number[]): void {
    this.#checks = this.#checks.filter((ms) => !times.includes(ms));
    this.#news.resolve();
  }

  /** Feeds the group until all of its runs are recorded. Rejects with the signal's reason, or if the store fails. */
  async run(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const stop = AbortSignal.any([signal, over.signal]);
    const listening = this.#listen(stop).catch(() => {});
    try {
      for (let failures = 0;;) {
        try {
          if (this.#isStale) await this.#check(stop);
          await this.#collect(stop);
          failures = 0;
        } catch (error) {
          if (!(error instanceof GroupStreamError)) throw error;
          // The group does not respond. Its single runs may.
          this.#checkSoon();
          await this.#askEach([...this.#open], stop);
          if (this.#open.size === 0 && this.#checks.length === 0 && !this.#isExpecting) return;
          await pause(growingWaitMs(failures++), stop, this.#context.timers);
        }
        if (this.#open.size === 0 && this.#checks.length === 0 && !this.#isStale) return;
        await this.#waitForNews(stop);
      }
    } finally {
      over.abort();
      await listening;
    }
  }

  /** Follows the group's events, which report ended runs. */
  async #listen(signal: AbortSignal): Promise<void> {
    const { stallMs, timers } = this.#context;
    let cursor: string | null = null;
    for (let attempt = 0;; attempt++) {
      try {
        const options: GroupStreamOptions = { lastEventId: cursor, idleTimeoutMs: stallMs, signal };
        const events = this.#source.client.groups.events(
          this.#groupId,
          timers === undefined ? options : { ...options, timers },
        );
        for await (const event of events) {
          if (event.kind === "status") {
            const { is_active, num_task_runs } = event.status;
            if (is_active) attempt = 0;
            const isChanged = num_task_runs > this.#order.size ||
              this.#states.mayHaveStarted(event.status, this.#open.size, this.#context.now());
            if (!is_active || isChanged) this.#checkSoon();
          } else if (event.kind === "run" && !event.run.is_active) {
            if (this.#noteEnd(event)) attempt = 0;
          }
          if ("eventId" in event) cursor = event.eventId ?? cursor;
        }
      } catch (error) {
        if (!(error instanceof GroupStreamError)) throw error;
      }
      // The next connection repeats missed events, or the check finds them.
      this.#checkSoon();
      await pause(growingWaitMs(attempt), signal, timers);
    }
  }

  /** Notes that a run has ended. Returns whether that was new. */
  #noteEnd(event: RunEvent): boolean {
    const { run_id: id } = event.run;
    if (!this.#open.has(id) || this.#ended.has(id)) return false;
    this.#ended.set(id, event);
    this.#news.resolve();
    return true;
  }

  #checkSoon(): void {
    this.#isStale = true;
    this.#news.resolve();
  }

  async #waitForNews(signal: AbortSignal): Promise<void> {
    const { gatherMs, now, timers } = this.#context;
    const late = new AbortController();
    const next = Math.min(CHECK_EVERY_MS, (this.#checks[0] ?? Infinity) - now());
    const waited = pause(Math.max(0, next), AbortSignal.any([signal, late.signal]), timers)
      .then(() => this.#checkSoon(), () => {});
    await Promise.race([this.#news.promise, waited]);
    late.abort();
    signal.throwIfAborted();
    await pause(gatherMs, signal, timers);
    this.#news = Promise.withResolvers();
  }

  /** Reads the state of all open runs, and finds new ones. */
  async #check(signal: AbortSignal): Promise<void> {
    this.#isStale = false;
    const now = this.#context.now();
    this.#checks = this.#checks.filter((ms) => ms > now);
    this.#states.checked(now);
    const { client } = this.#source;
    let changed: RunEvent[] = [];
    // More runs may be added during this check.
    const expected = [...this.#open];
    const seen = new Set<string>(), unknown = new Map<string, RunEvent>();
    const after = this.#order.cursorBefore([...this.#open, ...this.#left]);
    for await (const event of client.groups.runs(this.#groupId, { lastEventId: after, signal })) {
      if (event.kind !== "run") continue;
      const { run_id: id, is_active } = event.run;
      this.#order.add(id, event.eventId);
      seen.add(id);
      this.#left.delete(id);
      if (!this.#open.has(id)) {
        if (this.#order.isRecorded(id)) continue;
        this.#left.add(id);
        if (!this.#context.isStoring(id)) unknown.set(id, event);
      } else if (!is_active) this.#noteEnd(event);
      else if (this.#states.isNew(event.run)) changed.push(event);
      if (changed.length === STATES_AT_ONCE) {
        await this.#recordStates(changed);
        changed = [];
      }
    }
    await this.#recordStates(changed);
    await this.#addUnknown(unknown, signal);
    this.#isExpecting = false;
    await this.#askEach(expected.filter((id) => !seen.has(id)), signal);
  }

  /** Adds runs that are new to this feeder: another process stored them, or they are not stored yet. */
  async #addUnknown(unknown: ReadonlyMap<string, RunEvent>, signal: AbortSignal): Promise<void> {
    const unstored = new Set<string>();
    // Simultaneous reads share requests.
    const heads = [...unknown.keys()].map(async (id) =>
      [id, await readHead(this.#context.kv, id)] as const
    );
    for (const [id, found] of await Promise.all(heads)) {
      if (found === null) unstored.add(id);
      else if (found.head.ended) this.#order.markRecorded(id);
      else this.#open.add(id);
    }
    if (unstored.size > 0) {
      const after = this.#order.cursorBefore(unstored);
      const wanted = { ...this.#source, wanted: unstored, after, signal, unread: this.#unread };
      const { kept, refused } = await adoptRuns(this.#source.client, this.#groupId, wanted);
      for (const id of kept) this.#open.add(id);
      for (const id of [...kept, ...refused]) unstored.delete(id);
      // A truncated list can look complete.
      if (unstored.size > 0) this.#checkAt(this.#context.now() + CHECK_EVERY_MS);
    }
    for (const [id, event] of unknown) {
      if (unstored.has(id)) continue;
      this.#left.delete(id);
      if (!this.#open.has(id)) this.#order.markRecorded(id);
      else if (!event.run.is_active) this.#noteEnd(event);
    }
  }

  async #recordStates(events: readonly RunEvent[]): Promise<void> {
    await Promise.all(events.map(async (event) => {
      if (await recordState(this.#context, event)) this.#states.record(event.run);
    }));
  }

  /** Ends the logs of runs that have ended, with results from the group's stream or from the single runs. */
  async #collect(signal: AbortSignal): Promise<void> {
    // Runs that end meanwhile wait for the next round.
    const ended = [...this.#ended.values()];
    const results = ended.filter(({ run, outputText }) =>
      run.status === "completed" && outputText === null
    ).map(({ run }) => run.run_id);
    // A snapshot also repeats results that are recorded already.
    if (results.length > 0 && this.#order.countRepeated(results) <= 4 * results.length) {
      const after = this.#order.cursorBefore(results);
      const onResults = (some: readonly RunEvent[]) => this.#finishAll(some, signal);
      await readResults(this.#source.client, this.#groupId, results, { after, signal, onResults });
    }
    const rest = ended.filter(({ run }) => this.#ended.has(run.run_id));
    for (let from = 0; from < rest.length; from += SINGLES_AT_ONCE) {
      await this.#finishAll(rest.slice(from, from + SINGLES_AT_ONCE), signal);
    }
  }

  async #finishAll(events: readonly RunEvent[], signal: AbortSignal): Promise<void> {
    await Promise.all(events.map(async (event) => {
      const isOver = await finish(this.#context, event, { ...this.#source, signal });
      this.#settle(event.run.run_id, isOver);
      if (!isOver) this.#checkAt(await freeAtMs(this.#context, event.run.run_id));
    }));
  }

  /** Checks the group at this time (Unix ms) or earlier. */
  #checkAt(ms: number): void {
    if (!this.#checks.some((earlier) => earlier <= ms)) this.#checks.unshift(ms);
  }

  /** Asks about single runs. Those above the limit are asked about in the next round. */
  async #askEach(runIds: readonly string[], signal: AbortSignal): Promise<void> {
    const asked = runIds.slice(0, SINGLES_PER_ROUND);
    for (let from = 0; from < asked.length; from += SINGLES_AT_ONCE) {
      await Promise.all(
        asked.slice(from, from + SINGLES_AT_ONCE).map(async (id) => {
          this.#settle(id, await this.#singles.ask(this.#context, id, { ...this.#source, signal }));
        }),
      );
    }
    if (asked.length < runIds.length) this.#checkSoon();
  }

  #settle(runId: string, isOver: boolean): void {
    this.#ended.delete(runId);
    if (!isOver) return;
    this.#open.delete(runId);
    this.#states.forget(runId);
    this.#order.markRecorded(runId);
  }
}
