/** Writes and removes a run's search terms. */
import type { Committer } from "../../store/mod.ts";
import {
  changeHistory,
  termPrefix,
  textKey,
  unindexedKey,
  unsearchableKey,
} from "../history/mod.ts";
import type { Indexed } from "./indexed.ts";
import { unpack } from "./packs.ts";
import { readTerms, schemaTerm, termsMutations } from "./terms.ts";
import { indexTerms } from "./tokens.ts";

/** The value of a mark: when the run was created (Unix ms), and the outcome of earlier tries. */
export type Mark = number | {
  readonly created_ms: number;
  readonly failures: number;
  /** The earliest time of the next try (Unix ms). */
  readonly retry_ms: number;
};

/** Terms per commit. KV allows 1,000 writes. */
const BATCH = 400;
/** Term lists per commit, 30 KB each. */
const LISTS = 15;

/**
 * Removes a run that an account no longer has from the search, even while an indexer is working on it.
 * When it resolves with `true`, none of the run's terms are left and none will be added. Returns `false`
 * if the `fence`, which says that the run is gone, no longer holds: the account has restored it.
 */
export async function unindex(
  kv: Deno.Kv,
  committer: Committer,
  run: { readonly account: string; readonly runId: string; readonly createdMs: number },
  fence: Deno.AtomicCheck,
): Promise<boolean> {
  for (;;) {
    const mark = await kv.get<Mark>(unindexedKey(run.account, run.runId));
    if ((await kv.get(fence.key)).versionstamp !== fence.versionstamp) return false;
    // Already removed from the index: the mark was deleted with the last term.
    if (mark.value === null && (await readTerms(kv, run.account, run.runId)).keys.length === 0) {
      return true;
    }
    if (await reindex(kv, committer, { ...run, checks: [mark, fence] }, null, 0)) return true;
  }
}

/** When the run of a mark was created (Unix ms). */
export function createdMsOf(mark: Mark): number {
  return typeof mark === "number" ? mark : mark.created_ms;
}

/** The run and its account, and the values that must not change meanwhile, above all the mark. */
export interface Job {
  readonly account: string;
  readonly runId: string;
  readonly createdMs: number;
  readonly checks: readonly Deno.AtomicCheck[];
}

/**
 * Updates the terms, and the answer in the history, to match a run. Returns `false` if the run changed
 * meanwhile: its new mark is processed next. It returns `false`, too, if the account's packs changed.
 */
export async function reindex(
  kv: Deno.Kv,
  committer: Committer,
  { account, runId, createdMs, checks }: Job,
  found: Indexed | null,
  nowMs: number,
): Promise<boolean> {
  // No pack has the run from here on, or a commit fails.
  const unpacked = await unpack(kv, committer, account, createdMs);
  const had = await readTerms(kv, account, runId);
  const text = found?.text ?? null;
  const has = text === null ? [] : indexTerms([text.input, text.metadata, text.result]);
  const schema = found?.next.schema;
  if (schema !== undefined) has.unshift(schemaTerm(schema));
  const hasSet = new Set(has);
  const key = (term: string) => [...termPrefix(account, term), createdMs, runId];
  const terms: Deno.KvMutation[] = [
    ...[...had.terms].filter((term) => !hasSet.has(term)).map((term) =>
      ({ type: "delete", key: key(term) }) as const
    ),
    ...has.filter((term) => !had.terms.has(term)).map((term) =>
      ({ type: "set", key: key(term), value: null }) as const
    ),
  ];
  const lists = termsMutations(account, runId, had.next, has);
  const rest: Deno.KvMutation[] = [
    ...had.keys.map((key) => ({ type: "delete", key }) as const),
    text === null
      ? { type: "delete", key: textKey(account, runId) }
      : { type: "set", key: textKey(account, runId), value: text },
    { type: "delete", key: unsearchableKey(account, runId) },
    { type: "delete", key: unindexedKey(account, runId) },
  ];
  const commit = async (
    mutations: readonly Deno.KvMutation[],
    more: readonly Deno.AtomicCheck[] = [],
  ) => (await committer.commit({ checks: [...checks, unpacked, ...more], mutations })).ok;
  // List the terms before writing them, so that they can be deleted after a crash.
  const large = lists.length > 1 || terms.length > BATCH;
  while (large && lists.length > 0) {
    const some = lists.splice(0, LISTS);
    if (!await commit(some)) return false;
  }
  while (terms.length > BATCH) {
    if (!await commit(terms.splice(0, BATCH))) return false;
  }
  if (found === null || found.next === found.line.value) {
    return await commit([...lists, ...terms, ...rest]);
  }
  // A line that changed since is written by the commit that set a new mark, or has it set.
  const { line, next } = found;
  const changed = changeHistory(account, line.value, next, { nowMs });
  return await commit([...lists, ...terms, ...changed.mutations, ...rest], [line]);
}
