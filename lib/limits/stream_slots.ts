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

  /** Acquires a slot and returns a function that releases it, or `null` if all are taken. */
  acquire(key: string): (() => void) | null {
    const taken = this.#taken.get(key) ?? 0;
    if (taken >= this.limit) return null;
    this.#taken.set(key, taken + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.#taken.get(key) ?? 1) - 1;
      // Forget owners without streams, because new owners keep coming.
      if (left === 0) this.#taken.delete(key);
      else this.#taken.set(key, left);
    };
  }
}

/** The most streams that may be open at once. */
export interface AddressLimits {
  /** From one client address. The /48 around an IPv6 address may have more. */
  readonly perAddress: number;
  /** From all addresses together: a sender can have many. */
  readonly inAll: number;
}

/** Counts open streams by client address, by the /48 around an IPv6 address, and in all. */
export class AddressSlots {
  readonly limits: AddressLimits;
  readonly #all: StreamSlots;
  readonly #clients: StreamSlots;
  readonly #networks: StreamSlots;

  constructor(limits: AddressLimits) {
    this.limits = limits;
    this.#all = new StreamSlots(limits.inAll);
    this.#clients = new StreamSlots(limits.perAddress);
    this.#networks = new StreamSlots(limits.perAddress * NETWORK_FACTOR);
  }

  /** Like {@linkcode StreamSlots.acquire}. */
  acquire({ client, network }: ClientSubject): (() => void) | null {
    const taken: (() => void)[] = [];
    const release = () => taken.forEach((each) => each());
    const wanted = [
      () => this.#all.acquire(""),
      () => this.#clients.acquire(client),
      ...(network === null ? [] : [() => this.#networks.acquire(network)]),
    ];
    for (const acquire of wanted) {
      const slot = acquire();
      if (slot === null) {
        release();
        return null;
      }
      taken.push(slot);
    }
    return release;
  }
}
