/** Composes recording and streaming: one recorder per run, one relay, and this process's name. */
import type { Keyring } from "./accounts/mod.ts";
import { Batches, type BatchesContext } from "./batches/mod.ts";
import type { Config } from "./config.ts";
import { type Committer, GuardedKv, type LocalOwner } from "./store/mod.ts";
import { openGroupRecording, watchOrphans } from "./group_recording.ts";
import { type Feeders, type Groups, WatchedRuns } from "./groups/mod.ts";
import { type Log, reasonOf, type Timers } from "./base/mod.ts";
import type { Creates, Limiter } from "./limits/mod.ts";
import {
  type ActiveRun,
  inputAgain,
  LeaseGrace,
  placeInBatch,
  readActive,
  readStopped,
  Recorders,
  type RecordersContext,
  Relay,
  retentionMs,
  type RunKey,
  type Runs,
  type StreamsContext,
  withEachKey,
} from "./runs/mod.ts";
import type { NotifyingHooks } from "./notifying.ts";
import type { Upstreams } from "./upstreams.ts";

/** How long a process on another host waits before it takes over a crashed process's runs (ms). */
export const LEASE_MS = 10_000;
/** With a remote store, how long an expired lease is left to its owner, which may return (ms). */
const GRACE_MS = 5_000;
/** How long the API may be silent before its connection counts as dead (ms). Gaps of a minute are normal. */
const STALL_MS = 120_000;
/** How often to read the head of a run that another process records (ms). */
const POLL_MS = 250;
/** How often an open batch checks for other processes' writes (ms). */
const BATCH_POLL_MS = 1_000;

/** The dependencies on other services. */
export interface RecordingOptions {
  readonly config: Pick<Config, "batchLimits" | "retentionDays" | "sseHeartbeatMs">;
  /** This process among those on its KV file; `null` if the store is not a file. */
  readonly localOwner: LocalOwner | null;
  readonly wakeups: StreamsContext["wakeups"];
  readonly slots: StreamsContext["slots"];
  readonly notices: StreamsContext["notices"];
  readonly log: Log;
  readonly kv: Deno.Kv;
  /** The store for background work. */
  readonly background: { readonly kv: Deno.Kv; readonly committer: Committer };
  /** Decrypts a sealed API key. Throws `SealError`. */
  readonly openKey: (sealed: string) => Promise<string>;
  /** The account's stored spare keys. */
  readonly sparesOf: (account: string) => Promise<readonly RunKey[]>;
  readonly now: () => number;
  readonly upstreams: Upstreams;
  readonly committer: Committer;
  readonly keyring: Pick<Keyring, "open" | "seal">;
  /** Limits how often an account can ask the API about unknown IDs. */
  readonly adoptions: Pick<Limiter, "consume">;
  /** Created later, because it needs the recorders. */
  readonly runs: () => Runs;
  /** Called with each event's time from arrival to commit (ms). */
  readonly onAppended: (ms: number) => void;
  /** Limits how many tasks an account can create. */
  readonly creates: Pick<Creates, "enterGroup">;
  readonly budgets: { check(account: string, usd: number | null): Promise<unknown> };
  readonly timers?: Timers | undefined;
  /** The hooks of runs and batches for state changes. Set later, because they need the owner. */
  readonly hooks: () => NotifyingHooks;
  /** Called when another process on this file has ended. */
  readonly onDeath: () => void;
  /** Shorter times for tests. */
  readonly leaseTimes?: LeaseTimes | undefined;
}

/** How long leases last, and how long an expired one is left alone with a remote store (ms). */
export interface LeaseTimes {
  readonly leaseMs: number;
  readonly graceMs: number;
}

/**
 * Creates the recorders and the relay. Call `leaveRecording` last: after it this process counts as ended.
 */
