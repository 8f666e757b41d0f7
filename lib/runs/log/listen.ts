/**
 * Listens to a run's event stream and writes what is new into its log, reconnecting for as long as the
 * failures are such that the next attempt may succeed.
 */
import { connectSSE, SSEError, type SSEEvent } from "../../sse/mod.ts";
import { ANSWER_BYTES, type TaskClient } from "../../parallel/mod.ts";
import { asRecord, Coverage, isActiveStatus, kindOf, payloadOf } from "../model/mod.ts";
import type { FoldInput, ReplayFold } from "./fold.ts";
import { isPassing, RECONNECT, type StatusCheck } from "./status_check.ts";
import type { LogWriter } from "./writer.ts";

const CONNECT_TIMEOUT_MS = 30_000;
/** Results arrive in one event: as long as any answer of the API, and its envelope. */
const MAX_EVENT_BYTES = ANSWER_BYTES + 64 * 1024;
/** Events waiting for KV above which the upstream is read no further. */
const MAX_BACKLOG = 1_000;

/** One run's upstream. */
export interface Upstream {
  readonly client: TaskClient;
  readonly fetch: typeof fetch;
}

/** Time for reconnecting, passed in for tests. */
export type ReconnectTimers = NonNullable<Parameters<typeof connectSSE>[1]>["timers"];

/** What listening needs of the world. */
export interface ListenContext {
  readonly now: () => number;
  /** A silent upstream connection counts as dead after this long (ms). */
  readonly stallMs: number;
  /** Longest wait for response headers (ms); 30 s by default. */
  readonly connectTimeoutMs?: number;
  readonly timers?: ReconnectTimers;
  /** In [0, 1): spreads reconnections. `Math.random` by default. */
  readonly random?: () => number;
}

/** What listening is done with. */
export interface Listening {
  readonly context: ListenContext;
  readonly upstream: Upstream;
  readonly writer: LogWriter;
  readonly fold: ReplayFold;
  readonly coverage: Coverage;
  readonly status: StatusCheck;
  readonly signal: AbortSignal;
}

/** How it ended. */
export interface Listened {
  /** The event that ends the run, where the stream had it. */
  readonly terminal: FoldInput | null;
  /** What ended the stream, if not the stream itself. */
  readonly error: SSEError | null;
  /** Anything new came of it. */
  readonly isFruitful: boolean;
}

/** An upstream event as the recorder sees it. */
interface Incoming extends FoldInput {
  readonly isNew: boolean;
  /** A state after which nothing comes. */
  readonly isTerminal: boolean;
  /** Since when the trace before it is not whole (Unix ms). */
  readonly gapFromMs: number | null;
}

/**
 * Listens until the run ends, the stream ends for a reason that another attempt alone does not mend, or
 * the status check has heard that the run is over. Rejects where the signal aborts or KV fails.
 */
export async function listen(listening: Listening): Promise<Listened> {
  const { context, upstream: { client, fetch }, writer, fold, coverage, status, signal } =
    listening;
  const { url, headers } = client.eventsRequest(writer.runId);
  let incoming: Incoming | undefined;
  let isFruitful = false, isFruitfulNow = false;
  const events = connectSSE(url, {
    headers,
    fetch: timed(fetch, (ms) => coverage.waited(ms), context.now),
    signal: AbortSignal.any([signal, status.signal]),
    // A redirect would carry the key to wherever it points.
    redirect: "manual",
    // The upstream's events have no ids, and its streams end long before its runs.
    repeat: true,
    reconnect: { ...RECONNECT, random: context.random },
    connectTimeoutMs: context.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    idleTimeoutMs: context.stallMs,
    maxEventBytes: MAX_EVENT_BYTES,
    isRetryable: ({ status }) => isPassing(status),
    onState: (now) => {
      if (now.state === "open") {
        fold.connected();
        coverage.opened();
        return;
      }
      status.streaming(now.state === "connecting");
      if (now.state !== "waiting") return;
      coverage.ended();
      // A connection that brought nothing new says nothing of how the run stands, or the same for ever.
      if (!isFruitfulNow) void status.ask();
      isFruitfulNow = false;
      // The API may ask for a longer wait than anybody should be left without word.
      status.askWhileAway(now.ms);
    },
    // Waits start over whenever something new arrives: old messages come first on every connect.
    isProgress: (event) => {
      incoming = read({ ...event, data: client.shown(event.data) }, fold, coverage);
      // Text that is no JSON, or past its bounds, says nothing of how the run stands: that may have been its end.
      isFruitfulNow ||= incoming.isNew && incoming.payload !== null;
      isFruitful ||= isFruitfulNow;
      status.streaming(true);
      return incoming.isNew;
    },
    ...(context.timers === undefined ? {} : { timers: context.timers }),
  });
  try {
    for await (const _ of events) {
      if (incoming === undefined) continue;
      const { type, data, isNew, isTerminal, gapFromMs } = incoming;
      if (gapFromMs !== null) writer.tellGap(gapFromMs);
      if (!isNew) continue;
      if (isTerminal) return { terminal: incoming, error: null, isFruitful };
      writer.append(type, data);
      if (writer.backlog > MAX_BACKLOG || writer.isFull) await writer.settled();
    }
    return { terminal: null, error: null, isFruitful };
  } catch (error) {
    signal.throwIfAborted();
    if (!status.signal.aborted && !(error instanceof SSEError)) throw error;
    return { terminal: null, error: error instanceof SSEError ? error : null, isFruitful };
  } finally {
    coverage.ended();
  }
}

function read(event: SSEEvent, fold: ReplayFold, coverage: Coverage): Incoming {
  const payload = payloadOf(event);
  const type = event.event === "message" && isPlainType(payload?.type) ? payload.type : event.event;
  const input: FoldInput = { type, data: event.data, payload };
  const run = kindOf(type) === "state" ? asRecord(payload?.run) : null;
  const isActive = typeof run?.is_active === "boolean"
    ? run.is_active
    : typeof run?.status !== "string" || isActiveStatus(run.status);
  const isTerminal = run !== null && !isActive;
  const isNew = fold.isNew(input);
  const gapFromMs = coverage.heard({ type, isNew, isTerminal });
  return { ...input, isNew, isTerminal, gapFromMs };
}

/** A `fetch` that tells how long it waited for each piece of a body (ms). */
function timed(
  fetch: Upstream["fetch"],
  onWaited: (ms: number) => void,
  now: () => number,
): Upstream["fetch"] {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!response.ok || response.body === null) return response;
    const reader = response.body.getReader();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const fromMs = now();
        const { done, value } = await reader.read();
        if (done) return controller.close();
        onWaited(now() - fromMs);
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
    return new Response(body, response);
  };
}

function isPlainType(type: unknown): type is string {
  return typeof type === "string" && /^[\w.-]{1,200}$/.test(type);
}
