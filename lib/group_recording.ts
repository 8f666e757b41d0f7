/** Composes the recording of group runs: feeders, and recorders for runs that someone is watching. */
import type { Batches } from "./batches/mod.ts";
import { Feeders, type FeedSource, Groups, WatchedRuns } from "./groups/mod.ts";
import type { GroupsContext } from "./groups/mod.ts";
import {
  readActive,
  type Recorders,
  type RecordersContext,
  type RunOwner,
  type Runs,
} from "./runs/mod.ts";
import { sha256Hex } from "./store/mod.ts";
import type { Upstreams } from "./upstreams.ts";

/** Results of runs that end within this time are fetched together (ms). */
const GATHER_MS = 200;

/** The dependencies on other services. */
export interface GroupRecordingOptions {
  /** The context of the recorders of single runs. */
  readonly recording: RecordersContext;
  readonly recorders: Recorders;
  readonly watched: WatchedRuns;
  readonly openKey: (sealed: string) => Promise<string>;
  readonly upstreams: Upstreams;
  /** Called later, because runs need the recorders. */
  readonly runs: () => Pick<Runs, "inFlight" | "keepGroupRun" | "ownerOf">;
  readonly keyring: GroupsContext["keyring"];
  readonly committer: GroupsContext["committer"];
  /** Called with each stored run of a group, which may be a batch's row. */
  readonly batches: () => Pick<Batches, "listing" | "groupChecks" | "stored">;
}

/** Creates the feeders and the service that adds runs to groups. */
export function openGroupRecording(
  { recording, recorders, watched, openKey, upstreams, runs, keyring, committer, batches }:
    GroupRecordingOptions,
): { readonly groups: Groups; readonly feeders: Feeders } {
  const sourceOf = (apiKey: string, known: RunOwner | null): FeedSource => {
    let owner: Promise<RunOwner> | null = null;
    const findOwner = async (): Promise<RunOwner> => ({
      // A key's first run creates its account.
      ...known ?? await runs().ownerOf(apiKey),
      keySha256: await sha256Hex(apiKey),
    });
    return {
      client: upstreams.client(apiKey),
      simulated: upstreams.forKey(apiKey).simulated,
      onKept: (groupId) => batches().groupChecks.runsKept(groupId),
      keep: async (run) => {
        owner ??= findOwner();
        const payer = await owner.catch((error) => {
          owner = null;
          throw error;
        });
        const { metadata } = run.input;
        const batch = await batches().listing.placeOf(payer.id, run.fedBy, metadata) ?? undefined;
        const isKept = await runs().keepGroupRun(payer, { ...run, batch });
        if (!isKept) return false;
        const { run_id } = run.task;
        if (run.input.enable_events === true) watched.want(run_id);
        batches().stored(run.fedBy, { run_id, metadata });
        return true;
      },
    };
  };
  const feeders = new Feeders({
    ...recording,
    recorders,
    gatherMs: GATHER_MS,
    watch: (runId) => watched.want(runId),
    sourceFor: async ({ account, sealed_key: sealedKey }) => ({
      ...sourceOf(await openKey(sealedKey), account === null ? null : { id: account, sealedKey }),
      sealedKey,
    }),
  });
  const { log, now } = recording;
  const groups = new Groups({
    committer,
    keyring,
    log,
    now,
    feeders,
    inFlight: { retryWrite: (write) => runs().inFlight.retryWrite(write) },
    sourceOf: async (apiKey, account) => {
      const owner = account === null
        ? null
        : { id: account, sealedKey: await keyring.seal(apiKey) };
      return sourceOf(apiKey, owner);
    },
  });
  return { groups, feeders };
}

/**
 * Returns a function that starts a recorder for a watched run that has none. A run of a group gets one only
 * if fewer than 200 such runs have one.
 */
export function watchOrphans(
  kv: Deno.Kv,
  watched: WatchedRuns,
  recorders: () => Recorders,
): (runId: string) => void {
  return (runId) =>
    void readActive(kv, runId).then((active) => {
      if (active?.group === undefined) recorders().start(runId);
      else watched.want(runId);
    }, () => {});
}
