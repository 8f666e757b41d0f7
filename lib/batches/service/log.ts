/**
 * The only writer of a batch's log, for as long as it holds the batch's lease. An event is visible once the
 * commit that gave it its id is durable.
 */
import { heldForMs, type LeaseContext } from "../../runs/mod.ts";
import {
  applyBatchEvent,
  type BatchEvent,
  type BatchEventData,
  type BatchView,
  type RowChange,
} from "../model/mod.ts";
import type { Write } from "../../store/mod.ts";
import {
  type BatchHead,
  type BatchRecord,
  caughtUp,
  encodeBatchEvent,
  firstView,
  keys,
  lineOf,
} from "./store.ts";

/** What the log needs of the world. */
export interface BatchLogContext extends LeaseContext {
  /** Told what became durable. */
  readonly onEvents: (id: string, events: readonly BatchEvent[]) => void;
  /**
   * Returns writes that belong into the commit that changes the batch's state, unless a person ordered the
   * change. If one of their checks fails, it is asked again.
   */
  readonly onState?: (change: BatchStateChange) => Promise<Write>;
}

/** A batch's state is about to change. */
export interface BatchStateChange {
  readonly id: string;
  readonly account: string;
  /** The view after the change. Its `lastId` names the change. */
  readonly view: BatchView;
  /** Unix ms. */
  readonly at_ms: number;
}

/** An event without its id and time. */
export type NewEvent = {
  readonly [Type in keyof BatchEventData]: {
    readonly type: Type;
    readonly data: BatchEventData[Type];
  };
}[keyof BatchEventData];

/** What goes into a commit beside events. */
export interface BatchWrite {
  readonly events?: readonly NewEvent[];
  readonly head?: Partial<Omit<BatchHead, "last_id" | "fence" | "lease_owner" | "lease_until">>;
  readonly mutations?: readonly Deno.KvMutation[];
  /** The account that the batch belongs to from now on. */
  readonly account?: string;
  /** A person ordered it, and need not be told. */
  readonly isOrdered?: boolean;
}

/** Another process took the batch over. What was to be written was not. */
export class BatchLostError extends Error {
  override name = "BatchLostError";
}

/** A value of KV holds 64 KiB, and a commit 800 KiB (bytes). */
const EVENT_BYTES = 56 * 1024;
const COMMIT_BYTES = 512 * 1024;

/** Appends to a batch's log. */
export class BatchLog {
  readonly id: string;
  #record: BatchRecord;
  readonly #context: BatchLogContext;
  #head: BatchHead;
  #versionstamp: string;
  #view: BatchView;
  /** The last write; the next one waits for it. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    context: BatchLogContext,
    id: string,
    state: {
      readonly record: BatchRecord;
      readonly head: BatchHead;
      readonly versionstamp: string;
      readonly view: BatchView;
    },
  ) {
    this.#context = context;
    this.id = id;
    this.#record = state.record;
    this.#head = state.head;
    this.#versionstamp = state.versionstamp;
    this.#view = state.view;
  }

  /**
   * Takes the batch's lease. Returns the time that another process still has it (ms), or `null` if there is
   * no such batch.
   */
  static async acquire(context: BatchLogContext, id: string): Promise<BatchLog | number | null> {
    const { kv, committer, now, owner, leaseMs } = context;
    for (;;) {
      const [record, found] = await kv.getMany<[BatchRecord, BatchHead]>([
        keys.record(id),
        keys.head(id),
      ]);
      if (record.value === null || found.value === null) return null;
      const held = heldForMs(context, id, found.value);
      if (held > 0) return held;
      const head: BatchHead = {
        ...found.value,
        fence: found.value.fence + 1,
        lease_owner: owner,
        lease_until: now() + leaseMs,
      };
      const result = await committer.commit({
        checks: [found],
        mutations: [{ type: "set", key: keys.head(id), value: head }],
      });
      if (!result.ok) continue;
      const view = await caughtUp(kv, id, firstView(record.value), head.last_id);
      const { versionstamp } = result;
      return new BatchLog(context, id, { record: record.value, head, versionstamp, view });
    }
  }

  /** What never changes, except that an account can become part of another one. */
  get record(): BatchRecord {
    return this.#record;
  }

  get head(): BatchHead {
    return this.#head;
  }

  /** What the durable events say. */
  get view(): BatchView {
    return this.#view;
  }

  /** Whether this process certainly still has the lease. */
  get isHeld(): boolean {
    return this.#context.now() < this.#head.lease_until;
  }

