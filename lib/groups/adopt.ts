/** Stores runs of a group that this store does not have yet. */
import type { TaskClient, TaskRunInput } from "../parallel/mod.ts";
import { isPassing, type NewRun } from "../runs/mod.ts";

/** Stores a run. Returns `false` if the account deleted it, or may not have it. */
export type KeepOfGroup = (run: NewRun & { readonly fedBy: string }) => Promise<boolean>;

/** The API that has a group, and how to store the group's runs. */
export interface FeedSource {
  readonly client: TaskClient;
  readonly simulated: boolean;
  /** The key of requests to it, as runs store it. Missing while a request stores the runs. */
  readonly sealedKey?: string;
  readonly keep: KeepOfGroup;
  /** Called when runs have been stored: a batch may add them as rows. */
  readonly onKept?: (groupId: string) => Promise<void>;
}

/** After this many checks without a run's request, 10 minutes or more, leave the run until the next start. */
const UNREAD = 20;
/** Runs that are stored at once, so that their commits are grouped. */
const AT_ONCE = 100;

/**
 * Stores runs of a group, each with its request. The requests are read from the group's stream, because the
 * response to `POST …/runs` does not say which run has which input. Returns the ids of the runs that were
 * stored, and of those that may not be stored; the API did not return the others, or not their requests.
 * Throws `GroupStreamError`; rejects with the signal's reason.
 */
export async function adoptRuns(
  client: TaskClient,
  groupId: string,
  { wanted, after, simulated, keep, onKept, signal, unread = new Map() }:
    & Omit<FeedSource, "client">
    & {
      readonly wanted: ReadonlySet<string>;
      /** The cursor in the stream before the first of these runs. */
      readonly after: string | null;
      readonly signal?: AbortSignal;
      /** How often the API did not return a run's request. Changed here. */
      readonly unread?: Map<string, number>;
    },
): Promise<{ readonly kept: Set<string>; readonly refused: Set<string> }> {
  const kept = new Set<string>(), refused = new Set<string>();
  let storing: Promise<void>[] = [];
  const left = new Set(wanted);
  const runs = client.groups.runs(groupId, { includeInput: true, lastEventId: after, signal });
  for await (const event of runs) {
    if (event.kind !== "run" || !left.delete(event.run.run_id)) continue;
    const { run: task } = event;
    const store = async () => {
      const input = event.input ?? await inputOf(client, task.run_id, signal);
      if (input === "later") {
        const times = (unread.get(task.run_id) ?? 0) + 1;
        unread.set(task.run_id, times);
        if (times >= UNREAD) refused.add(task.run_id);
        return;
      }
      const isKept = input !== null &&
        await keep({ task, input, source: "api", simulated, fedBy: groupId });
      (isKept ? kept : refused).add(task.run_id);
    };
    storing.push(store());
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

/**
 * Reads the request of a run that the stream sent without one. Returns `null` if the API has no readable
 * request, and `later` if it did not respond.
 */
async function inputOf(
  client: TaskClient,
  runId: string,
  signal: AbortSignal | undefined,
): Promise<TaskRunInput | null | "later"> {
  const found = await client.input(runId, { signal });
  if (found.ok) return found.value;
  const { kind, status } = found.failure;
  return kind === "refused" && status !== null && !isPassing(status) ? null : "later";
}
