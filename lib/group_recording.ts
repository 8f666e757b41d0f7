/** What records runs of groups: one feeder a group, and the own streams of runs that somebody looks at. */
import { Feeders, type FeedSource, Groups, Watched } from "./groups/mod.ts";
import type { GroupsContext } from "./groups/mod.ts";
import {
  readActive,
  type Recorders,
  type RecordersContext,
  type RunOwner,
  type Runs,
} from "./runs/mod.ts";
import type { Upstreams } from "./upstreams.ts";

/** Ends of a group's runs that come within this time are fetched together (ms). */
const GATHER_MS = 200;

/** What it needs of the other services. */
export interface GroupRecordingOptions {
  /** What the recorders of single runs have. */
  readonly recording: RecordersContext;
  readonly recorders: Recorders;
  readonly watched: Watched;
  readonly openKey: (sealed: string) => Promise<string>;
  readonly upstreams: Upstreams;
  /** Made later: it needs the recorders. */
  readonly runs: () => Pick<Runs, "inFlight" | "keepOfGroup" | "ownerOf">;
  readonly keyring: GroupsContext["keyring"];
  readonly committer: GroupsContext["committer"];
}

/** Makes the feeders, and what adds runs to groups. */
export function openGroupRecording(
  { recording, recorders, watched, openKey, upstreams, runs, keyring, committer }:
    GroupRecordingOptions,
): { readonly groups: Groups; readonly feeders: Feeders } {
  const sourceOf = (apiKey: string, known: RunOwner | null): FeedSource => {
    let owner = known;
    return {
      client: upstreams.client(apiKey),
      simulated: upstreams.of(apiKey).simulated,
      keep: async (run) => {
        // A key's first run makes its account.
        owner ??= await runs().ownerOf(apiKey);
        const isKept = await runs().keepOfGroup(owner, run);
        if (isKept && run.input.enable_events === true) watched.want(run.task.run_id);
        return isKept;
      },
    };
  };
  const feeders = new Feeders({
    ...recording,
    recorders,
    gatherMs: GATHER_MS,
    watch: (runId) => watched.want(runId),
    sourceFor: async ({ account, sealed_key: sealedKey }) =>
      sourceOf(await openKey(sealedKey), account === null ? null : { id: account, sealedKey }),
  });
  const { log, now } = recording;
  const groups = new Groups({
    committer,
    keyring,
    log,
    now,
    feeders,
    inFlight: { insist: (write) => runs().inFlight.insist(write) },
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
 * Who reads the own stream of a run that is watched and that nobody records: one of a group waits for a place
 * among its like.
 */
export function watchOrphans(
  kv: Deno.Kv,
  watched: Watched,
  recorders: () => Recorders,
): (runId: string) => void {
  return (runId) =>
    void readActive(kv, runId).then((active) => {
      if (active?.group === undefined) recorders().start(runId);
      else watched.want(runId);
    }, () => {});
}
