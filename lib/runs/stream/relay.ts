/**
 * Streams runs' logs. A recorder of this process publishes its events here. For a run that another process
 * records, the relay follows the run's head in the store.
 */
import { patient } from "../../store/mod.ts";
import { type Head, headKey, readHead, readTrace } from "../log/mod.ts";
import type { LogEvent } from "../model/mod.ts";
import {
  Channel,
  type OpenOptions,
  type StreamOutcome,
  Streams,
  type StreamsContext,
} from "./channel.ts";
import { followKey } from "./follow.ts";
import type { Audience } from "./viewer.ts";

/** The dependencies of the relay. */
export interface RelayContext extends StreamsContext {
  /** Returns whether the process of that name is known to have ended. */
  readonly isGone?: (owner: string) => boolean;
  /** Called once per lease for a run that has viewers here and no recorder in any process. */
  readonly onOrphan?: ((runId: string) => void) | undefined;
}

/** Streams runs' logs. One per process. */
export class Relay {
  readonly #context: RelayContext;
  readonly #streams: Streams<LogEvent, RunChannel>;
  /** Runs that a recorder of this process writes. */
  readonly #local = new Set<string>();

  constructor(context: RelayContext) {
    this.#context = context;
    this.#streams = new Streams(context);
  }

  /** The viewers of runs that are not finished. */
  get viewers(): number {
    return this.#streams.viewers;
  }

  /** Call when a recorder of this process takes a run over or releases it. */
  recording(runId: string, isLocal: boolean): void {
    if (isLocal) this.#local.add(runId);
    else this.#local.delete(runId);
    if (!isLocal) this.#streams.get(runId)?.letGo();
  }

  /** Encodes events while a local recorder commits them. */
  prepare(runId: string, events: readonly LogEvent[]): void {
    this.#streams.get(runId)?.prepare(events);
  }

  /** Sends durable events of a local recorder to the run's viewers. */
  publish(runId: string, events: readonly LogEvent[], ended: boolean): void {
    this.#streams.get(runId)?.add(events, ended);
  }

  /**
   * Opens a stream of the events after an id. An id that the log has not reached is not one of this run:
   * the stream begins with the first event.
   */
  async open(
    runId: string,
    after: number,
    options: Omit<OpenOptions<LogEvent>, "after" | "first"> = {},
  ): Promise<StreamOutcome> {
    const found = await readHead(this.#context.kv, runId);
    if (found === null) return { status: "unknown" };
    const { head } = found;
    const from = after <= head.last_id ? after : 0;
    if (head.ended && from === head.last_id) return { status: "done" };
    const make = () => new RunChannel(this.#context, runId, head, () => this.#local.has(runId));
    this.#streams.get(runId)?.update(head);
    return this.#streams.open(runId, make, { ...options, after: from });
  }

  /** Ends the streams of a run for every audience that may no longer see it. */
  dismiss(runId: string, isGone: (audience: Audience) => boolean): void {
    this.#streams.get(runId)?.dismiss(isGone);
  }

  /** Ends the streams of a run for accounts that are not members of it. */
  keepMembers(runId: string, members: readonly string[]): void {
    this.dismiss(runId, ({ account }) => !members.includes(account));
  }

  /** Ends every stream. Viewers resume elsewhere. */
  drain(): void {
    this.#streams.drain();
  }
}

/** The live end of a run's log. */
class RunChannel extends Channel<LogEvent> {
  readonly #context: RelayContext;
  /** For open streams: reads wait for a store that is unavailable. */
  readonly #kv: Deno.Kv;
  readonly #runId: string;
  readonly #isLocal: () => boolean;
  #lastId: number;
  #ended: boolean;
  /** The head that reported the end, if any. It locates the result. */
  #lastHead: Head | null;
  /** The end of the lease that was last reported as expired (Unix ms). */
  #orphanedMs: number | null = null;
  #onLetGo: () => void = () => {};

  constructor(context: RelayContext, runId: string, head: Head, isLocal: () => boolean) {
    super(context);
    this.#context = context;
    this.#kv = patient(context.kv);
    this.#runId = runId;
    this.#isLocal = isLocal;
    this.#lastId = head.last_id;
    this.#ended = head.ended;
    this.#lastHead = head.ended ? head : null;
  }

  override get ended(): boolean {
    return this.#ended;
  }

  override async read(after: number): Promise<AsyncIterable<LogEvent> | Iterable<LogEvent>> {
    const to = this.#lastId;
    if (after >= to) return [];
    // Read the head after `to`: an older head may not know the result that event `to` refers to.
    const head = this.#lastHead ?? (await readHead(this.#kv, this.#runId))?.head;
    const range = { from: after + 1, to, output: head?.output ?? null };
    return readTrace(this.#kv, this.#runId, range);
  }

  /** Sends events that are durable. Those that viewers have already are left out. */
  add(events: readonly LogEvent[], ended: boolean): void {
    const fresh = events.filter(({ id }) => id > this.#lastId);
    const first = fresh[0], last = fresh.at(-1);
    if (first !== undefined && last !== undefined) {
      this.#lastId = last.id;
      // If events before these are missing, no viewer is at that id, and all read the log.
      this.publish(first.id - 1, fresh);
    }
    if (!ended) return;
    this.#ended = true;
    this.wake();
  }

  /** Adopts the state of a newer head: the log has ended, or was reopened. */
  update(head: Head): void {
    if (head.ended === this.#ended || head.last_id < this.#lastId) return;
    this.#ended = head.ended;
    this.#lastHead = head.ended ? head : null;
    this.#lastId = head.last_id;
    this.wake();
  }

  /** Call when the local recorder has released the run. */
  letGo(): void {
    this.#onLetGo();
  }

  /** Follows the head whenever no local recorder publishes the run's events. */
  protected override async follow(signal: AbortSignal): Promise<void> {
    const { pollMs, wakeups, timers } = this.#context;
    const options = {
      kv: this.#kv,
      key: headKey(this.#runId),
      pollMs,
      watch: true,
      wakeups,
      signal,
      timers,
    };
    for (let isStored = true; isStored && !this.#ended && !signal.aborted;) {
      // With a local recorder too, once: it may have published events after the head was read for the
      // first viewer, and before this channel was made.
      isStored = await followKey<Head>(options, async ({ value }) => {
        if (value !== null) await this.#onHead(value);
        return value === null || value.ended || this.#isLocal();
      });
      while (this.#isLocal() && !signal.aborted) {
        await new Promise<void>((resolve) => {
          this.#onLetGo = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
    }
  }

  async #onHead(head: Head): Promise<void> {
    this.dismiss(({ account }) => !head.members.includes(account));
    this.#noticeOrphan(head);
    const { last_id: to, output, ended } = head;
    const events = to <= this.#lastId ? [] : await Array.fromAsync(
      readTrace(this.#kv, this.#runId, { from: this.#lastId + 1, to, output }),
    );
    this.add(events, ended);
  }

  /** Reports a run without a recorder at once: the API does not replay a run that is over. */
  #noticeOrphan({ ended, lease_until: until, lease_owner: owner }: Head): void {
    const { now, isGone, onOrphan } = this.#context;
    if (ended || this.#orphanedMs === until || until > now() && !isGone?.(owner)) return;
    this.#orphanedMs = until;
    onOrphan?.(this.#runId);
  }
}
