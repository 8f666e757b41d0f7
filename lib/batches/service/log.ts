/**
 * The only writer of a batch's log while it holds the batch's lease. An event becomes visible once the commit
 * that assigned its ID is durable.
 */
import { beginning } from "../../base/mod.ts";
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

/** Dependencies of the log. */
export interface BatchLogContext extends LeaseContext {
  /** Called with each durable event. */
  readonly onEvents: (id: string, events: readonly BatchEvent[]) => void;
  /**
   * Returns writes to add to the commit that changes the batch's state, unless a user ordered the change.
   * Called again if one of its checks fails.
   */
  readonly onState?: (change: BatchStateChange) => Promise<Write>;
}

/** A pending change of a batch's state. */
export interface BatchStateChange {
  readonly id: string;
  readonly account: string;
  /** The view after the change. Its `lastId` identifies the change. */
  readonly view: BatchView;
  /** Unix ms. */
  readonly at_ms: number;
}

/** An event before it gets its ID and time. */
export type NewEvent = {
  readonly [Type in keyof BatchEventData]: {
    readonly type: Type;
    readonly data: BatchEventData[Type];
  };
}[keyof BatchEventData];

/** The contents of a commit. */
export interface BatchWrite {
  readonly events?: readonly NewEvent[];
  readonly head?: Partial<Omit<BatchHead, "last_id" | "fence" | "lease_owner" | "lease_until">>;
  readonly mutations?: readonly Deno.KvMutation[];
  /** The batch's new account. */
  readonly account?: string;
  /** A user ordered the change, so it needs no notification. */
  readonly isOrdered?: boolean;
}

/** Another process has taken over the batch. Nothing was written. */
export class BatchLostError extends Error {
  override name = "BatchLostError";
}

/** Deno KV allows 64 KiB per value and 800 KiB per commit (bytes). */
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
  /** The last write. The next one waits for it. */
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
   * Takes the batch's lease. Returns how long another process still holds it (ms), or `null` if there is no
   * such batch.
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

  /** The immutable part of the batch. Only its account can change, when accounts are merged. */
  get record(): BatchRecord {
    return this.#record;
  }

  get head(): BatchHead {
    return this.#head;
  }

  /** The view of all durable events. */
  get view(): BatchView {
    return this.#view;
  }

  /** Whether this process is certain to still hold the lease. */
  get isHeld(): boolean {
    return this.#context.now() < this.#head.lease_until;
  }

  /** Calls `make` with the current state and commits what it returns. @throws {BatchLostError} */
  write(make: (log: BatchLog) => BatchWrite | null): Promise<void> {
    const written = this.#last.then(async () => {
      const write = make(this);
      if (write !== null) await this.#commit(write);
    });
    this.#last = written.catch(() => {});
    return written;
  }

  /** Appends row changes, in as many commits as needed. */
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
    // Write the head last, so it never refers to rows that a crash prevented from being written.
    await this.write(() => ({ ...write, events: [...commit, ...write.events ?? []] }));
  }

  /** Renews the lease. */
  async renew(): Promise<void> {
    await this.write(() => ({}));
  }

  /** Releases the lease. Never rejects. */
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
    const isNotified = view.state !== this.#view.state && isOrdered !== true;
    const write = async (): Promise<string> => {
      const change = { id: this.id, account: record.account, view, at_ms };
      const further = isNotified ? await onState?.(change) : undefined;
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
      throw new BatchLostError(`Another process holds batch ${this.id}`);
    };
    this.#versionstamp = await write();
    this.#record = record;
    this.#head = head;
    this.#view = view;
    if (events.length > 0) onEvents(this.id, events);
  }
}

/** Splits row changes into events that fit KV. */
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

/** Shortens a change with many long cells to fit one event. The run's page has the full result. */
function fitted(change: RowChange): [RowChange, number] {
  for (let chars = 300, fits = change;; chars = Math.floor(chars / 2)) {
    const bytes = byteLength(JSON.stringify(fits)) + 1;
    if (bytes <= EVENT_BYTES || chars < 8) return [fits, bytes];
    const cells = change.cells?.map(({ text, confidence }) => ({
      text: beginning(text, chars).toWellFormed(),
      confidence,
    }));
    fits = { ...change, ...cells === undefined ? {} : { cells } };
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
