/**
 * Limits how many streams each account, share link and client address may have open in this process.
 */

import type { ClientSubject } from "./address.ts";
import { NETWORK_FACTOR } from "./address_limit.ts";

/** Counts open streams by owner. */
export class StreamSlots {
  /** How many streams one owner may have open at once. */
  readonly limit: number;
  readonly #taken = new Map<string, number>();

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Takes a slot and returns a function that gives it back, or `null` if all are taken. */
  take(key: string): (() => void) | null {
    const taken = this.#taken.get(key) ?? 0;
    if (taken >= this.limit) return null;
    this.#taken.set(key, taken + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.#taken.get(key) ?? 1) - 1;
      // Forget owners without streams: there are ever new ones.
      if (left === 0) this.#taken.delete(key);
      else this.#taken.set(key, left);
    };
  }
}

/** Counts open streams by client address, and by the /48 around an IPv6 address, which may have more. */
export class AddressSlots {
  readonly #clients: StreamSlots;
  readonly #networks: StreamSlots;

  constructor(limit: number) {
    this.#clients = new StreamSlots(limit);
    this.#networks = new StreamSlots(limit * NETWORK_FACTOR);
  }

  /** How many streams one client may have open at once. */
  get limit(): number {
    return this.#clients.limit;
  }

  /** As {@linkcode StreamSlots.take}. */
  take({ client, network }: ClientSubject): (() => void) | null {
    const release = this.#clients.take(client);
    if (release === null || network === null) return release;
    const releaseNetwork = this.#networks.take(network);
    if (releaseNetwork === null) {
      release();
      return null;
    }
    return () => {
      release();
      releaseNetwork();
    };
  }
}
