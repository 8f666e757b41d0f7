/**
 * Streams what happens to an account's list: runs created, changed, removed. Each stream reads the
 * changes after its own place, so that a slow reader gets the latest state of a run rather than all
 * of them, and slows nobody.
 */
import { SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";
import { patient } from "../../store/mod.ts";
import { encodeSSE } from "../../sse/mod.ts";
import { HEARTBEAT } from "./frames.ts";
import type { StreamSlots } from "../../limits/mod.ts";
import {
  type Change,
  type ChangePlace,
  changesKey,
  latestPlace,
  readChanges,
  readPlace,
  readSummaries,
  writePlace,
} from "../history/mod.ts";

/** What a feed needs of the world. */
export interface FeedContext {
  readonly kv: Deno.Kv;
  readonly now: () => number;
  /** A silent stream carries a comment after this long (ms). */
  readonly heartbeatMs: number;
  /** How often to look for what another process changed (ms): on one local file nothing else tells. */
  readonly pollMs: number;
  /** Streams that accounts have open in this process, those of runs included. */
  readonly slots: StreamSlots;
  readonly timers?: Timers;
}

/** What a list gets. */
export type FeedAnswer =
  | { readonly status: "full"; readonly limit: number; readonly retryAfterSeconds: number }
  | { readonly status: "open"; readonly body: ReadableStream<Uint8Array> };

/** A page that was closed or reloaded gives its stream back at once. */
const RETRY_AFTER_SECONDS = 5;

const encoder = new TextEncoder();

/** One open list. */
interface Viewer {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  place: ChangePlace;
  /** Something may have changed that it has not read. */
  dirty: boolean;
  reading: boolean;
  lastSent: number;
  /** Its stream is over, by either side. */
  left: boolean;
  readonly release: () => void;
}

/** The lists of one account that are open in this process. */
interface Channel {
  readonly viewers: Set<Viewer>;
  seen: string | null;
  timer: unknown;
}

/** Streams accounts' lists. One per process. */
export class Feed {
  readonly #context: FeedContext;
  readonly #channels = new Map<string, Channel>();
  readonly #timers: Timers;
  #draining = false;

  constructor(context: FeedContext) {
    this.#context = context;
    this.#timers = context.timers ?? SYSTEM_TIMERS;
  }

  /** Lists that are open now. */
  get viewers(): number {
    let count = 0;
    for (const { viewers } of this.#channels.values()) count += viewers.size;
    return count;
  }

  /** The id after which a list that is about to be read goes on. */
  async latestId(account: string): Promise<string> {
    const { kv, now } = this.#context;
    return writePlace(await latestPlace(kv, account, now()));
  }

  /**
   * Opens a stream of the changes after an id; `null`: from now on. Where the id is too old to go on
   * from, the stream begins with `reset`: what is shown must be read again.
   */
  async open(account: string, lastId: string | null): Promise<FeedAnswer> {
    const release = this.#context.slots.take(`account:${account}`);
    if (release === null) {
      const { limit } = this.#context.slots;
      return { status: "full", limit, retryAfterSeconds: RETRY_AFTER_SECONDS };
    }
    const { kv, now } = this.#context;
    const latest = await latestPlace(kv, account, now()).catch((error) => {
      release();
      throw error;
    });
    const place = lastId === null ? latest : readPlace(lastId, latest);
    let viewer: Viewer;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        viewer = {
          controller,
          place: place ?? latest,
          dirty: true,
          reading: false,
          lastSent: now(),
          left: false,
          release,
        };
        // An id alone: whoever loses the connection before anything happens knows where they were.
        const first = { id: writePlace(viewer.place) };
        controller.enqueue(
          encoder.encode(
            encodeSSE(place === null ? { ...first, event: "reset", data: "{}" } : first),
          ),
        );
        if (this.#draining) this.#leave(account, viewer);
        else this.#channelOf(account).viewers.add(viewer);
      },
      pull: () => this.#read(account, viewer),
      cancel: () => this.#leave(account, viewer, false),
    });
    return { status: "open", body };
  }

  /** Something in an account's list was written by this process. */
  wake(account: string): void {
    const channel = this.#channels.get(account);
    if (channel === undefined) return;
    for (const viewer of channel.viewers) {
      viewer.dirty = true;
      void this.#read(account, viewer);
    }
  }

  /** Ends every stream; lists resume elsewhere. */
  drain(): void {
    this.#draining = true;
    for (const [account, { viewers }] of this.#channels) {
      for (const viewer of viewers) this.#leave(account, viewer);
    }
  }

  /** Sends what changed, for as long as the reader has room. */
  async #read(account: string, viewer: Viewer): Promise<void> {
    if (viewer.reading || !this.#isOpen(account, viewer)) return;
    viewer.reading = true;
    try {
      while (viewer.dirty && (viewer.controller.desiredSize ?? 0) > 0) {
        viewer.dirty = false;
        const frames = await this.#frames(account, viewer);
        if (frames === "" || !this.#isOpen(account, viewer)) continue;
        viewer.lastSent = this.#context.now();
        viewer.controller.enqueue(encoder.encode(frames));
      }
    } catch {
      // KV failed: the list resumes, and its next attempt says so.
      this.#leave(account, viewer);
    } finally {
      viewer.reading = false;
    }
  }

  async #frames(account: string, viewer: Viewer): Promise<string> {
    // An open list waits for a store that is away.
    const kv = patient(this.#context.kv);
    const changes = await readChanges(kv, account, viewer.place);
    const last = changes.at(-1);
    if (last === undefined) return "";
    const runs = await readSummaries(kv, account, changes.map(({ run }) => run));
    viewer.place = last.place;
    return changes.map((change, index) => frameOf(change, runs[index] ?? null)).join("");
  }

  #isOpen(account: string, viewer: Viewer): boolean {
    return this.#channels.get(account)?.viewers.has(viewer) ?? false;
  }

  #channelOf(account: string): Channel {
    const existing = this.#channels.get(account);
    if (existing !== undefined) return existing;
    const channel: Channel = { viewers: new Set(), seen: null, timer: undefined };
    this.#channels.set(account, channel);
    this.#poll(account, channel);
    return channel;
  }

  /** One timer an account: looks for others' changes, and keeps silent connections alive. */
  #poll(account: string, channel: Channel): void {
    const { kv, pollMs, heartbeatMs, now } = this.#context;
    channel.timer = this.#timers.setTimeout(async () => {
      const { versionstamp } = await kv.get(changesKey(account))
        .catch(() => ({ versionstamp: channel.seen }));
      if (this.#channels.get(account) !== channel) return;
      if (versionstamp !== channel.seen) this.wake(account);
      channel.seen = versionstamp;
      for (const viewer of channel.viewers) {
        if (now() - viewer.lastSent < heartbeatMs) continue;
        viewer.lastSent = now();
        // Something unread keeps the connection alive as well.
        if ((viewer.controller.desiredSize ?? 0) > 0) viewer.controller.enqueue(HEARTBEAT);
      }
      this.#poll(account, channel);
    }, pollMs);
  }

  /** A list may be left from several sides: its reader goes while a read for it fails. */
  #leave(account: string, viewer: Viewer, close = true): void {
    if (viewer.left) return;
    viewer.left = true;
    viewer.release();
    if (close) viewer.controller.close();
    const channel = this.#channels.get(account);
    if (channel === undefined || !channel.viewers.delete(viewer) || channel.viewers.size > 0) {
      return;
    }
    this.#timers.clearTimeout(channel.timer);
    this.#channels.delete(account);
  }
}

/** A change as an event; a run that is gone by now says so with a `removed` of its own. */
function frameOf(change: Change, run: unknown): string {
  const id = writePlace(change.place);
  const { kind } = change;
  if (kind === "removed") {
    return encodeSSE({ id, event: kind, data: JSON.stringify({ run_id: change.run.run_id }) });
  }
  return run === null
    ? encodeSSE({ id })
    : encodeSSE({ id, event: kind, data: JSON.stringify(run) });
}
