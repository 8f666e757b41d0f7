/**
 * A generator that can be left at any time: a generator's own `return` waits for what its `next`
 * waits for. `make` gets a signal that ends it, on the caller's signal and on `return`.
 */
export function leavable<T>(
  signal: AbortSignal | null | undefined,
  make: (signal: AbortSignal) => AsyncGenerator<T, undefined | void>,
): AsyncIterableIterator<T> {
  const left = new AbortController();
  const items = make(signal ? AbortSignal.any([signal, left.signal]) : left.signal);
  return {
    next: () =>
      items.next().catch((error) => {
        if (left.signal.aborted) return { done: true, value: undefined };
        throw error;
      }),
    return() {
      left.abort(LEFT);
      return items.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The reason that a signal of {@link leavable} has after `return`. */
export const LEFT = "left";
