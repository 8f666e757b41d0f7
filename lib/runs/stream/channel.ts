/**
 * Streams of one log to all of its viewers in this process: bounded, resumable, with heartbeats.
 *
 * Every viewer first reads the log, after the id from which it resumes. When it has caught up it gets live
 * events: each is encoded once, and the same bytes go to every viewer through a bounded queue. A viewer that
 * does not keep up is cut off and resumes by id, so it slows no other viewer.
 */
import { SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";
import type { StreamSlots } from "../../limits/mod.ts";
import type { FollowOptions } from "./follow.ts";
import { Encoder, HEARTBEAT, type StreamEvent } from "./frames.ts";
import type { StoreNotices } from "./store_notices.ts";
import { type Audience, Viewer, type ViewerOptions, type ViewerSource } from "./viewer.ts";

/** The dependencies of streams. */
export interface StreamsContext {
  readonly kv: Deno.Kv;
  readonly now: () => number;
  /** The silence after which a stream carries a comment (ms). */
  readonly heartbeatMs: number;
  /** How often to check for what another process wrote (ms). */
  readonly pollMs: number;
  /** Reports at once that another process on the same file wrote. */
  readonly wakeups?: FollowOptions["wakeups"];
  /** The streams that accounts and share links have open in this process, of every kind. */
  readonly slots: StreamSlots;
  /** Tells viewers that the store is unavailable. */
  readonly notices?: Pick<StoreNotices, "isAway" | "comment" | "onChange"> | undefined;
  readonly timers?: Timers | undefined;
}

/** A stream, or the reason why there is none. */
export type OpenedStream =
  | { readonly status: "open"; readonly body: ReadableStream<Uint8Array> }
  /** Too many streams are open. One may close in a moment. */
  | { readonly status: "full"; readonly limit: number; readonly retryAfterSeconds: number };

/** The same, for logs that may not exist and may end. */
export type StreamOutcome =
  | OpenedStream
  /** There is no such log, or the viewer may not see it. */
  | { readonly status: "unknown" }
  /** The log has ended, and there is nothing after the id. */
  | { readonly status: "done" };

/** How a stream is opened. */
export interface OpenOptions<Event extends StreamEvent>
  extends Pick<ViewerOptions<Event>, "after" | "first" | "audience"> {
  /** What the stream counts against. Without a key it counts against nothing. */
  readonly limitKey?: string | undefined;
  /** What the viewer may see of an event. The same for all viewers of one share link. */
  readonly show?: ((event: Event) => StreamEvent) | undefined;
}

/** A page that was closed or reloaded gives its slot back within this time. */
const RETRY_AFTER_SECONDS = 5;

/** The live end of one log while it has viewers. Subclasses read the log, and follow it. */
export abstract class Channel<Event extends StreamEvent> implements ViewerSource<Event> {
  readonly #context: StreamsContext;
  readonly #timers: Timers;
  readonly #viewers = new Set<Viewer<Event>>();
  /** One per share link, and one for members. */
  readonly #encoders = new Map<string | null, Encoder<Event>>();
  #following: AbortController | null = null;
  #heartbeat: unknown;
  #lastSentMs = 0;
  #isDraining = false;
  /** Called when the last viewer has left. */
  onEmpty: () => void = () => {};

  constructor(context: StreamsContext) {
    this.#context = context;
    this.#timers = context.timers ?? SYSTEM_TIMERS;
  }

  /** Whether nothing will be added to the log. */
  abstract readonly ended: boolean;

  abstract read(after: Event["id"]): Promise<AsyncIterable<Event> | Iterable<Event>>;

  /**
   * Follows the log while it has viewers: publishes events that another process writes, or wakes the viewers.
   * If it rejects, the viewers' streams end, and they resume.
   */
  protected abstract follow(signal: AbortSignal): Promise<void>;

  get isOver(): boolean {
    return this.ended || this.#isDraining;
  }

  /** The number of viewers. */
  get size(): number {
    return this.#viewers.size;
  }

  /** Opens a stream. */
  join(
    { after, first, audience, show }: OpenOptions<Event>,
    release: () => void,
  ): ReadableStream<Uint8Array> {
    const share = audience?.share ?? null;
    const encoder = this.#encoders.get(share) ?? new Encoder(show);
    this.#encoders.set(share, encoder);
    const viewer = new Viewer(this, { after, first, audience, encoder, release });
    this.#viewers.add(viewer);
    const { notices } = this.#context;
    if (notices?.isAway) viewer.comment(notices.comment);
    if (!this.isOver) this.#start();
    return viewer.stream;
  }

  leave(viewer: Viewer<Event>): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    this.#stop();
    this.onEmpty();
  }

  /** Encodes events that are about to be published. */
  prepare(events: readonly Event[]): void {
    for (const encoder of this.#encoders.values()) encoder.prepare(events);
  }

  /** Sends events that directly follow the id `after`. */
  publish(after: Event["id"], events: readonly Event[]): void {
    const last = events.at(-1);
    if (last === undefined) return;
    this.#lastSentMs = this.#context.now();
    const chunks = new Map<Encoder<Event>, Uint8Array>();
    for (const viewer of this.#viewers) {
      let chunk = chunks.get(viewer.encoder);
      if (chunk === undefined) {
        chunk = viewer.encoder.encodeAll(events);
        chunks.set(viewer.encoder, chunk);
      }
      viewer.send(after, last.id, chunk);
    }
  }

  /** Makes every viewer read the log again: there is more in it, or it has ended. */
  wake(): void {
    if (this.isOver) this.#stop();
    for (const viewer of this.#viewers) viewer.wake();
  }

  /** Sends a comment to every viewer. */
  comment(comment: Uint8Array): void {
    for (const viewer of this.#viewers) viewer.comment(comment);
  }

  /** Ends the streams of every audience that may no longer see the log. */
  dismiss(isGone: (audience: Audience) => boolean): void {
    for (const viewer of this.#viewers) {
      if (viewer.audience !== undefined && isGone(viewer.audience)) viewer.close();
    }
  }

  /** Ends every stream. */
  close(): void {
    for (const viewer of this.#viewers) viewer.close();
  }

  /** Ends every stream, and from now on each new one when it has caught up. */
  drain(): void {
    this.#isDraining = true;
    this.close();
  }

  #start(): void {
    if (this.#following !== null) return;
    const { signal } = this.#following = new AbortController();
    this.#lastSentMs = this.#context.now();
    this.#beat();
    // The store failed: viewers connect again and get its answer then.
    this.follow(signal).catch(() => signal.aborted || this.close());
  }

  #stop(): void {
    this.#timers.clearTimeout(this.#heartbeat);
    this.#following?.abort();
    this.#following = null;
  }

  /** One timer per log, not one per viewer. */
  #beat(): void {
    const { heartbeatMs, now, notices } = this.#context;
    this.#heartbeat = this.#timers.setTimeout(() => {
      const silentMs = now() - this.#lastSentMs;
      // The clock may have been set back.
      if (silentMs >= heartbeatMs || silentMs < 0) {
        this.#lastSentMs = now();
        for (const viewer of this.#viewers) viewer.heartbeat(notices?.comment ?? HEARTBEAT);
      }
      this.#beat();
    }, Math.max(1, this.#lastSentMs + heartbeatMs - now()));
  }
}

/** The channels of one kind of log that are open in this process. */
export class Streams<Event extends StreamEvent, Kind extends Channel<Event>> {
  readonly #slots: StreamSlots;
  readonly #channels = new Map<string, Kind>();
  readonly #forgetNotices: () => void;
  #isDraining = false;

  constructor({ slots, notices }: Pick<StreamsContext, "slots" | "notices">) {
    this.#slots = slots;
    this.#forgetNotices = notices?.onChange((comment) => {
      for (const channel of this.#channels.values()) channel.comment(comment);
    }) ?? (() => {});
  }

  /** The viewers of active logs. */
  get viewers(): number {
    return this.#channels.values().reduce((sum, { ended, size }) => sum + (ended ? 0 : size), 0);
  }

  /** Returns the channel of a log, or `undefined` if it has no viewers. */
  get(name: string): Kind | undefined {
    return this.#channels.get(name);
  }

  /** Opens a stream. `make` makes the log's channel if there is none. */
  open(name: string, make: () => Kind, options: OpenOptions<Event>): OpenedStream {
    const { limitKey } = options;
    const release = limitKey === undefined ? () => {} : this.#slots.acquire(limitKey);
    if (release === null) {
      const { limit } = this.#slots;
      return { status: "full", limit, retryAfterSeconds: RETRY_AFTER_SECONDS };
    }
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      channel = make();
      this.#channels.set(name, channel);
      channel.onEmpty = () => this.#channels.delete(name);
      if (this.#isDraining) channel.drain();
    }
    return { status: "open", body: channel.join(options, release) };
  }

  /** Ends every stream. Viewers resume elsewhere. */
  drain(): void {
    this.#isDraining = true;
    this.#forgetNotices();
    for (const channel of this.#channels.values()) channel.drain();
  }
}
