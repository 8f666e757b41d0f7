/** How long the recorder waits for an API that does not answer as it should. */

/** The first retry comes within 100 ms; after that the wait doubles up to 30 s, until something new arrives. */
export const RECONNECT = { initialMs: 100, maxMs: 30_000, factor: 2, maxAttempts: Infinity };

/** The wait after so many failures in a row (ms); 0 is the first. */
export function growingWaitMs(failures: number): number {
  const { initialMs, maxMs, factor } = RECONNECT;
  return Math.min(maxMs, initialMs * factor ** failures);
}

/** Whether an answer with this status may be another one soon. */
export function isPassing(status: number): boolean {
  return status < 400 || status === 408 || status === 425 || status === 429 || status >= 500;
}
