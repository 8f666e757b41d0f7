/** Makes runs of a group ours that are not known here. */
import type { TaskClient } from "../parallel/mod.ts";
import type { NewRun } from "../runs/mod.ts";

/** Keeps a run; `false` where it was deleted here, or may not be had. */
export type KeepOfGroup = (run: NewRun & { readonly fedBy: string }) => Promise<boolean>;

/** Runs that are stored at once: their commits go together. */
const AT_ONCE = 32;

/**
 * Stores runs of a group with the request of each, which the group's own stream tells: no answer says which
 * run is of which input. Returns those that were kept. Throws `GroupStreamError`; rejects with the signal's
 * reason.
 */
export async function adoptRuns(
  client: TaskClient,
  groupId: string,
  { wanted, after, simulated, keep, signal }: {
    readonly wanted: ReadonlySet<string>;
    /** The stream's cursor before the first of them. */
    readonly after: string | null;
    readonly simulated: boolean;
    readonly keep: KeepOfGroup;
    readonly signal?: AbortSignal;
  },
): Promise<Set<string>> {
  const kept = new Set<string>();
  let storing: Promise<void>[] = [];
  const left = new Set(wanted);
  const runs = client.groups.runs(groupId, { includeInput: true, lastEventId: after, signal });
  for await (const event of runs) {
    if (event.kind !== "run" || event.input === null || !left.delete(event.run.run_id)) continue;
    const { run: task, input } = event;
    const run = { task, input, source: "api", simulated, fedBy: groupId } as const;
    storing.push(
      keep(run).then((isKept) => {
        if (isKept) kept.add(task.run_id);
      }),
    );
    if (storing.length === AT_ONCE) {
      await Promise.all(storing);
      storing = [];
    }
    if (left.size === 0) break;
  }
  await Promise.all(storing);
  return kept;
}
