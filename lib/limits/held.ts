/** Counts the bytes that this process holds for clients, within limits. */
import { networkOf } from "./address.ts";

/** The most bytes to hold, for one address and in all. */
export interface HeldLimits {
  readonly perAddress: number;
  readonly inAll: number;
}

const ALL = "";

/** Bytes held for clients. A /48 network has many addresses, and may have twice as much as one of them. */
export class HeldBytes {
  limits: HeldLimits;
  /** Bytes by address, by network and in all. Entries without bytes are removed, because clients come and go. */
  readonly #held = new Map<string, number>();

  constructor(limits: HeldLimits) {
    this.limits = limits;
  }

  /** Whether more bytes may be held for an address. The first ones always may. */
  hasRoom(address: string, bytes: number): boolean {
    return this.#fullShares(address, bytes).length === 0;
  }

  /** Whether there would be room for an address if others held less. */
  isCrowdedOut(address: string, bytes: number): boolean {
    const full = this.#fullShares(address, bytes);
    return full.length > 0 && full.every((subject) => subject === ALL);
  }

  /** Counts bytes that are held from now on, or no longer if negative. */
  add(address: string, bytes: number): void {
    for (const [subject] of this.#sharesOf(address)) {
      const held = (this.#held.get(subject) ?? 0) + bytes;
      if (held === 0) this.#held.delete(subject);
      else this.#held.set(subject, held);
    }
  }

  /** The bytes held for an address. */
  of(address: string): number {
    return this.#held.get(address) ?? 0;
  }

  #fullShares(address: string, bytes: number): string[] {
    return this.#sharesOf(address).flatMap(([subject, most]) => {
      const held = this.#held.get(subject) ?? 0;
      return held > 0 && held + bytes > most ? [subject] : [];
    });
  }

  #sharesOf(address: string): readonly (readonly [subject: string, most: number])[] {
    const { perAddress, inAll } = this.limits;
    const network = networkOf(address);
    return [
      [address, perAddress],
      ...network === null ? [] : [[network, 2 * perAddress] as const],
      [ALL, inAll],
    ];
  }
}
