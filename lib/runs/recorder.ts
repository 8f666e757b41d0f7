/**
 * Records one run: the only reader of its upstream stream, the only writer of its log. It needs no
 * viewer, survives every break of the stream, and ends with the run.
 */
import { connectSSE, SSEError, type SSEEvent } from "../sse/mod.ts";
import { SealError } from "../accounts/keyring.ts";
import type { TaskClient } from "../parallel/client.ts";
import { ANSWER_BYTES } from "../parallel/limits.ts";
import type { TaskRun } from "../parallel/types.ts";
import { asRecord, kindOf, payloadOf } from "./event.ts";
import { type FoldInput, ReplayFold } from "./fold.ts";
import { memberSpan } from "../base/json_span.ts";
import { readHead } from "./head.ts";
import { pause, type PauseTimers } from "./pause.ts";
import { StatusCheck } from "./status_check.ts";
import { isActiveStatus } from "./view.ts";
import { LogWriter, type WriterContext } from "./writer.ts";

/** Time for reconnecting, passed in for tests. */
export type RecorderTimers = NonNullable<Parameters<typeof connectSSE>[1]>["timers"];

/** What a recorder needs of the world. */
export interface RecorderContext extends WriterContext {
  /** Makes the upstream's requests, bound to the run's key. */
  readonly clientFor: (runId: string) => Promise<
    { readonly client: TaskClient; readonly fetch: typeof fetch } | null
  >;
  /** A silent upstream connection counts as dead after this long (ms). */
  readonly stallMs: number;
  /** Longest wait for response headers (ms); 30 s by default. */
  readonly connectTimeoutMs?: number;
  readonly timers?: RecorderTimers;
  /** Time for keeping the lease, passed in for tests. */
  readonly leaseTimers?: PauseTimers;
  /** In [0, 1): spreads reconnections. `Math.random` by default. */
  readonly random?: () => number;
}

/** How a recorder is told to ask the API how its run stands; it sets `ask` itself. */
export interface Nudge {
  ask: () => void;
}

/** The first retry comes within 100 ms; after that the wait doubles up to 30 s, until something new arrives. */
const RECONNECT = { initialMs: 100, maxMs: 30_000, factor: 2, maxAttempts: Infinity };
const CONNECT_TIMEOUT_MS = 30_000;
/** Results arrive in one event: as long as any answer of the API, and its envelope. */
const MAX_EVENT_BYTES = ANSWER_BYTES + 64 * 1024;
/** Events waiting for KV above which the upstream is read no further. */
const MAX_BACKLOG = 1_000;
/** Answers that are no result after which there is none: it is asked for until the API says something. */
const MALFORMED_RESULTS = 5;
const RESULT_TIMEOUT_SECONDS = 25;
/** How long a run waits for somebody to bring its key again (ms). */
const LOCKED_MS = 24 * 3_600_000;

/** An event that ends a run. */
type Terminal = FoldInput;

/** An upstream event as the recorder sees it. */
interface Incoming extends FoldInput {
  readonly isNew: boolean;
  /** A state after which nothing comes. */
  readonly isTerminal: boolean;
}

/**
 * Records a run until it ends, its lease is lost or the signal aborts. Resolves at once where there is
 * nothing to record. Rejects where KV fails, or something in between answers for the API.
 */
export async function record(
  context: RecorderContext,
  runId: string,
  signal: AbortSignal,
  nudge: Nudge = { ask: () => {} },
): Promise<void> {
  const fold = new ReplayFold();
  const upstream = await context.clientFor(runId).catch(async (error) => {
    if (!(error instanceof SealError) || !await giveUp(context, runId)) throw error;
    return null;
  });
  if (upstream === null) return;
  const writer = await LogWriter.acquire(context, runId, (event) => {
    fold.recorded({ ...event, payload: payloadOf(event) });
  });
  if (writer === null) return;
  const done = new AbortController(), lost = new AbortController();
  // A silent upstream would keep a recorder that may write no more for as long as it is silent.
  keepLease(context, writer, done.signal).catch((error) => lost.abort(error));
  try {
    await follow(context, writer, fold, upstream, AbortSignal.any([signal, lost.signal]), nudge);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    done.abort();
    await writer.release();
  }
}

/** Renews the lease until the signal aborts. Rejects where it is lost. */
async function keepLease(
  { leaseMs, leaseTimers }: RecorderContext,
  writer: LogWriter,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await pause(leaseMs / 3, signal, leaseTimers);
    await writer.renew();
  }
}

