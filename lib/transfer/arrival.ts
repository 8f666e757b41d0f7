/**
 * A file on its way in. A history may be of any size and so may take any time, but not more than its
 * size explains: a connection that trickles would be held for ever.
 */
import { BODY_MS, type BodyTimers } from "../base/body.ts";

/** The file stopped arriving, or is damaged on its way; `message` says which, as a sentence. */
export class ArrivalError extends Error {
  override name = "ArrivalError";
}

/** The two calls of time, and a clock, that waiting for a file needs. */
export interface ArrivalTools {
  readonly timers?: BodyTimers;
  /** Milliseconds since any moment. */
  readonly now?: () => number;
}

/** The slowest line that a file may come over (bytes a second), after the first {@linkcode BODY_MS}. */
export const SLOWEST = 4 * 1024;

const SYSTEM_TIMERS: BodyTimers = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (id) => clearTimeout(id as number),
};

/**
 * The bytes of a body as they come. What is counted is the time spent waiting for them, not what is
 * done with them in between. Throws {@linkcode ArrivalError}.
 */
export async function* arriving(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  { timers = SYSTEM_TIMERS, now = () => performance.now() }: ArrivalTools = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  let received = 0, waitedMs = 0;
  try {
    for (;;) {
      let late = false;
      const from = now();
      const timer = timers.setTimeout(() => {
        late = true;
        // Ends the read that waits; the connection may be closed already.
        reader.cancel().catch(() => {});
      }, BODY_MS + 1000 * received / SLOWEST - waitedMs);
      const { done, value } = await reader.read()
        .catch(() => {
          throw new ArrivalError("The file broke off on its way");
        })
        .finally(() => timers.clearTimeout(timer));
      if (late) throw new ArrivalError("The file took too long to arrive");
      if (done) return;
      waitedMs += now() - from;
      received += value.byteLength;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
