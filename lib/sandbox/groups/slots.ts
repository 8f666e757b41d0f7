/** Slots for the runs of groups: runs wait for one in the order they were added. Pure. */

/** The number of simulated group runs processed at once: per key, and in total. */
export interface SlotCaps {
  readonly perKey: number;
  readonly inAll: number;
}

/** With more slots than this, no run waits: the list of slots would be larger than what it limits. */
const MAX_SLOTS = 1_000;

/** When each slot becomes free. */
export class Slots {
  readonly #freeUs: Float64Array | null;

  constructor(count: number, stored: Uint8Array | null) {
    this.#freeUs = count > MAX_SLOTS ? null : new Float64Array(Math.max(1, count));
    if (stored === null || this.#freeUs === null) return;
    const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
    const latest = Array.from(
      { length: stored.byteLength / 8 },
      (_, slot) => view.getFloat64(8 * slot),
    ).sort((a, b) => b - a);
    // The number of slots may have changed. Occupied slots stay occupied.
    this.#freeUs.set(latest.slice(0, this.#freeUs.length));
  }

  /** When the first slot is free. */
  get nextUs(): number {
    return this.#freeUs === null ? 0 : Math.min(...this.#freeUs);
  }

  /** Occupies the slot that is free first, until a time. */
  take(untilUs: number): void {
    this.#freeUs?.set([untilUs], this.#freeUs.indexOf(this.nextUs));
  }

  /** The stored form; `null` if nothing is stored. */
  pack(): Uint8Array | null {
    if (this.#freeUs === null) return null;
    const view = new DataView(new ArrayBuffer(8 * this.#freeUs.length));
    for (const [slot, us] of this.#freeUs.entries()) view.setFloat64(8 * slot, us);
    return new Uint8Array(view.buffer);
  }
}
