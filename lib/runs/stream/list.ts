/**
 * Streams the changes of an account's list: runs are created, changed and removed. Each viewer reads the
 * changes after its own position, so a slow viewer gets a run's latest state rather than all of them.
 */
import { patient } from "../../store/mod.ts";
import {
  type Change,
  changesKey,
  latestPlace,
  parsePlace,
  readChanges,
  readSummaries,
  resumesFrom,
  writePlace,
} from "../history/mod.ts";
import { Channel, type OpenedStream, Streams, type StreamsContext } from "./channel.ts";
import { followKey } from "./follow.ts";
import type { StreamEvent } from "./frames.ts";

/** A change of a list. The id is the position after it. */
interface ListEvent extends StreamEvent {
  readonly id: string;
}

/** Streams accounts' lists. One per process. */
export class ListStreams {
  readonly #context: StreamsContext;
  readonly #streams: Streams<ListEvent, ListChannel>;

  constructor(context: StreamsContext) {
    this.#context = context;
    this.#streams = new Streams(context);
  }

  /** The number of open streams. */
  get viewers(): number {
    return this.#streams.viewers;
  }

  /** Returns the id after which the stream of a list that is about to be read begins. */
  async latestId(account: string): Promise<string> {
    const { kv, now } = this.#context;
    return writePlace(await latestPlace(kv, account, now()));
  }

  /**
   * Opens a stream of the changes after an id. `null` means from now on. If the changes after the id are
   * no longer stored, the stream begins with a `reset` event: read the list again.
   */
  async open(account: string, lastId: string | null): Promise<OpenedStream> {
    const { kv, now } = this.#context;
    const latest = await latestPlace(kv, account, now());
    const isReset = lastId !== null && !resumesFrom(lastId, latest);
    const after = lastId === null || isReset ? writePlace(latest) : lastId;
    return this.#streams.open(
      account,
      () => new ListChannel(this.#context, account, latest.versionstamp),
      {
        after,
        // An event without data: a reader that is cut off before the first change knows its position.
        first: { id: after, ...isReset && { type: "reset", data: "{}" } },
        limitKey: `account:${account}`,
      },
    );
  }

  /** Call when this process has written to an account's list. */
  wake(account: string): void {
    this.#streams.get(account)?.wake();
  }

  /** Ends every stream. Viewers resume elsewhere. */
  drain(): void {
    this.#streams.drain();
  }
}

/** The live end of one account's list. */
class ListChannel extends Channel<ListEvent> {
  readonly ended = false;
  readonly #context: StreamsContext;
  /** For open streams: reads wait for a store that is unavailable. */
  readonly #kv: Deno.Kv;
  readonly #account: string;
  #seen: string | null;

  constructor(context: StreamsContext, account: string, versionstamp: string) {
    super(context);
    this.#context = context;
    this.#kv = patient(context.kv);
    this.#account = account;
    this.#seen = versionstamp;
  }

  override async read(after: string): Promise<ListEvent[]> {
    const place = parsePlace(after);
    if (place === null) throw new TypeError(`Not a position in a list: ${after}`);
    const changes = await readChanges(this.#kv, this.#account, place);
    const runs = await readSummaries(this.#kv, this.#account, changes.map(({ run }) => run));
    return changes.map((change, index) => eventOf(change, runs[index] ?? null));
  }

  protected override async follow(signal: AbortSignal): Promise<void> {
    const { pollMs, wakeups, timers } = this.#context;
    const options = {
      kv: this.#kv,
      key: changesKey(this.#account),
      pollMs,
      wakeups,
      signal,
      timers,
    };
    await followKey(options, ({ versionstamp }) => {
      if (versionstamp !== this.#seen) this.wake();
      this.#seen = versionstamp;
      return false;
    });
  }
}

/** A change as an event: only its ID if the run is gone by now, because a `removed` event follows. */
function eventOf({ kind, place, run }: Change, summary: unknown): ListEvent {
  const id = writePlace(place);
  if (kind === "removed") {
    return { id, type: kind, data: JSON.stringify({ run_id: run.run_id }) };
  }
  return summary === null ? { id } : { id, type: kind, data: JSON.stringify(summary) };
}
