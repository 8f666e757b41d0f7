/**
 * Watches in KV: the data that the API does not store about its monitors. This module owns `["watch",
 * account, id]`, `["watch-of", id]` and `["watch-due", due_ms, account, id]`.
 */
import { type Committer, deleteAll } from "../store/mod.ts";
import type { StoreContext } from "./store.ts";

/** A stored watch. Its title is not stored here: it is the run's, and is deleted with the run. */
export interface StoredWatch {
  readonly id: string;
  readonly run_id: string;
  readonly created_ms: number;
  readonly simulated: boolean;
  readonly sealed_key: string;
  readonly key_id: string;
  readonly status: "active" | "cancelled";
  /** IDs of the newest reported events. */
  readonly told: readonly string[];
  /** When to fetch its events next (Unix ms). */
  readonly due_ms: number;
}

/** How often to fetch events without a webhook (ms). */
export const CHECK_MS = 3_600_000;
/** Pattern of monitor IDs that can be stored. */
export const WATCH_ID = /^[\w-]{1,100}$/;

/** The KV keys of watches. */
export const watchKeys = {
  watches: (account: string): Deno.KvKey => ["watch", account],
  watch: (account: string, id: string): Deno.KvKey => ["watch", account, id],
  account: (id: string): Deno.KvKey => ["watch-of", id],
  dues: (untilMs: number): Deno.KvListSelector => ({
    prefix: ["watch-due"],
    end: ["watch-due", untilMs + 1],
  }),
  due: (ms: number, account: string, id: string): Deno.KvKey => ["watch-due", ms, account, id],
};

/** Removes the titles that earlier versions stored: their runs may be erased. Safe to repeat. */
export async function removeTitles(
  { kv, committer }: Pick<StoreContext, "kv" | "committer">,
): Promise<void> {
  for await (
    const entry of kv.list<StoredWatch & { readonly title?: string }>({ prefix: ["watch"] })
  ) {
    const { key, value: { title, ...value } } = entry;
    if (title === undefined) continue;
    await committer.commit({ checks: [entry], mutations: [{ type: "set", key, value }] });
  }
}

/** An account's watches, newest first. */
export async function readWatches(kv: Deno.Kv, account: string): Promise<StoredWatch[]> {
  const found = await Array.fromAsync(kv.list<StoredWatch>({ prefix: watchKeys.watches(account) }));
  return found.map(({ value }) => value).sort((a, b) => b.created_ms - a.created_ms);
}

/** Changes a watch and postpones its next check. `false`: it has changed since it was read. */
export async function changeWatch(
  { committer, now }: StoreContext,
  account: string,
  { key, value, versionstamp }: Deno.KvEntryMaybe<StoredWatch>,
  change: Partial<StoredWatch>,
  more: readonly Deno.KvMutation[] = [],
): Promise<boolean> {
  if (value === null) return true;
  const next = { ...value, ...change, due_ms: now() + CHECK_MS };
  const { ok } = await committer.commit({
    checks: [{ key, versionstamp }],
    mutations: [...watchMutations(account, value, next), ...more],
  });
  return ok;
}

/** The mutations that store a watch. */
export function watchMutations(
  account: string,
  before: StoredWatch | null,
  watch: StoredWatch,
): Deno.KvMutation[] {
  const { due_ms, id, status } = watch;
  const mutations: Deno.KvMutation[] = [
    { type: "set", key: watchKeys.watch(account, id), value: watch },
    { type: "set", key: watchKeys.account(id), value: account },
  ];
  if (before !== null && before.due_ms !== due_ms) {
    mutations.push({ type: "delete", key: watchKeys.due(before.due_ms, account, id) });
  }
  if (status === "active") {
    mutations.push({ type: "set", key: watchKeys.due(due_ms, account, id), value: null });
  }
  return mutations;
}

/** Moves all watches of a merged account. Safe to repeat. */
export async function moveWatches(
  { kv, committer }: StoreContext,
  from: string,
  to: string,
): Promise<void> {
  for (const watch of await readWatches(kv, from)) {
    const gone = [
      watchKeys.watch(from, watch.id),
      watchKeys.due(watch.due_ms, from, watch.id),
    ];
    await committer.commit({
      mutations: [
        ...gone.map((key) => ({ type: "delete" as const, key })),
        ...watchMutations(to, null, watch),
      ],
    });
  }
}

/** Forgets an account's watches. They continue at Parallel. */
export async function removeWatches(
  { kv, committer }: { readonly kv: Deno.Kv; readonly committer: Committer },
  account: string,
): Promise<void> {
  const watches = await readWatches(kv, account);
  const gone = watches.flatMap(({ due_ms, id }) => [
    watchKeys.watch(account, id),
    watchKeys.account(id),
    watchKeys.due(due_ms, account, id),
  ]);
  await deleteAll(committer, gone);
}
