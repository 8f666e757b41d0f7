/** How the store is, for probes and pages. */
import type { StoreState } from "./connection.ts";
import { GuardedKv } from "./guarded_kv.ts";
import { pingKv } from "./open.ts";

/** What is known of the store. */
export interface StoreHealth {
  /** As the last requests have shown it; a store in this process is always `ok`. */
  readonly state: StoreState;
  /** Asks it. Resolves with whether it takes requests, within 2 s. */
  answers(): Promise<boolean>;
  /** Calls `listener` at every change of its state, until the returned function is called. */
  onState(listener: (state: StoreState) => void): () => void;
}

/** Watches a store. */
export function storeHealth(kv: Deno.Kv): StoreHealth {
  const connection = kv instanceof GuardedKv ? kv.connection : null;
  return {
    get state() {
      return connection?.state ?? NEAR;
    },
    async answers() {
      if (connection !== null && connection.state.is !== "ok") return false;
      return await pingKv(kv).then(() => true, () => false);
    },
    onState: (listener) => connection?.onState(listener) ?? (() => {}),
  };
}

const NEAR: StoreState = { is: "ok", sinceMs: 0, reason: "", isStuck: false };
