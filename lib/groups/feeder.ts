/**
 * Records the runs of one group from the group's own streams: one connection tells which runs have ended, and
 * snapshots of the runs bring their results. A run's own stream is not opened.
 */
import { GroupStreamError, type GroupStreamOptions, type TaskClient } from "../parallel/mod.ts";
import { growingWaitMs, readHead } from "../runs/mod.ts";
import { pause } from "../base/mod.ts";
import type { Timers } from "../sse/mod.ts";
import { adoptRuns, type KeepOfGroup } from "./adopt.ts";
import { Book } from "./book.ts";
import { finish, type FinishContext, recordState, type RunEvent, SingleLooks } from "./finish.ts";
import { States } from "./states.ts";

/** What a feeder needs of the world. */
export interface FeederContext extends FinishContext {
  /** A silent connection counts as dead after this long (ms). */
  readonly stallMs: number;
  readonly timers?: Timers | undefined;
  /** What comes within this time of the first of several ends is fetched with it (ms). */
  readonly gatherMs: number;
}

/** Where a group is asked about, and whose its runs are. */
export interface FeedSource {
  readonly client: TaskClient;
  readonly simulated: boolean;
  readonly keep: KeepOfGroup;
}

/** How often a group is looked at without any news of it (ms). */
const LOOK_EVERY_MS = 30_000;
/** Logs that are ended at once. */
const AT_ONCE = 16;
/** Single runs asked about in one round. */
const SINGLES = 50;

/** Feeds the runs of a group. */
export class Feeder {
  readonly #context: FeederContext;
  readonly #groupId: string;
  readonly #source: FeedSource;
  readonly #book = new Book();
  readonly #singles = new SingleLooks();
  /** Runs whose logs are not ended. */
  readonly #open = new Set<string>();
  /** Of these, the ones that have ended at the API. */
  readonly #ended = new Map<string, RunEvent>();
  /** When the group is to be looked at in any case (Unix ms), in order. */
  #looks: number[] = [];
  #isStale = true;
  /** Runs may be there that nobody knows of: the group has to answer once. */
  #isExpecting = false;
  readonly #states = new States();
  #news = Promise.withResolvers<void>();

  constructor(context: FeederContext, groupId: string, source: FeedSource) {
    this.#context = context;
    this.#groupId = groupId;
    this.#source = source;
  }

  /** Runs whose logs are not ended. */
  get open(): ReadonlySet<string> {
    return this.#open;
  }

  /** Runs of the group are stored, and to be recorded. */
  add(runIds: Iterable<string>): void {
    for (const id of runIds) if (!this.#book.isDone(id)) this.#open.add(id);
    this.#lookSoon();
  }

  /** Runs may be there that nobody knows of: the group is looked at now, and at these times (Unix ms). */
  expect(times: readonly number[]): void {
    const now = this.#context.now();
    this.#isExpecting = true;
    this.#looks = [...this.#looks, ...times.filter((ms) => ms > now)].sort((a, b) => a - b);
    this.#lookSoon();
  }

  /** Feeds the group until all of its runs are recorded. Rejects with the signal's reason, and where KV fails. */
  async run(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const stop = AbortSignal.any([signal, over.signal]);
    const listening = this.#listen(stop).catch(() => {});
    try {
      for (let failures = 0;;) {
        try {
          if (this.#isStale) await this.#look(stop);
          await this.#collect(stop);
          failures = 0;
        } catch (error) {
          if (!(error instanceof GroupStreamError)) throw error;
          // The group does not tell: its runs may.
          this.#lookSoon();
          await this.#askSingly([...this.#open], stop);
          if (this.#open.size === 0 && this.#looks.length === 0 && !this.#isExpecting) return;
          await pause(growingWaitMs(failures++), stop, this.#context.timers);
        }
        if (this.#open.size === 0 && this.#looks.length === 0 && !this.#isStale) return;
        await this.#waitForNews(stop);
      }
    } finally {
      over.abort();
      await listening;
    }
  }

  /** Hears which runs end. */
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
            const isChanged = num_task_runs > this.#book.size ||
              this.#states.hasStarts(event.status, this.#open.size, this.#context.now());
            if (!is_active || isChanged) this.#lookSoon();
          } else if (event.kind === "run" && !event.run.is_active) {
            if (this.#tells(event)) attempt = 0;
          }
          if ("eventId" in event) cursor = event.eventId ?? cursor;
        }
      } catch (error) {
        if (!(error instanceof GroupStreamError)) throw error;
      }
      // What happened while nobody listened is told again, or seen by a look.
      this.#lookSoon();
      await pause(growingWaitMs(attempt), signal, timers);
    }
  }

  /** Whether an end is news. */
  #tells(event: RunEvent): boolean {
    const { run_id: id } = event.run;
    if (!this.#open.has(id) || this.#ended.has(id)) return false;
    this.#ended.set(id, event);
    this.#news.resolve();
    return true;
  }

  #lookSoon(): void {
    this.#isStale = true;
    this.#news.resolve();
  }