async function follow(
  context: RecorderContext,
  writer: LogWriter,
  fold: ReplayFold,
  upstream: { readonly client: TaskClient; readonly fetch: typeof fetch },
  signal: AbortSignal,
  nudge: Nudge,
): Promise<void> {
  const { client, fetch } = upstream;
  const { url, headers } = client.eventsRequest(writer.runId);
  const followed = new AbortController();
  const asking = AbortSignal.any([signal, followed.signal]);
  const status = new StatusCheck(client, writer.runId, asking, context.timers);
  nudge.ask = writer.onNotified = () => void status.ask();
  let incoming: Incoming | undefined;
  let isFruitful = false;
  const events = connectSSE(url, {
    headers,
    fetch,
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
    onState: ({ state }) => {
      if (state === "open") fold.connected();
      else status.streaming(state === "connecting");
      // A connection that brought nothing new says nothing of how the run stands, or the same for ever.
      if (state === "waiting" && !isFruitful) void status.ask();
      if (state === "connecting") isFruitful = false;
    },
    // Waits start over whenever something new arrives: old messages come first on every connect.
    isProgress: (event) => {
      incoming = read({ ...event, data: client.shown(event.data) }, fold);
      // Text that is no JSON, or past its bounds, says nothing of how the run stands: that may have been its end.
      isFruitful ||= incoming.isNew && incoming.payload !== null;
      status.streaming(true);
      return incoming.isNew;
    },
    ...(context.timers === undefined ? {} : { timers: context.timers }),
  });
  try {
    for await (const _ of events) {
      if (incoming === undefined || !incoming.isNew) continue;
      const { type, data } = incoming;
      if (incoming.isTerminal) return await finish(context, writer, client, incoming, signal);
      writer.append(type, data);
      if (writer.backlog > MAX_BACKLOG) await writer.settled();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof SSEError) await status.ask();
    if (status.run !== null) {
      return await finish(context, writer, client, overState(status.run), signal);
    }
    // A page in place of the stream is not the API's word: whoever sent it stands in between. Nor is
    // a request that could not be made here.
    if (!(error instanceof SSEError) || /content-type|request/.test(error.kind)) throw error;
    const stopped = stoppedError(reasonFor(error), error.status ?? null);
    await writer.end("error", JSON.stringify(stopped), null);
  } finally {
    followed.abort();
  }
}

/** The state that the stream owes, from what the API says of the run elsewhere. */
function overState(run: TaskRun): Terminal {
  const payload = { type: "task_run.state", event_id: null, input: null, run, output: null };
  return { type: payload.type, data: JSON.stringify(payload), payload };
}

/**
 * Ends a run whose key nobody can open: the instance's secret was changed, and whoever made the run
 * has not come back with its key for a day. Returns whether it is over.
 */
async function giveUp(context: RecorderContext, runId: string): Promise<boolean> {
  const found = await readHead(context.kv, runId);
  if (found === null || context.now() - found.head.created_ms < LOCKED_MS) return false;
  const writer = await LogWriter.acquire(context, runId, () => {});
  if (writer === null) return true;
  const reason =
    "The key that this run was created with can no longer be opened, for the secret of " +
    "this instance was changed";
  await writer.end("error", JSON.stringify(stoppedError(reason, null)), null);
  return true;
}

function read(event: SSEEvent, fold: ReplayFold): Incoming {
  const payload = payloadOf(event);
  const type = event.event === "message" && isPlainType(payload?.type) ? payload.type : event.event;
  const input: FoldInput = { type, data: event.data, payload };
  const run = kindOf(type) === "state" ? asRecord(payload?.run) : null;
  const isActive = typeof run?.is_active === "boolean"
    ? run.is_active
    : typeof run?.status !== "string" || isActiveStatus(run.status);
  return { ...input, isNew: fold.isNew(input), isTerminal: run !== null && !isActive };
}

/** Ends the log with the terminal state, fetching the result where the event came without it. */
async function finish(
  context: RecorderContext,
  writer: LogWriter,
  client: TaskClient,
  { type, data, payload }: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const completed = asRecord(payload?.run)?.status === "completed";
  const hasOutput = asRecord(payload?.output) !== null;
  if (!completed || hasOutput) return await writer.end(type, data, null);
  const output = await fetchOutput(context, client, writer.runId, signal);
  // The result needs a place in the event: some servers leave null members out.
  const whole = memberSpan(data, "output") === null
    ? JSON.stringify({ ...payload, output: null })
    : data;
  await writer.end(type, whole, output);
}

async function fetchOutput(
  { timers }: RecorderContext,
  client: TaskClient,
  runId: string,
  signal: AbortSignal,
): Promise<string | null> {
  const { initialMs, maxMs, factor } = RECONNECT;
  for (let attempt = 0, malformed = 0;; attempt++) {
    const result = await client.result(runId, { timeoutSeconds: RESULT_TIMEOUT_SECONDS, signal });
    if (result.ok) return result.value.outputText;
    const { kind, status } = result.failure;
    if (kind === "refused" && status !== null && !isPassing(status)) return null;
    if (kind === "malformed" && ++malformed === MALFORMED_RESULTS) return null;
    await pause(Math.min(maxMs, initialMs * factor ** attempt), signal, timers);
  }
}

/** Whether an answer with this status may be another one soon. */
function isPassing(status: number): boolean {
  return status < 400 || status === 408 || status === 425 || status === 429 || status >= 500;
}

function reasonFor({ status, message }: SSEError): string {
  if (status === 401) return "The API no longer accepts this account's key";
  if (status === 404) return "The API no longer knows this run";
  return `The API refused its event stream (${
    status === undefined ? message : `status ${status}`
  })`;
}

/** The event that tells every viewer, for ever, that the rest of this trace was not to be had. */
function stoppedError(reason: string, status: number | null): unknown {
  return {
    type: "error",
    error: {
      ref_id: crypto.randomUUID(),
      message: `Recording stopped: ${reason}. What was recorded until then is kept.`,
      detail: { recording: "stopped", status },
    },
  };
}

function isPlainType(type: unknown): type is string {
  return typeof type === "string" && /^[\w.-]{1,200}$/.test(type);
}
