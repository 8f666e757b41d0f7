/** Streams batches' logs to viewers: from any id on, then live. One stream a viewer, however many rows. */
import { SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";
import type { StreamSlots } from "../../limits/mod.ts";
import { encodeEvent, HEARTBEAT, type RelayAnswer, Viewer } from "../../runs/mod.ts";
import type { LogEvent } from "../../runs/model/mod.ts";
import { patient } from "../../store/mod.ts";
import type { BatchEvent } from "../model/mod.ts";
import { type BatchHead, keys, readBatchLog } from "./store.ts";

/** What streaming needs of the world. */
export interface StreamsContext {
  readonly kv: Deno.Kv;
  /** A silent stream carries a comment after this long (ms). */
  readonly heartbeatMs: number;
  /** How often the head of a batch that another process holds is read (ms). */
  readonly pollMs: number;
  readonly slots: StreamSlots;
  readonly timers?: Timers | undefined;
}

/** A page that was closed or reloaded gives its stream back at once. */
const RETRY_AFTER_SECONDS = 5;

/** The viewers of one batch. */
interface Channel {
  lastId: number;
  /** With the link's token, for those who came by it. */
  readonly viewers: Map<Viewer, string | null>;
  timer: unknown;
  quietMs: number;
}

/** Streams batches. One per process. */
export class BatchStreams {
  readonly #context: StreamsContext;
  readonly #kv: Deno.Kv;
  readonly #timers: Timers;
  readonly #channels = new Map<string, Channel>();
  #isDraining = false;

  constructor(context: StreamsContext) {
    this.#context = context;
    // An open stream waits for a store that is away.
    this.#kv = patient(context.kv);
    this.#timers = context.timers ?? SYSTEM_TIMERS;
  }

  /** Streams that are open. */
  get viewers(): number {
    return this.#channels.values().reduce((sum, { viewers }) => sum + viewers.size, 0);
  }

  /** Opens a stream of the events after an id. `share` is the token that the viewer came by. */
  open(
    id: string,
    { head, after, limitKey, share }: {
      readonly head: Pick<BatchHead, "last_id">;
      readonly after: number;
      readonly limitKey: string;
      readonly share: string | null;
    },
  ): RelayAnswer {
    const { slots } = this.#context;
    const release = slots.take(limitKey);
    if (release === null) {
      return { status: "full", limit: slots.limit, retryAfterSeconds: RETRY_AFTER_SECONDS };
    }
    const channel = this.#channelOf(id, head.last_id);
    // An id that was never given: the viewer knows another log.
    const from = after > channel.lastId ? 1 : after + 1;
    const read = (first: number) => Promise.resolve(this.#read(id, first, channel.lastId));
    const viewer = new Viewer(
      {
        read,
        encode: encodeEvent,
        get lastId() {
          return channel.lastId;
        },
        ended: false,
        leave: (viewer) => this.#leave(id, channel, viewer),
      },
      from,
      release,
    );
    channel.viewers.set(viewer, share);
    if (this.#isDraining) viewer.close();
    return { status: "open", body: viewer.stream };
  }

  /** Hands events to the viewers of a batch that this process holds. */
  publish(id: string, events: readonly BatchEvent[]): void {
    const channel = this.#channels.get(id);
    if (channel === undefined) return;
    channel.quietMs = 0;
    for (const event of events) {
      channel.lastId = event.id;
      const frame = encodeEvent(logEventOf(event));
      for (const viewer of [...channel.viewers.keys()]) viewer.send(event.id, event.id, frame);
    }
  }

  /** Ends every stream. Viewers resume elsewhere. */
  drain(): void {
    this.#isDraining = true;
    for (const { viewers } of this.#channels.values()) {
      for (const viewer of [...viewers.keys()]) viewer.close();
    }
  }

  async *#read(id: string, from: number, to: number): AsyncGenerator<LogEvent> {
    for await (const event of readBatchLog(this.#kv, id, { from, to })) yield logEventOf(event);
  }

  #channelOf(id: string, lastId: number): Channel {
    const known = this.#channels.get(id);
    if (known !== undefined) return known;
    const channel: Channel = { lastId, viewers: new Map(), timer: undefined, quietMs: 0 };
    this.#channels.set(id, channel);
    this.#poll(id, channel);
    return channel;
  }

  /** Looks for what another process wrote, and keeps silent connections alive. */
  #poll(id: string, channel: Channel): void {
    const { heartbeatMs, pollMs } = this.#context;
    channel.timer = this.#timers.setTimeout(async () => {
      const found = await this.#kv.get<BatchHead>(keys.head(id)).catch(() => null);
      if (this.#channels.get(id) !== channel) return;
      channel.quietMs += pollMs;
      const isQuiet = channel.quietMs >= heartbeatMs;
      if (isQuiet) channel.quietMs = 0;
      const head = found?.value ?? null;
      const isBehind = head !== null && head.last_id > channel.lastId;
      if (isBehind) channel.lastId = head.last_id;
      for (const [viewer, share] of [...channel.viewers]) {
        const isGone = head !== null &&
          (head.deleted_ms !== null || (share !== null && head.share !== share));
        if (isGone) viewer.close();
        else if (isBehind) viewer.wake();
        else if (isQuiet) viewer.comment(HEARTBEAT);
      }
      if (this.#channels.get(id) === channel) this.#poll(id, channel);
    }, pollMs);
  }

  #leave(id: string, channel: Channel, viewer: Viewer): void {
    if (!channel.viewers.delete(viewer)) return;
    viewer.release();
    if (channel.viewers.size > 0) return;
    this.#timers.clearTimeout(channel.timer);
    if (this.#channels.get(id) === channel) this.#channels.delete(id);
  }
}

function logEventOf(event: BatchEvent): LogEvent {
  const { id, at_ms, type } = event;
  return { id, received_ms: at_ms, type, data: JSON.stringify(event) };
}
