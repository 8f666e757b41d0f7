/**
 * Work that must not be cut short: creates are billed from the moment they are sent.
 */

/** Counts work under way, and tells when there is none. */
export class InFlight {
  readonly #work = new Set<Promise<unknown>>();

  /** Work that is to be finished, whoever waits for it. */
  track<T>(work: Promise<T>): Promise<T> {
    const settled = work.catch(() => {}).finally(() => this.#work.delete(settled));
    this.#work.add(settled);
    return work;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }
}
