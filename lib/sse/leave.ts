import { LEFT } from "./error.ts";

/** An iterator that ends at once when its loop is left, and with `return` or `await using`. */
export interface Leavable<T> extends AsyncIterableIterator<T>, AsyncDisposable {
  /** Ends the iteration at once, including a pending `next`, and closes the source. */
  return(): Promise<IteratorResult<T>>;
}

/** Adds the method for `await using`, if the runtime supports it. */
export function disposable<I extends { return(): Promise<unknown> }>(
  iterator: I,
): I & AsyncDisposable {
  // Its result is not used.
  const dispose = iterator.return as () => Promise<never>;
  return Object.assign(iterator, {
    [Symbol.asyncDispose ?? "dispose"]: dispose,
  });
}

/**
 * Makes a generator that can be left at any time. A generator's own `return` waits for a pending `next`.
 * `make` gets a signal that aborts with the caller's signal and on `return`.
 */
export function leavable<T>(
  signal: AbortSignal | null | undefined,
  make: (signal: AbortSignal) => AsyncGenerator<T, undefined | void>,
): Leavable<T> {
  const left = new AbortController();
  const items = make(
    signal ? AbortSignal.any([signal, left.signal]) : left.signal,
  );
  const iterator: Omit<Leavable<T>, typeof Symbol.asyncDispose> = {
    next: () =>
      items.next().catch((error) => {
        if (left.signal.aborted) return { done: true, value: undefined };
        throw error;
      }),
    return() {
      left.abort(LEFT);
      return items.return(undefined);
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return disposable(iterator);
}