  async #waitForNews(signal: AbortSignal): Promise<void> {
    const { gatherMs, now, timers } = this.#context;
    const late = new AbortController();
    const next = Math.min(LOOK_EVERY_MS, (this.#looks[0] ?? Infinity) - now());
    const waited = pause(Math.max(0, next), AbortSignal.any([signal, late.signal]), timers)
      .then(() => this.#lookSoon(), () => {});
    await Promise.race([this.#news.promise, waited]);
    late.abort();
    signal.throwIfAborted();
    await pause(gatherMs, signal, timers);
    this.#news = Promise.withResolvers();
  }

  /** Sees how all runs stand that are not recorded to their end, and which there are. */
  async #look(signal: AbortSignal): Promise<void> {
    this.#isStale = false;
    const now = this.#context.now();
    this.#looks = this.#looks.filter((ms) => ms > now);
    this.#states.looked(now);
    const { client } = this.#source;
    let changed: RunEvent[] = [];
    // More may be added while this goes on.
    const expected = [...this.#open];
    const seen = new Set<string>(), unknown = new Map<string, RunEvent>();
    const after = this.#book.cursorBefore(this.#open);
    for await (const event of client.groups.runs(this.#groupId, { lastEventId: after, signal })) {
      if (event.kind !== "run") continue;
      const { run_id: id, is_active } = event.run;
      this.#book.saw(id, event.eventId);
      seen.add(id);
      if (!this.#open.has(id)) {
        if (!this.#book.isDone(id)) unknown.set(id, event);
      } else if (!is_active) this.#tells(event);
      else if (this.#states.isNew(event.run)) changed.push(event);
      if (changed.length === AT_ONCE) {
        await this.#recordStates(changed);
        changed = [];
      }
    }
    await this.#recordStates(changed);
    await this.#meet(unknown, signal);
    this.#isExpecting = false;
    await this.#askSingly(expected.filter((id) => !seen.has(id)), signal);
  }

  /** Runs of the group that are new here: stored by another process, or not at all. */
  async #meet(unknown: ReadonlyMap<string, RunEvent>, signal: AbortSignal): Promise<void> {
    const strangers = new Set<string>();
    for (const id of unknown.keys()) {
      const found = await readHead(this.#context.kv, id);
      if (found === null) strangers.add(id);
      else if (found.head.ended) this.#book.finish(id);
      else this.#open.add(id);
    }
    if (strangers.size > 0) {
      const { client, keep, simulated } = this.#source;
      const after = this.#book.cursorBefore(strangers);
      const wanted = { wanted: strangers, after, simulated, keep, signal };
      for (const id of await adoptRuns(client, this.#groupId, wanted)) this.#open.add(id);
    }
    for (const [id, event] of unknown) {
      if (!this.#open.has(id)) this.#book.finish(id);
      else if (!event.run.is_active) this.#tells(event);
    }
  }

  async #recordStates(events: readonly RunEvent[]): Promise<void> {
    await Promise.all(events.map(async (event) => {
      if (await recordState(this.#context, event)) this.#states.recorded(event.run);
    }));
  }

  /** Ends the logs of runs that have ended: with the group's own results, or with those of single runs. */
  async #collect(signal: AbortSignal): Promise<void> {
    const { client } = this.#source;
    const results = [...this.#ended.values()].filter(({ run, outputText }) =>
      run.status === "completed" && outputText === null
    ).map(({ run }) => run.run_id);
    // A snapshot brings what is recorded already once more.
    if (results.length > 0 && this.#book.repeatedBy(results) <= 4 * results.length) {
      const wanted = new Set(results);
      const options = {
        status: "completed",
        includeOutput: true,
        lastEventId: this.#book.cursorBefore(wanted),
        signal,
      } as const;
      let batch: RunEvent[] = [];
      for await (const event of client.groups.runs(this.#groupId, options)) {
        if (event.kind !== "run" || event.outputText === null) continue;
        if (!wanted.delete(event.run.run_id)) continue;
        batch.push(event);
        if (batch.length === AT_ONCE) {
          await this.#finishAll(batch, signal);
          batch = [];
        }
        if (wanted.size === 0) break;
      }
      await this.#finishAll(batch, signal);
    }
    const rest = [...this.#ended.values()];
    for (let from = 0; from < rest.length; from += AT_ONCE) {
      await this.#finishAll(rest.slice(from, from + AT_ONCE), signal);
    }
  }

  async #finishAll(events: readonly RunEvent[], signal: AbortSignal): Promise<void> {
    const { client } = this.#source;
    await Promise.all(events.map(async (event) => {
      const isOver = await finish(this.#context, event, { client, signal });
      this.#settle(event.run.run_id, isOver);
    }));
  }

  /** Asks about single runs, and leaves the others to the next round. */
  async #askSingly(runIds: readonly string[], signal: AbortSignal): Promise<void> {
    const { client } = this.#source;
    const asked = runIds.slice(0, SINGLES);
    for (let from = 0; from < asked.length; from += AT_ONCE) {
      await Promise.all(
        asked.slice(from, from + AT_ONCE).map(async (id) => {
          this.#settle(id, await this.#singles.ask(this.#context, id, { client, signal }));
        }),
      );
    }
    if (asked.length < runIds.length) this.#lookSoon();
  }

  #settle(runId: string, isOver: boolean): void {
    // One that somebody else writes is looked at again later.
    this.#ended.delete(runId);
    if (!isOver) return;
    this.#open.delete(runId);
    this.#states.forget(runId);
    this.#book.finish(runId);
  }
}
