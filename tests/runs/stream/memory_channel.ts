/** A log in memory with its channel, for the tests shared by all kinds of streams. */
import { StreamSlots } from "../../../lib/limits/stream_slots.ts";
import { Channel, Streams, type StreamsContext } from "../../../lib/runs/stream/channel.ts";
import type { Audience } from "../../../lib/runs/stream/viewer.ts";
import type { StreamEvent } from "../../../lib/runs/stream/frames.ts";
import { VirtualTime } from "../../campaign/virtual_time.ts";

export const HEARTBEAT_MS = 15_000;

export interface TestEvent extends StreamEvent {
  readonly id: number;
}

export function event(id: number, data = "x"): TestEvent {
  return { id, type: "e", data };
}

/** A log that any part of a test can add to. Counts how often it is read. */
class MemoryChannel extends Channel<TestEvent> {
  readonly log: TestEvent[] = [];
  ended = false;
  reads = 0;
  readonly following = Promise.withResolvers<void>();

  override read(after: number): Promise<TestEvent[]> {
    this.reads++;
    return Promise.resolve(this.log.filter(({ id }) => id > after));
  }

  protected override follow(): Promise<void> {
    return this.following.promise;
  }

  /** Adds events as this process's own writer does. */
  append(...events: TestEvent[]): void {
    this.log.push(...events);
    this.publish(events[0]!.id - 1, events);
  }

  end(): void {
    this.ended = true;
    this.wake();
  }
}

/** Streams of one log, in time that the test moves. */
export function memoryStreams(options: Partial<StreamsContext> & { streamLimit?: number } = {}) {
  const time = new VirtualTime();
  const context: StreamsContext = {
    // Memory channels use no store.
    kv: {} as Deno.Kv,
    now: time.now,
    heartbeatMs: HEARTBEAT_MS,
    pollMs: 1_000,
    slots: new StreamSlots(options.streamLimit ?? 20),
    timers: time,
    ...options,
  };
  const streams = new Streams<TestEvent, MemoryChannel>(context);
  const channel = new MemoryChannel(context);
  const open = (
    after = 0,
    options: {
      audience?: Audience;
      limitKey?: string;
      show?: (event: TestEvent) => StreamEvent;
    } = {},
  ) => streams.open("log", () => channel, { after, ...options });
  const opened = (...args: Parameters<typeof open>) => {
    const stream = open(...args);
    if (stream.status !== "open") throw new Error(`The stream is ${stream.status}`);
    return stream.body;
  };
  return { time, streams, channel, open, opened };
}

/** Reads a stream in the background. */
export function reading(body: ReadableStream<Uint8Array>) {
  const seen = { text: "", end: null as unknown };
  const decoder = new TextDecoder();
  void (async () => {
    try {
      for await (const chunk of body) seen.text += decoder.decode(chunk, { stream: true });
      seen.end = "end";
    } catch (error) {
      seen.end = error;
    }
  })();
  return seen;
}
