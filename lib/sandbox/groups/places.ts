/** Places for runs of groups: runs wait for one in the order in which they were added. Pure. */

/** How many simulated runs of groups work at once: of one key, and in all. */
export interface PlaceCaps {
  readonly perKey: number;
  readonly inAll: number;
}

/** With more places than this no run waits: the list of places would be larger than what it limits. */
const MOST_PLACES = 1_000;

/** When each place becomes free. */
export class Places {
  readonly #freeUs: Float64Array | null;

  constructor(count: number, stored: Uint8Array | null) {
    this.#freeUs = count > MOST_PLACES ? null : new Float64Array(Math.max(1, count));
    if (stored === null || this.#freeUs === null) return;
    const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
    const latest = Array.from(
      { length: stored.byteLength / 8 },
      (_, place) => view.getFloat64(8 * place),
    ).sort((a, b) => b - a);
    // The number of places may have changed. Places that are taken stay taken.
    this.#freeUs.set(latest.slice(0, this.#freeUs.length));
  }

  /** When the first place is free. */
  get nextUs(): number {
    return this.#freeUs === null ? 0 : Math.min(...this.#freeUs);
  }

  /** Takes the place that is free first, until a time. */
  take(untilUs: number): void {
    this.#freeUs?.set([untilUs], this.#freeUs.indexOf(this.nextUs));
  }

  /** As it is stored; `null` where nothing is. */
  pack(): Uint8Array | null {
    if (this.#freeUs === null) return null;
    const view = new DataView(new ArrayBuffer(8 * this.#freeUs.length));
    for (const [place, us] of this.#freeUs.entries()) view.setFloat64(8 * place, us);
    return new Uint8Array(view.buffer);
  }
}
