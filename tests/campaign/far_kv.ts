/** A distant store as Deno's KV Connect client sees it, with network faults. */
import type { Timers } from "../../lib/base/timers.ts";
import type { Chaos } from "./chaos.ts";
import type { KvHandle } from "./memory_kv.ts";
import type { Random } from "./random.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** Deno's client repeats a request this long after it lost the response (ms). */
const AGAIN_MS = 200;
/** How long an outage lasts (ms): shorter and longer than deadlines and leases. */
const OUTAGES_MS = [300, 3_000, 18_000, 40_000];

/** The network to the store, shared by all processes of a world. */
export class FarNetwork {
  readonly #time: VirtualTime;
  readonly #chaos: Chaos;
  readonly #random: Random;
  /** Until when the store cannot be reached (Unix ms). */
  #awayUntilMs = 0;

  constructor(time: VirtualTime, chaos: Chaos, random: Random) {
    this.#time = time;
    this.#chaos = chaos;
    this.#random = random;
  }

  /** Opens a client in a process, over its own handle of the store. */
  async open(handle: KvHandle, timers: Timers): Promise<Deno.Kv> {
    await this.#reached(timers);
    return this.client(handle, timers);
  }

  /** A client that is open. */
  client(handle: KvHandle, timers: Timers): Deno.Kv {
    const { kv } = handle;
    const read = <T>(ask: () => Promise<T>) => this.#ask("read", ask, timers);
    const atomic = () => {
      const operation = kv.atomic();
      const far = {
        check: (...checks: Deno.AtomicCheck[]) => (operation.check(...checks), far),
        mutate: (...mutations: Deno.KvMutation[]) => (operation.mutate(...mutations), far),
        set: (key: Deno.KvKey, value: unknown) => far.mutate({ type: "set", key, value }),
        commit: () => this.#ask("commit", () => operation.commit(), timers),
      };
      return far;
    };
    const client: Partial<Record<keyof Deno.Kv, unknown>> = {
      get: (key: Deno.KvKey) => read(() => kv.get(key)),
      getMany: (keys: readonly Deno.KvKey[]) => read(() => kv.getMany([...keys])),
      list: (selector: Deno.KvListSelector, options: Deno.KvListOptions = {}) =>
        listing(kv, selector, options, read),
      atomic,
      set: (key: Deno.KvKey, value: unknown) => atomic().set(key, value).commit(),
      watch: (keys: readonly Deno.KvKey[]) => kv.watch([...keys]),
      close: () => {},
    };
    return client as unknown as Deno.Kv;
  }

  async #ask<T>(
    kind: "read" | "commit",
    serve: () => Promise<T>,
    timers: Timers,
  ): Promise<T> {
    const chaos = this.#chaos, random = this.#random;
    if (chaos.strikes("store is away", 0.01)) {
      this.#awayUntilMs = this.#time.now() + random.pick(OUTAGES_MS);
    }
    await this.#reached(timers);
    if (kind === "commit" && chaos.strikes("store takes no writes", 0.02)) {
      throw new TypeError("Writes are disabled for the database.");
    }
    if (chaos.strikes(`${kind} without an answer`, 0.01)) {
      // The client keeps retrying even after its handle is closed, and may succeed in the end.
      const late = () => void serve().catch(() => {});
      if (random.chance(0.5)) timers.setTimeout(late, random.pick([0, 1_000, 5_000, 30_000]));
      return await new Promise<T>(() => {});
    }
    for (;;) {
      const answer = await serve();
      if (kind === "read" || !chaos.strikes("answer to a commit lost", 0.05)) return answer;
      // The second time, sums would be added again, and checks would fail against their own write.
      await new Promise<void>((resolve) => void timers.setTimeout(resolve, AGAIN_MS));
    }
  }

  /** Resolves when the store can be reached. The client never gives up. */
  async #reached(timers: Timers): Promise<void> {
    for (let ms; (ms = this.#awayUntilMs - this.#time.now()) > 0;) {
      await new Promise<void>((resolve) => void timers.setTimeout(resolve, ms));
    }
  }
}

/** A list whose cursor is the last key that it returned. */
function listing(
  kv: Deno.Kv,
  selector: Deno.KvListSelector,
  { cursor, ...options }: Deno.KvListOptions,
  read: <T>(ask: () => Promise<T>) => Promise<T>,
): AsyncIterableIterator<Deno.KvEntry<unknown>> & { readonly cursor: string } {
  let at = cursor ?? "";
  const bound: Deno.KvKey | null = at === "" ? null : JSON.parse(at);
  const rest = bound === null
    ? selector
    : { ...selector, ...options.reverse ? { end: bound } : { start: [...bound, ""] } };
  const inner = kv.list(rest as Deno.KvListSelector, options);
  const iterator = {
    async next() {
      const result = await read(() => inner.next());
      if (!result.done) at = JSON.stringify(result.value.key);
      return result;
    },
    get cursor() {
      return at;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
