/**
 * Brings a store of an older layout to this one, a few runs a commit. Goes on where it was interrupted:
 * the place it has come to is in the commit of each batch.
 *
 * Layout 1 had no indexes and no counters. Layout 2 counted the end of a run on the day it ended, said
 * nothing in a tombstone of what stays counted, and had other terms to search for.
 */
import { Committer, MIGRATION_PLACE } from "../../store/mod.ts";
import type { RunSummary } from "../model/mod.ts";
import type { Tombstone } from "./removal.ts";
import {
  type Count,
  countMutations,
  countsOf,
  dayOf,
  indexMutations,
  markUnindexed,
  purgingMutation,
} from "../history/mod.ts";

/** Runs of one commit: up to 20 writes each. */
const BATCH = 40;

/** Layout 1 to 2: writes the indexes and counters of every run in every history. */
export async function indexHistories(kv: Deno.Kv): Promise<void> {
  await eachBatch<RunSummary>(kv, "history", (account, { value: run }) => [
    ...indexMutations(account, run),
    ...countMutations(account, [], countsOfLayout2(run)),
  ]);
}

/**
 * Layout 2 to 3: counts every run on the day it was created, has every text indexed again, and writes
 * into the tombstones of runs that may come back what is counted of them.
 */
export async function recountHistories(kv: Deno.Kv): Promise<void> {
  // In the order of their names, by which the place is told.
  await eachBatch<Tombstone>(kv, "deleted", (account, { key, value }) => {
    const { undo, retired } = value;
    if (undo === null) return [];
    const kept = countsOfLayout2(undo.summary).flatMap((count): Count[] =>
      count.name === "spent" ? [{ ...count, name: "deleted" }] : []
    );
    return [
      { type: "set", key, value: { ...value, undo: { ...undo, kept } } },
      ...(retired ? [] : [purgingMutation(account, 1)]),
    ];
  });
  await eachBatch<RunSummary>(kv, "history", (account, { value: run }) => [
    ...countMutations(account, countsOfLayout2(run), countsOf(run)),
    markUnindexed(account, run),
  ]);
}

/** What a run was counted as by layout 2. */
function countsOfLayout2(run: RunSummary): Count[] {
  const ended = dayOf(run.ended_ms ?? run.created_ms);
  const isOfCreation = ({ name }: Count) => name === "runs" || name === "open";
  return countsOf(run).map((count) => isOfCreation(count) ? count : { ...count, day_ms: ended });
}

/** Commits what `writes` says for each entry under a name, from the migration's place on. */
async function eachBatch<T>(
  kv: Deno.Kv,
  name: string,
  writes: (account: string, entry: Deno.KvEntry<T>) => readonly Deno.KvMutation[],
): Promise<void> {
  const committer = new Committer(kv);
  const end = [`${name}\0`];
  for (;;) {
    const place = await kv.get<Deno.KvKey>(MIGRATION_PLACE);
    const at = String(place.value?.[0] ?? "");
    if (at > name) return;
    const start = place.value !== null && at === name ? [...place.value, ""] : [name];
    const entries = await Array.fromAsync(kv.list<T>({ start, end }, { limit: BATCH }));
    await committer.commit({
      // Another process that migrates the same store has come further: read again from there.
      checks: [place, ...entries.map(({ key, versionstamp }) => ({ key, versionstamp }))],
      mutations: [
        ...entries.flatMap((entry) => writes(String(entry.key[1]), entry)),
        { type: "set", key: MIGRATION_PLACE, value: entries.at(-1)?.key ?? end },
      ],
    });
  }
}
