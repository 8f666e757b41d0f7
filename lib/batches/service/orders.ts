/** Sends orders to the process that holds a batch, and waits briefly until they are executed. */
import { pause, SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";
import type { RunOwner } from "../../runs/mod.ts";
import { type Order, storeOrder } from "./stored_orders.ts";

/** How long a route waits for an order (ms). */
const WAIT_MS = 1_500;

type OrdersContext = Parameters<typeof storeOrder>[0] & {
  readonly kv: Deno.Kv;
  readonly timers?: Timers | undefined;
};

/** The orders of this process. */
export class Orders {
  readonly #context: OrdersContext;
  readonly #hold: (batchId: string) => void;
  /** The waiting callers, by the order's key. */
  readonly #waiting = new Map<string, () => void>();

  /** `hold` makes this process hold a batch that no process holds. */
  constructor(context: OrdersContext, hold: (batchId: string) => void) {
    this.#context = context;
    this.#hold = hold;
  }

  /** Call this when an order was executed. */
  carriedOut(key: Deno.KvKey): void {
    this.#waiting.get(key.join(" "))?.();
  }

  /** Stores an order for the process that holds the batch, without waiting for it. */
  async leave(id: string, order: Order): Promise<void> {
    await storeOrder(this.#context, id, { order });
    this.#hold(id);
  }

  /** Stores an order and waits briefly. Returns `accepted` if it will only be executed later. */
  async send(id: string, order: Order, owner?: RunOwner): Promise<"done" | "accepted"> {
    const key = await storeOrder(this.#context, id, {
      order,
      ...owner !== undefined && { sealed_key: owner.sealedKey },
      ...owner?.client !== undefined && { client: owner.client },
    });
    const name = key.join(" "), done = Promise.withResolvers<void>();
    this.#waiting.set(name, done.resolve);
    const over = new AbortController();
    let isDone = false;
    try {
      this.#hold(id);
      const late = pause(WAIT_MS, over.signal, this.#context.timers ?? SYSTEM_TIMERS)
        .catch(() => {});
      await Promise.race([done.promise.then(() => isDone = true), late]);
      if (isDone) return "done";
      return (await this.#context.kv.get(key)).value === null ? "done" : "accepted";
    } finally {
      over.abort();
      this.#waiting.delete(name);
    }
  }
}
