/** Waits so many milliseconds, or rejects with the signal's reason as soon as that aborts. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/** On the machine's clock. */
export const wait: Wait = (ms, signal) =>
  new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    };
    const abort = () => {
      end();
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      end();
      resolve();
    }, ms);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  });
