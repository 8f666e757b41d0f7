/**
 * Migrates a store to this layout, a few runs per commit. Resumes after an interruption: each commit stores
 * how far the migration has come.
 *
 * Layout 1 had no indexes and no counters. Layout 2 counted a run's end on the day it ended, did not record
 * in tombstones which counts stay, and used different search terms. Layout 3 had no index of all lines, did
 * not count them by status, and had no answers in them. The search terms of layout 4 distinguished ک from ك
 * and क़ from क, and lacked those of squares such as ㌔. Those of layout 5 distinguished ם from מ, ൻ from ന്
 * and ʼ from ’.
 */
import { listKeys } from "../../accounts/mod.ts";
import { Committer, MIGRATION_KEY } from "../../store/mod.ts";
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

/** Runs per commit: each takes up to 20 writes. */
const BATCH = 40;

/** For each older layout, the migration to the next one. */
export const MIGRATIONS: Readonly<Record<number, (kv: Deno.Kv) => Promise<void>>> = {
  1: async (kv) => {
    await listKeys(kv);
    await indexHistories(kv);
  },
  2: recountHistories,
  3: listHistories,
  // Layout 4 has no packs, in which older programs would leave the words of deleted runs.
  4: reindexTexts,
  5: reindexTexts,
};

/** Layout 1 to 2: writes the indexes and counters of every run in every history. */
async function indexHistories(kv: Deno.Kv): Promise<void> {
  await eachBatch<RunSummary>(kv, "history", (account, { value: run }) => [
    ...indexMutations(account, run),
    ...countMutations(account, [], countsOfLayout2(run)),
  ]);
}

/**
 * Layout 2 to 3: counts every run on the day it was created, reindexes every text, and records in the
 * tombstones of restorable runs what is counted for them.
 */
async function recountHistories(kv: Deno.Kv): Promise<void> {
  // In name order: the stored progress relies on it.
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
    ...countMutations(account, countsOfLayout2(run), countsOfLayout3(run)),
    markUnindexed(account, run),
  ]);
}

/**
 * Layout 3 to 4: indexes all lines of a list, counts them by status, and has the indexer add the results'
 * answers to them.
 */
async function listHistories(kv: Deno.Kv): Promise<void> {
  await eachBatch<RunSummary>(kv, "history", (account, { value: run }) => [
    ...indexMutations(account, run),
    ...countMutations(account, countsOfLayout3(run), countsOf(run)),
  ]);
}

/** Layouts 4 and 5 to the next: reindexes every text. */
async function reindexTexts(kv: Deno.Kv): Promise<void> {
  await eachBatch<RunSummary>(kv, "history", (account, { value: run }) => [
    markUnindexed(account, run),
  ]);
}

/** How layout 3 counted a run. */
function countsOfLayout3(run: RunSummary): Count[] {
  return countsOf(run).filter(({ name }) => name !== "listed");
}

/** How layout 2 counted a run. */
function countsOfLayout2(run: RunSummary): Count[] {
  const ended = dayOf(run.ended_ms ?? run.created_ms);
  const isOfCreation = ({ name }: Count) => name === "runs" || name === "open";
  return countsOfLayout3(run).map((count) =>
    isOfCreation(count) ? count : { ...count, day_ms: ended }
  );
}

/**
 * Commits the result of `writes` for each entry under a name, starting at the migration's stored
 * position.
 */
async function eachBatch<T>(
  kv: Deno.Kv,
  name: string,
  writes: (account: string, entry: Deno.KvEntry<T>) => readonly Deno.KvMutation[],
): Promise<void> {
  const committer = new Committer(kv);
  const end = [`${name}\0`];
  for (;;) {
    const place = await kv.get<Deno.KvKey>(MIGRATION_KEY);
    const at = String(place.value?.[0] ?? "");
    if (at > name) return;
    const start = place.value !== null && at === name ? [...place.value, ""] : [name];
    const entries = await Array.fromAsync(kv.list<T>({ start, end }, { limit: BATCH }));
    await committer.commit({
      // Another process migrating the same store is ahead: read again from its position.
      checks: [place, ...entries.map(({ key, versionstamp }) => ({ key, versionstamp }))],
      mutations: [
        ...entries.flatMap((entry) => writes(String(entry.key[1]), entry)),
        { type: "set", key: MIGRATION_KEY, value: entries.at(-1)?.key ?? end },
      ],
    });
  }
}
