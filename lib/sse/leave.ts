import { LEFT } from "./error.ts";

/** An iterator that a loop, `return` or the end of an `await using` leaves at once. */
export interface Leavable<T> extends AsyncIterableIterator<T>, AsyncDisposable {
  /** Ends the iteration at once, a `next` that waits included, and lets go of the source. */
  return(): Promise<IteratorResult<T>>;
}

/** Adds what `await using` calls, where the runtime knows of it. */
export function disposable<I extends { return(): Promise<unknown> }>(
  iterator: I,
): I & AsyncDisposable {
  // Nobody looks at what it gives.
  const dispose = iterator.return as () => Promise<never>;
  return Object.assign(iterator, {
    [Symbol.asyncDispose ?? "dispose"]: dispose,
  });
}

/**
 * A generator that can be left at any time: a generator's own `return` waits for what its `next`
 * waits for. `make` gets a signal that ends it, on the caller's signal and on `return`.
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
