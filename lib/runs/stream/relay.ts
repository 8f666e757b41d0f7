/**
 * Sends a run's log to its viewers, from any id on, then live.
 *
 * Every viewer reads the log from KV until it has caught up, then joins the live tail of its run. A live
 * event is encoded once and the same bytes go to every viewer through a bounded queue; a viewer that
 * does not keep up is cut loose and resumes by id, so it slows nobody. Where another process records
 * the run, the tail follows its head instead of the local recorder.
 */
import { SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";
import { patient } from "../../store/mod.ts";
import type { LogEvent } from "../model/mod.ts";
import { concat, encodeEvent, Frames, HEARTBEAT } from "./frames.ts";
import { type Head, readHead, readTrace } from "../log/mod.ts";
import { followHead } from "./follow.ts";
import { Replay } from "./replay.ts";
import type { StreamSlots } from "../../limits/mod.ts";
import type { Audience, Tail } from "./tail.ts";
import { Viewer } from "./viewer.ts";

/** What the relay needs of the world. */
export interface RelayContext {
  readonly kv: Deno.Kv;
  /** A silent stream carries a comment after this long (ms). */
  readonly heartbeatMs: number;
  /** How often the head of a run that is recorded elsewhere is read (ms). */
  readonly pollMs: number;
  /** Streams that accounts and share links have open in this process, those of lists included. */
  readonly slots: StreamSlots;
  readonly now: () => number;
  /** Whether the process of that name is known to have ended. */
  readonly isGone?: (owner: string) => boolean;
  /** Told of a run that is watched here and that nobody records, once a lease. */
  readonly onOrphan?: (runId: string) => void;
  /** Time for heartbeats and polls, passed in for tests. */
  readonly timers?: Timers;
}

/** Whose a stream is. */
export interface OpenOptions {
  /** Who watches; without it the stream stays whoever may see the run. */
  readonly audience?: Audience;
  /** What the stream counts against; without it, against nothing. */
  readonly limitKey?: string;
}

/** What a viewer gets. */
export type RelayAnswer =
  | { readonly status: "unknown" }
  /** The log is over and there is nothing after the id asked for. */
  | { readonly status: "done" }
  /** So many are open already; one is likely to close in a moment. */
  | { readonly status: "full"; readonly limit: number; readonly retryAfterSeconds: number }
  | { readonly status: "open"; readonly body: ReadableStream<Uint8Array> };

/** A page that was closed or reloaded gives its stream back at once. */
const RETRY_AFTER_SECONDS = 5;

interface Opening {
  readonly runId: string;
  readonly head: Head;
  readonly from: number;
  readonly audience: Audience | undefined;
  readonly release: () => void;
}

/** Streams runs' logs. One per process. */
export class Relay {
  readonly #context: RelayContext;
  /** For streams that are open: they wait for a store that is away. */
  readonly #kv: Deno.Kv;
  readonly #tails = new Map<string, Tail>();
  /** Runs that a recorder of this process writes. */
  readonly #local = new Set<string>();
  /** Streams of finished runs. */
  readonly #replays = new Map<Replay, Pick<Opening, "runId" | "audience">>();
  readonly #frames = new Frames();
  readonly #timers: Timers;
  #draining = false;

  constructor(context: RelayContext) {
    this.#context = context;
    this.#kv = patient(context.kv);
    this.#timers = context.timers ?? SYSTEM_TIMERS;
  }

  /** Viewers that are connected now. */
  get viewers(): number {
    return this.#tails.values().reduce((count, { viewers }) => count + viewers.size, 0);
  }

  /** A recorder of this process took a run over, or let it go. */
  recording(runId: string, local: boolean): void {
    if (local) this.#local.add(runId);
    else this.#local.delete(runId);
    const tail = this.#tails.get(runId);
    if (tail === undefined) return;
    tail.local = local;
    if (!local && !tail.ended) this.#follow(runId, tail);
  }

  /** A local recorder is making events durable: what viewers will get of them is encoded meanwhile. */
  prepare(runId: string, events: readonly LogEvent[]): void {
    if (this.#tails.has(runId)) this.#frames.prepare(events);
  }

  /** Hands durable events of a local recorder to the run's viewers. */
  publish(runId: string, events: readonly LogEvent[], ended: boolean): void {
    const tail = this.#tails.get(runId);
    if (tail !== undefined) this.#send(tail, events, ended);
  }

  /**
   * Opens a stream of the events after `after`. An id that the log has not reached means everything
   * from the first, for it is no id of this run.
   */
  async open(
    runId: string,
    after: number,
    { limitKey, audience }: OpenOptions = {},
  ): Promise<RelayAnswer> {
    const { kv, slots } = this.#context;
    const found = await readHead(kv, runId);
    if (found === null) return { status: "unknown" };
    const { head } = found;
    const from = after <= head.last_id ? after + 1 : 1;
    if (head.ended && from > head.last_id) return { status: "done" };
    const release = limitKey === undefined ? () => {} : slots.take(limitKey);
    if (release === null) {
      return { status: "full", limit: slots.limit, retryAfterSeconds: RETRY_AFTER_SECONDS };
    }
    const open = { runId, head, from, audience, release };
    return { status: "open", body: head.ended ? this.#replay(open) : this.#watch(open) };
  }

  /** Ends the streams of a run for everybody who may not see it any more. */
  dismiss(runId: string, isGone: (audience: Audience) => boolean): void {
    for (const [viewer, audience] of this.#tails.get(runId)?.viewers ?? []) {
      if (audience !== undefined && isGone(audience)) viewer.close();
    }
    for (const [replay, { runId: id, audience }] of this.#replays) {
      if (id === runId && audience !== undefined && isGone(audience)) replay.close();
    }
  }

  /** Ends the streams of a run for accounts that are no members of it (any more). */
  keepMembers(runId: string, members: readonly string[]): void {
    this.dismiss(runId, ({ account }) => !members.includes(account));
  }

  /** Ends every stream; viewers resume elsewhere. */
  drain(): void {
    this.#draining = true;
    for (const tail of this.#tails.values()) {
      for (const viewer of tail.viewers.keys()) viewer.close();
      this.#close(tail);
    }
    this.#tails.clear();
    for (const replay of this.#replays.keys()) replay.close();
  }

  /** A finished run streams straight from KV, at the viewer's own pace. */
  #replay({ runId, head, from, audience, release }: Opening): ReadableStream<Uint8Array> {
    const range = { from, to: head.last_id, output: head.output };
    const replay = new Replay({
      events: readTrace(this.#kv, runId, range),
      encode: encodeEvent,
      onClose: () => {
        release();
        this.#replays.delete(replay);
      },
    });
    this.#replays.set(replay, { runId, audience });
    if (this.#draining) replay.close();
    return replay.stream;
  }

  #watch({ runId, head, from, audience, release }: Opening): ReadableStream<Uint8Array> {
    const tail = this.#tailOf(runId, head);
    const viewer = new Viewer(tail, from, release);
    tail.viewers.set(viewer, audience);
    return viewer.stream;
  }

  #tailOf(runId: string, head: Head): Tail {
    const existing = this.#tails.get(runId);
    if (existing !== undefined) return existing;
    const tail: Tail = {
      viewers: new Map(),
      encode: encodeEvent,
      read: async (from) => {
        // Before the head is read: a later end would come with a head that knows no result yet.
        const to = tail.lastId;
        const at = await readHead(this.#kv, runId);
        return readTrace(this.#kv, runId, { from, to, output: at?.head.output ?? null });
      },
      leave: (viewer) => this.#leave(runId, tail, viewer),
      lastId: head.last_id,
      // A process that is leaving sends what there is, and its viewers go on elsewhere.
      ended: head.ended || this.#draining,
      lastSent: this.#context.now(),
      local: this.#local.has(runId),
      following: false,
      orphanedMs: null,
      timer: undefined,
      closed: new AbortController(),
    };
    this.#tails.set(runId, tail);
    this.#beat(tail);
    // Also for a local recorder: between reading the head and now it may have published to nobody.
    this.#follow(runId, tail);
    return tail;
  }

  #leave(runId: string, tail: Tail, viewer: Viewer): void {
    tail.viewers.delete(viewer);
    if (tail.viewers.size > 0) return;
    this.#close(tail);
    if (this.#tails.get(runId) === tail) this.#tails.delete(runId);
  }

  #send(tail: Tail, events: readonly LogEvent[], ended: boolean): void {
    const fresh = events.filter((event) => event.id > tail.lastId);
    const first = fresh[0], last = fresh.at(-1);
    if (first !== undefined && last !== undefined) {
      // A gap: these events are durable, and viewers read what lies before them from the log.
      const live = first.id === tail.lastId + 1;
      tail.lastId = last.id;
      tail.lastSent = this.#context.now();
      const frame = live ? concat(fresh.map((event) => this.#frames.of(event))) : null;
      for (const viewer of tail.viewers.keys()) {
        if (frame === null) viewer.wake();
        else viewer.send(first.id, last.id, frame);
      }
    }
    if (!ended) return;
    tail.ended = true;
    for (const viewer of tail.viewers.keys()) viewer.wake();
  }

  /** Follows the head of a run: until its local recorder takes over, or the log or all viewers are gone. */
  #follow(runId: string, tail: Tail): void {
    if (tail.following) return;
    tail.following = true;
    let handedOver = false;
    const { pollMs } = this.#context;
    followHead(
      { kv: this.#kv, runId, pollMs, signal: tail.closed.signal, timers: this.#timers },
      async (head) => {
        this.keepMembers(runId, head.members);
        this.#noticeOrphan(runId, head, tail);
        if (head.last_id > tail.lastId) {
          const range = { from: tail.lastId + 1, to: head.last_id, output: head.output };
          const events: LogEvent[] = [];
          for await (const event of readTrace(this.#kv, runId, range)) events.push(event);
          this.#send(tail, events, head.ended);
        } else if (head.ended) {
          this.#send(tail, [], true);
        }
        handedOver = tail.local;
        return head.ended || handedOver;
      },
    ).catch(() => {
      // KV failed: viewers resume, and their next attempt says so.
      for (const viewer of tail.viewers.keys()) viewer.close();
    }).finally(() => {
      tail.following = false;
      const open = !tail.ended && !tail.closed.signal.aborted;
      // The local recorder let the run go again before this follower was gone.
      if (handedOver && !tail.local && open) this.#follow(runId, tail);
    });
  }

  /** The API forgets what a run did once it is over: its recording should not wait. */
  #noticeOrphan(runId: string, head: Head, tail: Tail): void {
    const { now, isGone, onOrphan } = this.#context;
    const { ended, lease_until: until, lease_owner: owner } = head;
    if (ended || tail.orphanedMs === until || until > now() && !isGone?.(owner)) return;
    tail.orphanedMs = until;
    onOrphan?.(runId);
  }

  /** One timer a watched run, not one a viewer. */
  #beat(tail: Tail): void {
    const { heartbeatMs, now } = this.#context;
    tail.timer = this.#timers.setTimeout(() => {
      if (now() - tail.lastSent >= heartbeatMs) {
        tail.lastSent = now();
        for (const viewer of tail.viewers.keys()) viewer.comment(HEARTBEAT);
      }
      this.#beat(tail);
    }, Math.max(1, tail.lastSent + heartbeatMs - now()));
  }

  #close(tail: Tail): void {
    this.#timers.clearTimeout(tail.timer);
    tail.closed.abort();
  }
}
