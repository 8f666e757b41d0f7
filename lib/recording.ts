/** What records runs and streams them: one recorder a run, one relay, and this process's name among others. */
import { Batches } from "./batches/mod.ts";
import type { Config } from "./config.ts";
import { type Committer, GuardedKv, LocalOwner } from "./store/mod.ts";
import { openGroupRecording, watchOrphans } from "./group_recording.ts";
import { type Feeders, type Groups, type GroupsContext, Watched } from "./groups/mod.ts";
import { type Log, reasonOf, type Timers } from "./base/mod.ts";
import type { Creates } from "./limits/mod.ts";
import {
  type ActiveRun,
  LeaseGrace,
  readActive,
  readStopped,
  Recorders,
  type RecordersContext,
  Relay,
  type Runs,
  type StreamSlots,
} from "./runs/mod.ts";
import type { Upstreams } from "./upstreams.ts";

/** How long a process on another host waits before it takes over the runs of one that died (ms). */
export const LEASE_MS = 10_000;
/** Where the store is far away: how long an expired lease is left to its owner, which may come back (ms). */
const GRACE_MS = 5_000;
/** Silence of the API after which its connection counts as dead (ms): gaps of a minute are natural. */
const STALL_MS = 120_000;
/** How often the head of a run that another process records is read (ms). */
const POLL_MS = 250;
/** How often an open batch looks for what another process wrote (ms). */
const BATCH_POLL_MS = 1_000;

/** What recording needs of the other services. */
export interface RecordingOptions {
  readonly config: Pick<Config, "kvPath" | "sseHeartbeatMs">;
  readonly slots: StreamSlots;
  readonly log: Log;
  readonly kv: Deno.Kv;
  /** The store for what nobody waits for. */
  readonly background: { readonly kv: Deno.Kv; readonly committer: Committer };
  /** Opens a sealed API key. Throws `SealError`. */
  readonly openKey: (sealed: string) => Promise<string>;
  readonly now: () => number;
  readonly upstreams: Upstreams;
  readonly committer: Committer;
  readonly keyring: GroupsContext["keyring"];
  /** Made later: it needs the recorders. */
  readonly runs: () => Runs;
  /** Told of every event how long it took from its arrival to its commit (ms). */
  readonly onAppended: (ms: number) => void;
  /** How many tasks an account may create, and what it means to spend. */
  readonly creates: Pick<Creates, "enterGroup">;
  readonly budgets: { check(account: string, usd: number | null): Promise<unknown> };
  readonly timers?: Timers | undefined;
  /** Shorter ones for tests. */
  readonly leaseTimes?: LeaseTimes | undefined;
}

/** How long leases hold, and how long an expired one is left alone where the store is far away (ms). */
export interface LeaseTimes {
  readonly leaseMs: number;
  readonly graceMs: number;
}

/** Makes the recorders and the relay. `leaveRecording` comes last: from then on this process counts as ended. */
export function openRecording(
  {
    config,
    slots,
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
  /** Asks again about a run whose log ended without its end; `false` where the API does not tell. */
  readonly resume: (runId: string) => Promise<boolean>;
  readonly leaveRecording: () => void;
  readonly batches: Batches;
} {
  const owner = LocalOwner.open(config.kvPath);
  const isGone = (id: string) => owner?.isGone(id) ?? false;
  const upstreamOf = async ({ sealed_key }: ActiveRun) => {
    const apiKey = await openKey(sealed_key);
    return { client: upstreams.client(apiKey), fetch: upstreams.of(apiKey).fetch };
  };
  const resume = async (runId: string) => {
    const active = await readStopped(kv, runId);
    const upstream = active && await upstreamOf(active).catch(() => null);
    if (active === null || upstream === null) return true;
    const { client } = upstream;
    return (await recorders.askAgain(runId, { client, active })).state !== "refused";
  };
  const watched = new Watched(() => recorders);
  const relay = new Relay({
    kv,
    heartbeatMs: config.sseHeartbeatMs,
    pollMs: POLL_MS,
    slots,
    isGone,
    onOrphan: watchOrphans(background.kv, watched, () => recorders),
    now,
  });
  const recording: RecordersContext = {
    ...background,
    now,
    log,
    owner: owner?.id ?? crypto.randomUUID(),
    isGone,
    leaseMs: leaseTimes?.leaseMs ?? LEASE_MS,
    // On this host a dead owner is known without waiting.
    ...kv instanceof GuardedKv && { grace: new LeaseGrace(leaseTimes?.graceMs ?? GRACE_MS) },
    held: { chars: 0 },
    stallMs: STALL_MS,
    onCommitting: (runId, events) => relay.prepare(runId, events),
    onDurable: (runId, events, ended) => {
      relay.publish(runId, events, ended);
      batches.told(runId);
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
    timers: options.timers,
    keyring: options.keyring,
    heartbeatMs: config.sseHeartbeatMs,
    pollMs: BATCH_POLL_MS,
    slots,
    openKey,
    clientFor: (apiKey) => upstreams.clientFor(apiKey),
    adding: (groupId, apiKey, account) => groups.adding(groupId, apiKey, account),
    enter: (creator, count) => creates.enterGroup(creator, count),
    isOverBudget: async (account, usd) => await budgets.check(account, usd) !== null,
    runPage: (account, runId) => runs().page(account, runId),
    removeRun: (account, runId) => runs().remove(account, runId),
    restoreRun: (account, runId) => runs().restore(account, runId),
  });
  owner?.onDeath(() =>
    Promise.all([recorders.pickUp(), feeders.pickUp(), batches.pickUp()]).catch(
      (error) => {
        log("error", "runs of a process that died are left", { reason: reasonOf(error) });
      },
    )
  );
  const leaveRecording = () => owner?.close();
  return { relay, recorders, feeders, groups, batches, resume, leaveRecording };
}
