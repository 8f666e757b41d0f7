/** The run's events as they come, in batches of one animation frame. */
import type { LogEvent } from "../../lib/runs/model/mod.ts";
import { type ConnectState, followSSE } from "../../lib/sse/mod.ts";
import { requests } from "./turns.ts";

/** A connection younger than this may still be catching up, so arrivals say nothing of time (ms). */
const CATCH_UP_MS = 1_000;

export interface StreamOptions {
  readonly url: string;
  /** The last id that the page already shows. */
  readonly lastId: number;
  readonly signal: AbortSignal;
  /** Silence after which the connection counts as dead (ms). */
  readonly idleMs: number;
  /** The server's clock (Unix ms). */
  readonly now: () => number;
  readonly onBatch: (events: readonly LogEvent[]) => void;
  readonly onState: (state: ConnectState) => void;
  /** The server says that its store is away, or that all is well. */
  readonly onComment: (comment: string) => void;
}

/**
 * Follows the run until the server says that nothing more will come (204), or the signal ends it.
 * Throws `SSEError` where the server refuses for good.
 */
export async function streamRun(options: StreamOptions): Promise<void> {
  const { signal, now } = options;
  let pending: LogEvent[] = [];
  let frame = 0;
  let trusted = true;
  let openedMs = 0;
  const flush = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    const batch = pending;
    pending = [];
    if (batch.length > 0) options.onBatch(batch);
  };
  const events = followSSE(
    options.url,
    {
      lastEventId: String(options.lastId),
      // Until 204 the log goes on, whatever ends a stream of it.
      repeat: true,
      idleTimeoutMs: options.idleMs,
      reconnect: { initialMs: 500, maxMs: 10_000, maxAttempts: Infinity },
      onComment: options.onComment,
      onState(state) {
        if (state.state === "open") openedMs = now();
        if (state.state === "waiting") trusted = false;
        options.onState(state);
      },
    },
    signal,
    requests,
  );
  try {
    for await (const event of events) {
      const live = trusted || now() - openedMs > CATCH_UP_MS;
      pending.push({
        id: Number(event.id),
        type: event.event,
        data: event.data,
        received_ms: live ? now() : null,
      });
      frame ||= requestAnimationFrame(flush);
    }
  } finally {
    flush();
  }
}
