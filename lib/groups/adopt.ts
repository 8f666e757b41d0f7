/** Stores runs of a group that this store does not have yet. */
import type { TaskClient } from "../parallel/mod.ts";
import type { NewRun } from "../runs/mod.ts";

/** Stores a run. `false` if the account deleted it, or may not have it. */
export type KeepOfGroup = (run: NewRun & { readonly fedBy: string }) => Promise<boolean>;

/** The API that has a group, and how to store the group's runs. */
export interface FeedSource {
  readonly client: TaskClient;
  readonly simulated: boolean;
  readonly keep: KeepOfGroup;
  /** Called when runs have been stored: a batch may take them in. */
  readonly onKept?: (groupId: string) => Promise<void>;
}

/** Runs that are stored at once, so that their commits are grouped. */
const AT_ONCE = 100;

/**
 * Stores runs of a group, each with its request. The requests are read from the group's stream, because the
 * answer to `POST …/runs` does not say which run has which input. Returns the ids of the runs that were stored, and
 * of those that may not be stored; the list did not have the others.
 * Throws `GroupStreamError`; rejects with the signal's reason.
 */
export async function adoptRuns(
  client: TaskClient,
  groupId: string,
  { wanted, after, simulated, keep, onKept, signal }: Omit<FeedSource, "client"> & {
    readonly wanted: ReadonlySet<string>;
    /** The cursor in the stream before the first of these runs. */
    readonly after: string | null;
    readonly signal?: AbortSignal;
  },
): Promise<{ readonly kept: Set<string>; readonly refused: Set<string> }> {
  const kept = new Set<string>(), refused = new Set<string>();
  let storing: Promise<void>[] = [];
  const left = new Set(wanted);
  const runs = client.groups.runs(groupId, { includeInput: true, lastEventId: after, signal });
  for await (const event of runs) {
    if (event.kind !== "run" || !left.delete(event.run.run_id)) continue;
    const { run: task, input } = event;
    if (input === null) {
      refused.add(task.run_id);
      continue;
    }
    const run = { task, input, source: "api", simulated, fedBy: groupId } as const;
    storing.push(
      keep(run).then((isKept) => {
        (isKept ? kept : refused).add(task.run_id);
      }),
    );
    if (storing.length === AT_ONCE) {
      await Promise.all(storing);
      storing = [];
    }
    if (left.size === 0) break;
  }
  await Promise.all(storing);
  if (kept.size > 0) await onKept?.(groupId);
  return { kept, refused };
}
