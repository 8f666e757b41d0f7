/**
 * Records one run: the only reader of its upstream stream, the only writer of its log. It needs no
 * viewer, survives every break of the stream, and ends with the run.
 */
import { pause, type Timers } from "../../base/mod.ts";
import type { SSEError } from "../../sse/mod.ts";
import { SealError } from "../../accounts/mod.ts";
import type { ApiFailure } from "../../parallel/mod.ts";
import { Coverage, payloadOf } from "../model/mod.ts";
import { endLost, endWith, stateOf } from "./ending.ts";
import { ReplayFold } from "./fold.ts";
import { readHead } from "./head.ts";
import { listen, type ListenContext, type Upstream } from "./listen.ts";
import { growingWaitMs, StatusCheck } from "./status_check.ts";
import { LogWriter, type WriterContext } from "./writer.ts";

/** What a recorder needs of the world. */
export interface RecorderContext extends WriterContext, ListenContext {
  /** Makes the upstream's requests, bound to the run's key. */
  readonly clientFor: (runId: string) => Promise<Upstream | null>;
  /** Time for keeping the lease, passed in for tests. */
  readonly leaseTimers?: Timers;
}

/** How a recorder is told to ask the API how its run stands; it sets `ask` itself. */
export interface Nudge {
  ask: () => void;
}

/**
 * Refusals in a row, of the stream and of the run's own account together, after which nothing more is to
 * be had: with growing waits between them, about 25 s. One that passes must not end a billed run.
 */
const REFUSALS = 9;
/**
 * The same of refusals that are not in the API's own words, about half an hour: a gateway that routes
 * wrongly while it is being changed knows nothing of the run.
 */
const STRANGE_REFUSALS = 70;
/** How long a run waits for somebody to bring its key again (ms). */
const LOCKED_MS = 24 * 3_600_000;

/**
 * Records a run until it ends, its lease is lost or the signal aborts. Resolves at once where there is
 * nothing to record. Rejects where KV fails.
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

/**
 * Follows the run until it is over. One answer never ends what another contradicts: a stream that is
 * refused, or replaced by a page of somebody in between, ends nothing while the API says of the run
 * itself that it is active, or says nothing.
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
        if (terminal === null && coverage.untilMs !== null) writer.tellGap(coverage.untilMs);
        return await endWith(writer, last, { client, signal, timers });
      }
      const refused = isRefusal(error) ? status.refusal : null;
      if (refused === null) refusals = own = 0;
      else {
        refusals++;
        if (!refused.isStrange) own++;
      }
      if (refused !== null && (own === REFUSALS || refusals === STRANGE_REFUSALS)) {
        return await endLost(writer, reasonFor(refused), refused.status);
      }
      const told = AbortSignal.any([signal, status.signal]);
      await pause(growingWaitMs(attempt++), told, timers).catch(() => signal.throwIfAborted());
    }
  } finally {
    followed.abort();
  }
}

/** Whether somebody answered, and not with the stream. */
function isRefusal(error: SSEError | null): boolean {
  return error?.kind === "http" || error?.kind === "content-type";
}

function reasonFor({ status, message }: ApiFailure): string {
  if (status === 401) return "The API no longer accepts this account's key";
  if (status === 404) return "The API no longer knows this run";
  return `The API refused to tell of this run (status ${status}: ${message})`;
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
  await endLost(writer, reason, null);
  return true;
}
