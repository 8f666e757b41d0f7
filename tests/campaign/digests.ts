/**
 * Digests are computed outside the event loop and take real time. A simulated world waits for them, so that
 * a seed plays the same on fast and slow machines.
 */

/** Tracks every digest in flight until it is disposed of. */
export class DigestWatch implements Disposable {
  readonly #own = crypto.subtle.digest;
  readonly #inFlight = new Set<Promise<unknown>>();

  constructor() {
    crypto.subtle.digest = (...args) => {
      const digest = this.#own.apply(crypto.subtle, args);
      this.#inFlight.add(digest);
      digest.finally(() => this.#inFlight.delete(digest)).catch(() => {});
      return digest;
    };
  }

  /** Resolves when none is in flight; `undefined` if none is now. */
  done(): Promise<unknown> | undefined {
    return this.#inFlight.size === 0 ? undefined : Promise.allSettled(this.#inFlight);
  }

  [Symbol.dispose](): void {
    crypto.subtle.digest = this.#own;
  }
}
