/** Streams batch logs: one stream per viewer, regardless of the number of rows. */
import {
  Channel,
  followKey,
  type OpenedStream,
  Streams,
  type StreamsContext,
} from "../../runs/mod.ts";
import type { LogEvent } from "../../runs/model/mod.ts";
import { patient } from "../../store/mod.ts";
import type { BatchEvent } from "../model/mod.ts";
import { type BatchHead, keys, readBatchLog } from "./store.ts";

/** Streams batches. One per process. */
export class BatchStreams {
  readonly #context: StreamsContext;
  readonly #streams: Streams<LogEvent, BatchChannel>;

  constructor(context: StreamsContext) {
    this.#context = context;
    this.#streams = new Streams(context);
  }

  /** The number of open streams. */
  get viewers(): number {
    return this.#streams.viewers;
  }

  /**
   * Opens a stream of the events after an ID. `share` is the token of the viewer's share link, if any; `show`
   * turns an event into its public form.
   */
  open(
    id: string,
    { head, account, after, share, show }: {
      readonly head: Pick<BatchHead, "last_id">;
      readonly account: string;
      readonly after: number;
      readonly share: string | null;
      readonly show?: (event: BatchEvent) => BatchEvent;
    },
  ): OpenedStream {
    return this.#streams.open(id, () => new BatchChannel(this.#context, id, head.last_id), {
      // An ID that was never used comes from another log.
      after: after > (this.#streams.get(id)?.lastId ?? head.last_id) ? 0 : after,
      limitKey: share === null ? `account:${account}` : `share:${share}`,
      audience: { account, share },
      // We wrote this JSON.
      ...show && { show: ({ data }) => logEventOf(show(JSON.parse(data))) },
    });
  }

  /** Sends durable events of a batch that this process holds. */
  publish(id: string, events: readonly BatchEvent[]): void {
    this.#streams.get(id)?.add(events);
  }

  /** Ends every stream. Viewers resume elsewhere. */
  drain(): void {
    this.#streams.drain();
  }
}

/** The live end of a batch's log. It stays open because rows can be added or run again. */
class BatchChannel extends Channel<LogEvent> {
  readonly ended = false;
  readonly #context: StreamsContext;
  /** For open streams. Reads wait while the store is unavailable. */
  readonly #kv: Deno.Kv;
  readonly #id: string;
  #lastId: number;

  constructor(context: StreamsContext, id: string, lastId: number) {
    super(context);
    this.#context = context;
    this.#kv = patient(context.kv);
    this.#id = id;
    this.#lastId = lastId;
  }

  get lastId(): number {
    return this.#lastId;
  }

  override read(after: number): Promise<AsyncIterable<LogEvent>> {
    return Promise.resolve(this.#events(after + 1, this.#lastId));
  }

  /** Sends durable events. */
  add(events: readonly BatchEvent[]): void {
    const fresh = events.filter(({ id }) => id > this.#lastId);
    const [first] = fresh;
    if (first === undefined) return;
    this.#lastId = fresh.at(-1)?.id ?? first.id;
    this.publish(first.id - 1, fresh.map(logEventOf));
  }

  protected override async follow(signal: AbortSignal): Promise<void> {
    const { pollMs, wakeups, timers } = this.#context;
    const options = { kv: this.#kv, key: keys.head(this.#id), pollMs, wakeups, signal, timers };
    await followKey<BatchHead>(options, ({ value: head }) => {
      this.dismiss(({ share }) =>
        head === null || head.deleted_ms !== null || share !== null && share !== head.share
      );
      if (head !== null && head.last_id > this.#lastId) {
        this.#lastId = head.last_id;
        this.wake();
      }
      return head === null;
    });
  }

  async *#events(from: number, to: number): AsyncGenerator<LogEvent> {
    for await (const event of readBatchLog(this.#kv, this.#id, { from, to })) {
      yield logEventOf(event);
    }
  }
}

function logEventOf(event: BatchEvent): LogEvent {
  const { id, at_ms, type } = event;
  return { id, received_ms: at_ms, type, data: JSON.stringify(event) };
}
