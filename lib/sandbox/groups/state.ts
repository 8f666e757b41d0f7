/** Changes groups in KV one change at a time, and reads them between changes. */
import { KEPT_MS } from "../record.ts";
import { whenUnlocked, type World } from "../world.ts";
import { GroupHistory } from "./history.ts";
import { type SlotCaps, Slots } from "./slots.ts";
import { liveIn, type Span } from "./schedule.ts";
import {
  type Chunk,
  type GroupRecord,
  keyOf,
  readChunks,
  readGroupRecord,
  setChunk,
  slotsKey,
} from "./store.ts";
import type { GroupSnapshot } from "./stream.ts";

/** The dependencies. */
export interface GroupStateContext extends World {
  /** The number of runs that are processed at once; `undefined` for no limit. */
  readonly slots: SlotCaps | undefined;
}

/** Written runs that will be added to a group. */
export interface Addition {
  /** Their name in keys. */
  readonly name: string;
  readonly spans: readonly Span[];
  /** How much later they are added (ms). */
  readonly lateMs: number;
  /** Whether their ends are reported late and out of order. */
  readonly shuffles: boolean;
}

/** Changes and reads groups. */
export class GroupState {
  readonly #context: GroupStateContext;
  /** The change or read in progress of each group. */
  readonly #changing = new Map<string, Promise<unknown>>();

  constructor(context: GroupStateContext) {
    this.#context = context;
  }

  /** Returns the group at a time. Later additions take effect after that time. */
  look(group: GroupRecord): Promise<GroupSnapshot> {
    const { kv, now } = this.#context;
    return this.#inTurn(group.id, async () => {
      const ms = now();
      const chunks = await readChunks(kv, group.id, ms);
      return { chunks, us: ms * 1000, history: new GroupHistory(group, chunks) };
    });
  }

  /** Adds written runs to the group. Also returns the earlier chunks. */
  apply(
    groupId: string,
    addition: Addition,
  ): Promise<{ readonly chunk: Chunk; readonly before: readonly Chunk[] }> {
    return this.#inTurn(groupId, () => this.#apply(groupId, addition));
  }

  /** Counts requests that add runs, and returns the number of this one (from 1). */
  async countTry(groupId: string): Promise<number> {
    const { kv } = this.#context;
    const key = [...keyOf(groupId), "tries"];
    for (;;) {
      const found = await kv.get<number>(key);
      const nth = (found.value ?? 0) + 1;
      const atomic = kv.atomic().check(found).set(key, nth, { expireIn: KEPT_MS });
      if ((await this.commit(atomic)).ok) return nth;
    }
  }

  /** Commits, and waits if another process holds the file. */
  commit(atomic: Deno.AtomicOperation): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    return whenUnlocked(this.#context, () => atomic.commit());
  }

  async #apply(
    groupId: string,
    { name, spans, lateMs, shuffles }: Addition,
  ): Promise<{ readonly chunk: Chunk; readonly before: readonly Chunk[] }> {
    const { kv, now, slots: caps } = this.#context;
    for (;;) {
      const found = await readGroupRecord(kv, groupId);
      if (found === null) throw new Error("The group was forgotten");
      const { group, versionstamp } = found;
      const [own, all] = await kv.getMany<[Uint8Array, Uint8Array]>([
        slotsKey(group.keyHash),
        slotsKey(null),
      ]);
      const before = await readChunks(kv, groupId, now());
      const appliedMs = now() + lateMs;
      const slots = caps === undefined
        ? []
        : [new Slots(caps.perKey, own.value), new Slots(caps.inAll, all.value)];
      const lives = spans.map((span) => liveIn(slots, span, { appliedMs, shuffles }));
      const chunk: Chunk = { name, seq: group.chunks, appliedMs, lives };
      const atomic = kv.atomic().check({ key: keyOf(groupId), versionstamp })
        .set(keyOf(groupId), { ...group, chunks: group.chunks + 1 }, { expireIn: KEPT_MS });
      setChunk(atomic, groupId, chunk);
      for (const [index, entry] of [own, all].entries()) {
        const packed = slots[index]?.pack() ?? null;
        if (packed !== null) atomic.check(entry).set(entry.key, packed, { expireIn: KEPT_MS });
      }
      if ((await this.commit(atomic)).ok) return { chunk, before };
    }
  }

  /** Runs tasks one after the other, so that no event is older than one already sent. */
  async #inTurn<T>(groupId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#changing.get(groupId) ?? Promise.resolve();
    const turn = before.then(work, work);
    const settled = turn.catch(() => {});
    this.#changing.set(groupId, settled);
    try {
      return await turn;
    } finally {
      if (this.#changing.get(groupId) === settled) this.#changing.delete(groupId);
    }
  }
}