export function openRecording(
  {
    config,
    localOwner: owner,
    wakeups,
    slots,
    notices,
    log,
    kv,
    background,
    openKey,
    now,
    upstreams,
    onAppended,
    leaseTimes,
    ...options
  }: RecordingOptions,
): {
  readonly relay: Relay;
  readonly recorders: Recorders;
  readonly feeders: Feeders;
  readonly groups: Groups;
  /** Asks again about a run whose log stopped before its end. Returns `false` if the API did not say. */
  readonly resume: (runId: string) => Promise<boolean>;
  /** Identifies this process in leases. */
  readonly owner: string;
  /** Returns whether another process is known to have ended. */
  readonly isGone: (owner: string) => boolean;
  readonly leaveRecording: () => void;
  readonly batches: Batches;
} {
  const ownerId = owner?.id ?? crypto.randomUUID();
  const isGone = (id: string) => owner?.isGone(id) ?? false;
  const upstreamOf = async ({ sealed_key: sealedKey }: ActiveRun) => {
    const apiKey = await openKey(sealedKey);
    return { sealedKey, client: upstreams.client(apiKey), fetch: upstreams.forKey(apiKey).fetch };
  };
  const resume = async (runId: string) => {
    const stopped = await readStopped(kv, runId);
    if (stopped === null) return true;
    let isRefused = false;
    for (const active of await withEachKey(stopped, options.sparesOf)) {
      const upstream = await upstreamOf(active).catch(() => null);
      if (upstream === null) continue;
      const { client } = upstream;
      isRefused = (await recorders.recheck(runId, { client, active })).state === "refused";
      if (!isRefused) break;
    }
    return !isRefused;
  };
  const watched = new WatchedRuns(() => recorders);
  const relay = new Relay({
    kv,
    heartbeatMs: config.sseHeartbeatMs,
    pollMs: POLL_MS,
    wakeups,
    slots,
    notices,
    isGone,
    onOrphan: watchOrphans(background.kv, watched, () => recorders),
    now,
  });
  const recording: RecordersContext = {
    ...background,
    now,
    log,
    owner: ownerId,
    isGone,
    sparesOf: options.sparesOf,
    leaseMs: leaseTimes?.leaseMs ?? LEASE_MS,
    // On this host, a crashed owner is detected without waiting.
    ...kv instanceof GuardedKv && { grace: new LeaseGrace(leaseTimes?.graceMs ?? GRACE_MS) },
    held: { chars: 0 },
    onStatus: (change) => options.hooks().onStatus(change),
    stallMs: STALL_MS,
    onCommitting: (runId, events) => relay.prepare(runId, events),
    onDurable: (runId, events, ended) => {
      relay.publish(runId, events, ended);
      batches.runChanged(runId);
      for (const { received_ms } of events) onAppended(now() - (received_ms ?? now()));
    },
    onMembers: (runId, members) => relay.keepMembers(runId, members),
    onRecording: (runId, recording) => {
      relay.recording(runId, recording);
      if (!recording) watched.ended(runId);
    },
    clientFor: async (runId) => {
      const active = await readActive(background.kv, runId);
      return active && upstreamOf(active);
    },
  };
  const recorders = new Recorders(recording);
  const { feeders, groups } = openGroupRecording({
    ...options,
    recording,
    recorders,
    watched,
    openKey,
    upstreams,
    batches: () => batches,
  });
  const { creates, budgets, runs } = options;
  const batches = new Batches({
    ...recording,
    onState: (change) => options.hooks().onState(change),
    onErased: (account, id) => options.hooks().onErased(account, id),
    timers: options.timers,
    keyring: options.keyring,
    heartbeatMs: config.sseHeartbeatMs,
    pollMs: BATCH_POLL_MS,
    wakeups,
    slots,
    notices,
    openKey,
    clientFor: (apiKey) => upstreams.clientFor(apiKey),
    adding: (groupId, apiKey, account) => groups.adding(groupId, apiKey, account),
    enter: (creator, count) => creates.enterGroup(creator, count),
    isKeyOf: (apiKey, account) => runs().isKeyOf(apiKey, account),
    isOverBudget: async (account, usd) => await budgets.check(account, usd) !== null,
    runPage: (account, runId) => runs().page(account, runId),
    runResult: (account, runId) => runs().result(account, runId),
    removeRun: (account, runId) => runs().remove(account, runId),
    restoreRun: (account, runId) => runs().restore(account, runId),
    ...openAdoption({ ...options, ...background, now, config, feeders }),
  });
  owner?.onDeath(() =>
    Promise.all([recorders.pickUp(), feeders.pickUp(), batches.pickUp(), options.onDeath()])
      .catch((error) => {
        log("error", "failed to take over the work of a process that died", {
          reason: reasonOf(error),
        });
      })
  );
  const leaveRecording = () => owner?.close();
  return {
    relay,
    recorders,
    feeders,
    groups,
    batches,
    resume,
    owner: ownerId,
    isGone,
    leaveRecording,
  };
}

/** Connects batches to runs and groups, so that they can adopt a group and send its rows again. */
function openAdoption(
  { adoptions, committer, config, feeders, keyring, kv, now, runs }:
    & Pick<RecordingOptions, "adoptions" | "config" | "keyring" | "kv" | "now" | "runs">
    & { readonly committer: Committer; readonly feeders: Feeders },
): Pick<
  BatchesContext,
  "feed" | "keepRun" | "keptMs" | "limits" | "mayAdopt" | "requestOf"
> {
  return {
    limits: config.batchLimits,
    mayAdopt: async (account) => (await adoptions.consume(account)).ok,
    keptMs: (simulated) => retentionMs(simulated, config.retentionDays),
    feed: (groupId, runIds) => feeders.add(groupId, runIds),
    keepRun: async (owner, { simulated, groupId, row, run: task, input }) => {
      const batch = { id: groupId, row };
      const run = { task, input, source: "adopted", simulated, fedBy: groupId, batch } as const;
      if (!await runs().keepGroupRun(owner, run)) return false;
      // It may have been in the history before.
      await placeInBatch({ kv, committer, now }, owner.id, task.run_id, batch);
      return true;
    },
    requestOf: async (account, runId) => {
      const input = await inputAgain({ kv, keyring }, account, runId, undefined);
      return input === "secrets" ? null : input;
    },
  };
}
