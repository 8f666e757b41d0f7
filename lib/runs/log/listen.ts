/**
 * Reads a run's event stream and writes new events to its log. Reconnects as long as the next attempt
 * may succeed.
 */
import { beginning, ReusedTimers } from "../../base/mod.ts";
import { type ByteReader, connectSSE, SSEError, type SSEEvent } from "../../sse/mod.ts";
import { ANSWER_BYTES, isTerminal as isFinal, type TaskClient } from "../../parallel/mod.ts";
import {
  asRecord,
  Coverage,
  EVENT_TYPE_CHARS,
  isActiveStatus,
  kindOf,
  payloadOf,
} from "../model/mod.ts";
import type { FoldInput, ReplayFold } from "./fold.ts";
import { isPassing, RECONNECT, type StatusCheck } from "./status_check.ts";
import type { LogWriter } from "./writer.ts";

const CONNECT_TIMEOUT_MS = 30_000;
/** A result arrives in one event, which can be as long as any API response and its envelope. */
const MAX_EVENT_BYTES = ANSWER_BYTES + 64 * 1024;
/** Stop reading the upstream while more events than this wait for KV. */
const MAX_BACKLOG = 1_000;

/** One run's upstream. */
export interface Upstream {
  /** The sealed key that requests use, one of the run's keys. */
  readonly sealedKey?: string;
  readonly client: TaskClient;
  readonly fetch: typeof fetch;
}

/** Timers for reconnecting, passed in for tests. */
export type ReconnectTimers = NonNullable<Parameters<typeof connectSSE>[1]>["timers"];

/** The dependencies for listening. */
export interface ListenContext {
  readonly now: () => number;
  /** After this long without data an upstream connection counts as dead (ms). */
  readonly stallMs: number;
  /** The longest wait for response headers (ms). Default: 30 s. */
  readonly connectTimeoutMs?: number;
  readonly timers?: ReconnectTimers;
  /** In [0, 1): spreads reconnections. Default: `Math.random`. */
  readonly random?: () => number;
}

/** The objects used for listening. */
export interface Listening {
  readonly context: ListenContext;
  readonly upstream: Upstream;
  readonly writer: LogWriter;
  readonly fold: ReplayFold;
  readonly coverage: Coverage;
  readonly status: StatusCheck;
  readonly signal: AbortSignal;
}

/** How listening ended. */
export interface Listened {
  /** The event that ends the run, if the stream contained it. */
  readonly terminal: FoldInput | null;
  /** The error that ended the stream, if any. */
  readonly error: SSEError | null;
  /** Whether any new event arrived. */
  readonly isFruitful: boolean;
}

/** A parsed upstream event. */
interface Incoming extends FoldInput {
  readonly isNew: boolean;
  /** A final state: no event follows. */
  readonly isTerminal: boolean;
  /** A state with a status that is not known to be active or final: only the API can tell. */
  readonly isUnclear: boolean;
  /** The state of another run: a proxy has mixed up two streams. */
  readonly isForeign: boolean;
  /** When the trace before this event stopped being complete (Unix ms). */
  readonly gapFromMs: number | null;
}

/**
 * Listens until the run ends, until the stream fails in a way that retrying cannot fix, or until the
 * status check learns that the run has ended. Rejects if the signal aborts or KV fails.
 */
