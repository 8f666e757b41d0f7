/** The store's state, for health probes and pages. */
import type { StoreState } from "./connection.ts";
import { GuardedKv } from "./guarded_kv.ts";
import { pingKv } from "./open.ts";

/** The state of the store, and how to ask for it. */
export interface StoreHealth {
  /** The state as the last requests showed it. A local store is always `ok`. */
  readonly state: StoreState;
  /** Pings the store. Resolves within 2 s with whether it responds. */
  responds(): Promise<boolean>;
  /** Calls `listener` at every state change until the returned function is called. */
  onState(listener: (state: StoreState) => void): () => void;
}

/** Returns the health of a store. */
export function storeHealth(kv: Deno.Kv): StoreHealth {
  const connection = kv instanceof GuardedKv ? kv.connection : null;
  return {
    get state() {
      return connection?.state ?? LOCAL_STATE;
    },
    async responds() {
      if (connection !== null && connection.state.is !== "ok") return false;
      return await pingKv(kv).then(() => true, () => false);
    },
    onState: (listener) => connection?.onState(listener) ?? (() => {}),
  };
}

const LOCAL_STATE: StoreState = { is: "ok", sinceMs: 0, reason: "", isStuck: false };
