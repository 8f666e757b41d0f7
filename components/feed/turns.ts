/**
 * How pages ask for streams. Lets the windows of one browser share the few connections that it opens to a host over HTTP/1.1:
 * with six streams open, the seventh window would not even load.
 */
import { LeanParser, type Requests } from "../../lib/sse/mod.ts";

/** Streams at once; the browser's other two connections stay free for pages. */
const STREAMS = 4;
/** A window whose place another one waits for goes on this long (ms). */
const TURN_MS = 2_500;

/**
 * Runs `stream` until it ends by itself or the signal ends it, while at most four windows do so. While
 * others wait, its signal ends after a turn and it runs again when its next turn comes: it has to
 * resume where it stopped.
 *
 * Without Web Locks (plain http on another host than this machine) every window streams at once.
 */
export async function inTurn(
  stream: (turn: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (!("locks" in navigator)) return stream(signal);
  const name = `stream ${Math.floor(Math.random() * STREAMS)}`;
  const once = async () => {
    const turn = new AbortController();
    const watching = setInterval(async () => {
      const { pending } = await navigator.locks.query();
      if (pending?.some((waiting) => waiting.name === name)) turn.abort();
    }, TURN_MS);
    try {
      await stream(AbortSignal.any([signal, turn.signal]));
      return true;
    } catch (error) {
      if (signal.aborted || !turn.signal.aborted) throw error;
      return false;
    } finally {
      clearInterval(watching);
    }
  };
  while (!await navigator.locks.request(name, { signal }, once));
}

/** How pages ask this server. Its ids are words that any header carries, and it says no in a status. */
export const requests: Requests = {
  ask: (url, _init, lastEventId, signal) =>
    fetch(url, {
      cache: "no-store",
      headers: {
        accept: "text/event-stream",
        ...(lastEventId && { "last-event-id": lastEventId }),
      },
      signal,
    }),
  // deno-lint-ignore require-await
  refused: async (_error, { status, headers }) =>
    LATER.includes(status) ? Number(headers.get("retry-after")) * 1000 || 0 : undefined,
  parser: (options) => new LeanParser(options),
};

/** Too many streams, and a server or proxy that restarts. */
const LATER = [429, 502, 503, 504];