export async function listen(listening: Listening): Promise<Listened> {
  const { context, upstream: { client, fetch }, writer, fold, coverage, status, signal } =
    listening;
  const { url, headers } = client.eventsRequest(writer.runId);
  using timers = new ReusedTimers();
  let incoming: Incoming | undefined;
  let isFruitful = false, isFruitfulNow = false;
  const events = connectSSE(url, {
    headers,
    fetch: timed(fetch, (ms) => coverage.waited(ms), context.now),
    signal: AbortSignal.any([signal, status.signal]),
    // Following a redirect would send the key to its target.
    redirect: "manual",
    // The upstream's events have no IDs, and its streams end long before its runs.
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
      // A connection without new events says nothing about the run's state.
      if (!isFruitfulNow) void status.ask();
      isFruitfulNow = false;
      // The API may ask for a longer delay than viewers should wait for updates.
      status.askWhileAway(now.ms);
    },
    // Any new event resets the waits. Old messages arrive first on every connect.
    isProgress: (event) => {
      const shown = { ...event, data: client.shown(event.data) };
      incoming = read(shown, { runId: writer.runId, fold, coverage });
      // An unreadable or oversize payload says nothing about the run's state: it may have been the end.
      isFruitfulNow ||= incoming.isNew && incoming.payload !== null;
      isFruitful ||= isFruitfulNow;
      status.streaming(true);
      return incoming.isNew;
    },
    timers: context.timers ?? timers,
  });
  try {
    for await (const _ of events) {
      if (incoming === undefined) continue;
      const { type, data, isNew, isTerminal, isUnclear, isForeign, gapFromMs } = incoming;
      // The following events belong to another run, too.
      if (isForeign) return { terminal: null, error: null, isFruitful };
      if (gapFromMs !== null) writer.recordGap(gapFromMs);
      if (!isNew) continue;
      if (isTerminal) return { terminal: incoming, error: null, isFruitful };
      writer.append(type, data);
      if (isUnclear) void status.ask();
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

function read(
  event: SSEEvent,
  { runId, fold, coverage }: Pick<Listening, "coverage" | "fold"> & { readonly runId: string },
): Incoming {
  const payload = payloadOf(event);
  const named = event.event === "message" && isPlainType(payload?.type)
    ? payload.type
    : event.event;
  const type = beginning(named, EVENT_TYPE_CHARS);
  const input: FoldInput = { type, data: event.data, payload };
  const run = kindOf(type) === "state" ? asRecord(payload?.run) : null;
  if (typeof run?.run_id === "string" && run.run_id !== runId) {
    const nothing = { isNew: false, isTerminal: false, isUnclear: false, gapFromMs: null };
    return { ...input, ...nothing, isForeign: true };
  }
  const status = typeof run?.status === "string" ? run.status : "running";
  const isTerminal = typeof run?.is_active === "boolean" ? !run.is_active : isFinal(status);
  const isUnclear = !isTerminal && !isActiveStatus(status);
  const isNew = fold.isNew(input);
  const gapFromMs = coverage.heard({ type, isNew, isTerminal });
  return { ...input, isNew, isTerminal, isUnclear, isForeign: false, gapFromMs };
}

/**
 * Wraps `fetch` to report how long it waited for each chunk of a body (ms). The body's own reader measures that:
 * another stream around it took a tenth of the processor time of an event.
 */
export function timed(
  fetch: Upstream["fetch"],
  onWaited: (ms: number) => void,
  now: () => number,
): Upstream["fetch"] {
  return async (input, init) => {
    const response = await fetch(input, init);
    const { body } = response;
    if (!response.ok || body === null) return response;
    const getReader = () => {
      const reader = readerOf(body);
      const read = reader.read.bind(reader);
      reader.read = () => {
        const fromMs = now();
        return read().then((chunk) => {
          if (!chunk.done) onWaited(now() - fromMs);
          return chunk;
        });
      };
      return reader;
    };
    Object.defineProperty(body, "getReader", { value: getReader });
    return response;
  };
}

/** The buffer for a chunk, and the one after a chunk that would have filled it: more may wait (bytes). */
const [SMALL_CHUNK, LARGE_CHUNK] = [4 * 1024, 64 * 1024];

/**
 * Returns a reader with small buffers. By default, Deno allocates 64 KiB for every pending read, and each
 * recording has one.
 */
function readerOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): ByteReader {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = new ReadableStreamBYOBReader(body);
  } catch {
    // The sandbox's bodies are not streams of bytes.
    return new ReadableStreamDefaultReader(body);
  }
  let size = SMALL_CHUNK;
  return {
    async read() {
      const { done, value } = await reader.read(new Uint8Array(size));
      size = (value?.byteLength ?? 0) < SMALL_CHUNK ? SMALL_CHUNK : LARGE_CHUNK;
      // The last value is an empty chunk.
      return done ? { done } : { done, value };
    },
    cancel: (reason) => reader.cancel(reason),
    releaseLock: () => reader.releaseLock(),
  };
}

function isPlainType(type: unknown): type is string {
  return typeof type === "string" && /^[\w.-]{1,200}$/.test(type);
}
