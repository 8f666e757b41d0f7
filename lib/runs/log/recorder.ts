/**
 * Records one run: the only reader of its upstream stream and the only writer of its log. It needs no
 * viewer, survives disconnects, and ends with the run.
 */
import { pause, type Timers } from "../../base/mod.ts";
import type { SSEError } from "../../sse/mod.ts";
import { SealError } from "../../accounts/mod.ts";
import type { ApiFailure } from "../../parallel/mod.ts";
import { Coverage, payloadOf } from "../model/mod.ts";
import { endLost, endWith, stateOf } from "./ending.ts";
import { ReplayFold } from "./fold.ts";
import { replaceKey } from "./active.ts";
import { readHead } from "./head.ts";
import { listen, type ListenContext, type Upstream } from "./listen.ts";
import { growingWaitMs, StatusCheck } from "./status_check.ts";
import { LogWriter } from "./writer.ts";
import type { WriterContext } from "./lease.ts";

/** The dependencies of a recorder. */
export interface RecorderContext extends WriterContext, ListenContext {
  /** Sends requests to the upstream with the run's key. */
  readonly clientFor: (runId: string) => Promise<Upstream | null>;
  /** Timers for renewing the lease, passed in for tests. */
  readonly leaseTimers?: Timers;
}

/** The API refuses to report on the run with this key. */
export class RefusedError extends Error {
  override name = "RefusedError";
  readonly failure: ApiFailure;

  constructor(failure: ApiFailure) {
    super(reasonFor(failure));
    this.failure = failure;
  }
}

/** Used to make a recorder ask the API about its run's state. The recorder sets `ask`. */
export interface Nudge {
  ask: () => void;
}

/**
 * The number of consecutive refusals, of both the stream and the run itself, after which we stop. With
 * growing waits they take about 25 s. A passing refusal must not end a billed run.
 */
const REFUSALS = 9;
/**
 * The same for refusals that are not in the API's own format, about half an hour: a gateway that
 * misroutes during a change knows nothing about the run.
 */
const STRANGE_REFUSALS = 70;
/** How long a run waits for its key to be provided again (ms). */
const LOCKED_MS = 24 * 3_600_000;

/**
 * Records a run until it ends, its lease is lost or the signal aborts. Resolves at once if there is
 * nothing to record. Rejects if KV fails.
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
  // A silent upstream must not keep a recorder running that has lost its lease.
  keepLease(context, writer, done.signal).catch((error) => lost.abort(error));
  try {
    await follow(context, writer, fold, upstream, AbortSignal.any([signal, lost.signal]), nudge);
  } catch (error) {
    if (error instanceof RefusedError) {
      const { sealedKey } = upstream;
      if (sealedKey !== undefined && await replaceKey(context, runId, sealedKey)) throw error;
      const { failure } = error;
      await endLost(writer, reasonFor(failure), failure.status);
    } else if (!signal.aborted) throw error;
  } finally {
    done.abort();
    await writer.release();
  }
}

/** Renews the lease until the signal aborts. Rejects if the lease is lost. */
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

/**
 * Follows the run until it ends. One response never ends a run if another contradicts it: a refused
 * stream, or a proxy's error page in its place, ends nothing while the API reports the run as active or
 * does not respond.
 */
async function follow(
  context: RecorderContext,
  writer: LogWriter,
  fold: ReplayFold,
  upstream: Upstream,
  signal: AbortSignal,
  nudge: Nudge,
): Promise<void> {
  const { client } = upstream;
  const { now, timers } = context;
  const followed = new AbortController();
  const asking = AbortSignal.any([signal, followed.signal]);
  const status = new StatusCheck(client, writer.runId, asking, timers);
  nudge.ask = writer.onNotified = () => void status.ask();
  const untilMs = writer.recordedMs() ?? null;
  const coverage = new Coverage({ untilMs, hasMessages: fold.hasMessages, now });
  writer.recordedMs = () => coverage.untilMs ?? undefined;
  try {
    for (let refusals = 0, own = 0, attempt = 0;;) {
      const listening = { context, upstream, writer, fold, coverage, status, signal };
      const { terminal, error, isFruitful } = await listen(listening);
      if (isFruitful) refusals = own = attempt = 0;
      if (terminal === null) await status.ask();
      const last = terminal ?? (status.run === null ? null : stateOf(status.run));
      if (last !== null) {
        if (terminal === null && coverage.untilMs !== null) writer.recordGap(coverage.untilMs);
        return await endWith(writer, last, { client, signal, timers });
      }
      const refused = isRefusal(error) ? status.refusal : null;
      if (refused === null) refusals = own = 0;
      else {
        refusals++;
        if (!refused.isFromGateway) own++;
      }
      if (refused !== null && (own === REFUSALS || refusals === STRANGE_REFUSALS)) {
        throw new RefusedError(refused);
      }
      const aborted = AbortSignal.any([signal, status.signal]);
      await pause(growingWaitMs(attempt++), aborted, timers).catch(() => signal.throwIfAborted());
    }
  } finally {
    followed.abort();
  }
}

/** Returns whether a server responded, but not with the stream. */
function isRefusal(error: SSEError | null): boolean {
  return error?.kind === "http" || error?.kind === "content-type";
}

function reasonFor({ status, message }: ApiFailure): string {
  if (status === 401) return "The API no longer accepts this account's key";
  if (status === 404) return "The API no longer knows this run";
  return `The API rejected our request for this run (status ${status}: ${message})`;
}

/**
 * Ends a run whose key cannot be decrypted: the instance's secret was changed, and the run's creator has
 * not provided the key again for a day. Returns whether the run has ended.
 */
async function giveUp(context: RecorderContext, runId: string): Promise<boolean> {
  const found = await readHead(context.kv, runId);
  if (found === null || context.now() - found.head.created_ms < LOCKED_MS) return false;
  const writer = await LogWriter.acquire(context, runId, () => {});
  if (writer === null) return true;
  const reason =
    "The API key of this run can no longer be decrypted, because this instance's secret " +
    "was changed";
  await endLost(writer, reason, null);
  return true;
}