  /** Appends what `make` returns for the state at that moment, in one commit. Throws {@linkcode BatchLostError}. */
  write(make: (log: BatchLog) => BatchWrite | null): Promise<void> {
    const written = this.#last.then(async () => {
      const write = make(this);
      if (write !== null) await this.#commit(write);
    });
    this.#last = written.catch(() => {});
    return written;
  }

  /** Appends changes of rows, in as many commits as they need. */
  async writeRows(changes: readonly RowChange[], write: BatchWrite = {}): Promise<void> {
    const events = rowEvents(changes);
    let commit: NewEvent[] = [], bytes = 0;
    for (const { event, size } of events) {
      if (bytes + size > COMMIT_BYTES) {
        const full = commit;
        await this.write(() => ({ events: full }));
        commit = [];
        bytes = 0;
      }
      commit.push(event);
      bytes += size;
    }
    // What the rows mean for the head goes last, so that no crash leaves it without them.
    await this.write(() => ({ ...write, events: [...commit, ...write.events ?? []] }));
  }

  /** Prolongs the lease. */
  async renew(): Promise<void> {
    await this.write(() => ({}));
  }

  /** Gives the lease back. Never rejects. */
  async release(): Promise<void> {
    await this.#last;
    const { committer } = this.#context;
    const value: BatchHead = { ...this.#head, lease_until: 0 };
    const checks = [{ key: keys.head(this.id), versionstamp: this.#versionstamp }];
    await committer.commit({ checks, mutations: [{ type: "set", key: keys.head(this.id), value }] })
      .catch(() => {});
  }

  async #commit(
    { events: added = [], head: changed = {}, mutations = [], account, isOrdered }: BatchWrite,
  ) {
    const { kv, committer, leaseMs, now, onEvents, onState } = this.#context;
    const at_ms = now();
    const events = added.map(({ type, data }, at): BatchEvent => ({
      id: this.#head.last_id + 1 + at,
      at_ms,
      type,
      data,
    }));
    const head: BatchHead = {
      ...this.#head,
      ...changed,
      last_id: this.#head.last_id + events.length,
      lease_until: at_ms + leaseMs,
    };
    const view = events.reduce(applyBatchEvent, this.#view);
    const before = this.#record;
    const record = account === undefined ? before : { ...before, account };
    const lineKey = (owner: string) => keys.line(owner, record.created_ms, this.id);
    const moved: Deno.KvMutation[] = record.account === before.account ? [] : [
      { type: "set", key: keys.record(this.id), value: record },
      { type: "delete", key: lineKey(before.account) },
    ];
    const isTold = view.state !== this.#view.state && isOrdered !== true;
    const write = async (): Promise<string> => {
      const change = { id: this.id, account: record.account, view, at_ms };
      const further = isTold ? await onState?.(change) : undefined;
      const result = await committer.commit({
        checks: [
          { key: keys.head(this.id), versionstamp: this.#versionstamp },
          ...further?.checks ?? [],
        ],
        mutations: [
          { type: "set", key: keys.head(this.id), value: head },
          ...events.map((event) => ({
            type: "set" as const,
            key: keys.event(this.id, event.id),
            value: encodeBatchEvent(event),
          })),
          ...moved,
          head.deleted_ms === null
            ? { type: "set", key: lineKey(record.account), value: lineOf(this.id, record, view) }
            : { type: "delete", key: lineKey(record.account) },
          ...mutations,
          ...further?.mutations ?? [],
        ],
      });
      if (result.ok) return result.versionstamp;
      const found = await kv.get(keys.head(this.id));
      if (found.versionstamp === this.#versionstamp) return await write();
      throw new BatchLostError(`Another process has the batch ${this.id}`);
    };
    this.#versionstamp = await write();
    this.#record = record;
    this.#head = head;
    this.#view = view;
    if (events.length > 0) onEvents(this.id, events);
  }
}

/** Changes of rows as events that KV can hold. */
function rowEvents(
  changes: readonly RowChange[],
): { readonly event: NewEvent; readonly size: number }[] {
  const events: { event: NewEvent; size: number }[] = [];
  let rows: RowChange[] = [], size = 0;
  const close = () => {
    if (rows.length > 0) events.push({ event: { type: "rows", data: { rows } }, size });
    rows = [];
    size = 0;
  };
  for (const each of changes) {
    const [change, bytes] = fitted(each);
    if (size + bytes > EVENT_BYTES) close();
    rows.push(change);
    size += bytes;
  }
  close();
  return events;
}

/** A change that one event can hold: a row of many long cells is cut further. The run's page has all of it. */
function fitted(change: RowChange): [RowChange, number] {
  for (let chars = 300, fits = change;; chars = Math.floor(chars / 2)) {
    const bytes = byteLength(JSON.stringify(fits)) + 1;
    if (bytes <= EVENT_BYTES || chars < 8) return [fits, bytes];
    const cells = change.cells?.map(({ text, confidence }) => ({
      text: text.slice(0, chars).toWellFormed(),
      confidence,
    }));
    fits = { ...change, ...cells === undefined ? {} : { cells } };
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
