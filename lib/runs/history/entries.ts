/**
 * The writes that add a run to an account's history, update it there and remove it, with every index and
 * counter. They belong in the commit that creates, changes or removes the run, so the history never
 * disagrees with the run. Pure.
 */
import {
  eachFacet,
  FACETS,
  type Facets,
  facetsDiffer,
  isActiveStatus,
  type OutputType,
  type RunSummary,
  type StoredRun,
} from "../model/mod.ts";
import { beginning } from "../../base/mod.ts";
import { changeMutations } from "./changes.ts";
import { type Count, countMutations, countsOf, keptCountsOf } from "./counters.ts";
import {
  facetPrefix,
  historyKey,
  keyPart,
  type Member,
  memberKey,
  NEW_MEMBER,
  unindexedKey,
} from "./keys.ts";
import type { TaskRunInput } from "../../parallel/mod.ts";

/** Writes for a commit, with the checks that must hold. */
export interface HistoryWrite {
  readonly checks: readonly Deno.AtomicCheck[];
  readonly mutations: readonly Deno.KvMutation[];
}

/** How a run enters a history. */
export interface JoinOptions {
  readonly nowMs: number;
  /** The account's earlier view of the run. */
  readonly member?: Member;
  /** For a restored run: the amounts that {@linkcode leaveHistory} left counted. */
  readonly kept?: readonly Count[];
}

/** Adds a run to an account's history. The check fails if it is already there. */
export function joinHistory(
  account: string,
  run: RunSummary,
  { nowMs, member = NEW_MEMBER, kept = [] }: JoinOptions,
): HistoryWrite {
  const key = memberKey(account, run.run_id);
  const mutations: Deno.KvMutation[] = [
    { type: "set", key, value: member },
    { type: "set", key: historyKey(account, run.created_ms, run.run_id), value: run },
    ...facetKeys(account, run).map(setIndex),
    ...countMutations(account, kept, countsOf(run)),
    ...changeMutations(account, "created", run, nowMs),
    markUnindexed(account, run),
  ];
  return { checks: [{ key, versionstamp: null }], mutations };
}

/**
 * Removes a run from an account's history. `run` is its stored summary. Read it after the run's head,
 * and check the head in the same commit, as every writer of a summary does. The amounts in `kept` stay counted.
 */
export function leaveHistory(
  account: string,
  run: RunSummary,
  { nowMs, kept = keptCountsOf(run) }: { readonly nowMs: number; readonly kept?: readonly Count[] },
): HistoryWrite {
  const mutations: Deno.KvMutation[] = [
    { type: "delete", key: memberKey(account, run.run_id) },
    { type: "delete", key: historyKey(account, run.created_ms, run.run_id) },
    ...allFacetKeys(account, run).map(deleteIndex),
    ...countMutations(account, countsOf(run), kept),
    ...changeMutations(account, "removed", run, nowMs),
    markUnindexed(account, run),
  ];
  return { checks: [], mutations };
}

/**
 * Changes a run's line in a history from `before` to `after`. The same rules apply as for {@linkcode
 * leaveHistory}.
 */
export function changeHistory(
  account: string,
  before: RunSummary,
  after: RunSummary,
  { nowMs }: { readonly nowMs: number },
): HistoryWrite {
  // A batch's rows have an index of their own.
  const moved = facetsDiffer(before, after) || isRow(before) !== isRow(after);
  // A run may have waited for an action, or have had a status that we do not know.
  const ended = !isActiveStatus(after.status) &&
    (before.status !== after.status || before.ended_ms !== after.ended_ms);
  const mutations: Deno.KvMutation[] = [
    { type: "set", key: historyKey(account, after.created_ms, after.run_id), value: after },
    ...(moved ? moveIndexes(account, before, after) : []),
    ...countMutations(account, countsOf(before), countsOf(after)),
    ...changeMutations(account, "changed", after, nowMs),
    // From now on a search can find the result.
    ...(ended ? [markUnindexed(account, after)] : []),
  ];
  return { checks: [], mutations };
}

/** The index entries of a run whose line exists but was never indexed. */
export function indexMutations(account: string, run: RunSummary): Deno.KvMutation[] {
  return [...facetKeys(account, run).map(setIndex), markUnindexed(account, run)];
}

/**
 * A run's index keys: one per combination of facets that a list can filter by. Of a batch's row only a search
 * reads them, which applies the other facets to the rows that it finds.
 */
function facetKeys(account: string, run: RunSummary): Deno.KvKey[] {
  return keysBy(isRow(run) ? FACETS.filter(({ name }) => name === "status") : FACETS, account, run);
}

/** The index keys that a run may have: earlier versions stored all of them for a batch's row. */
function allFacetKeys(account: string, run: RunSummary): Deno.KvKey[] {
  return keysBy(FACETS, account, run);
}

function keysBy(used: readonly (typeof FACETS)[number][], account: string, run: RunSummary) {
  let combinations: Facets[] = [eachFacet(() => null)];
  for (const { name, valueIn } of used) {
    combinations = combinations.flatMap((facets) => [facets, { ...facets, [name]: valueIn(run) }]);
  }
  const index = isRow(run) ? "row_index" : "index";
  return combinations.map((facets): Deno.KvKey => [
    ...facetPrefix(account, facets, index),
    run.created_ms,
    run.run_id,
  ]);
}

/** Whether the run is a row of a batch. */
function isRow({ batch }: RunSummary): boolean {
  return batch !== undefined;
}

function moveIndexes(account: string, before: RunSummary, after: RunSummary): Deno.KvMutation[] {
  const text = (key: Deno.KvKey) => key.join("\0");
  const kept = new Set(allFacetKeys(account, after).map(text));
  const had = new Set(facetKeys(account, before).map(text));
  return [
    ...allFacetKeys(account, before).filter((key) => !kept.has(text(key))).map(deleteIndex),
    ...facetKeys(account, after).filter((key) => !had.has(text(key))).map(setIndex),
  ];
}

function setIndex(key: Deno.KvKey): Deno.KvMutation {
  return { type: "set", key, value: null };
}

function deleteIndex(key: Deno.KvKey): Deno.KvMutation {
  return { type: "delete", key };
}

/** The search index is updated in a later commit. This mark ensures that it happens. */
export function markUnindexed(account: string, run: RunSummary): Deno.KvMutation {
  return { type: "set", key: unindexedKey(account, run.run_id), value: run.created_ms };
}

// Derives a list's columns from a request. Pure.
/** The longest title in a list (characters). */
const TITLE_LENGTH = 140;

/** The default title: the first line of the input, or the members of an object. */
export function titleOf({ input }: TaskRunInput): string {
  const text = typeof input === "string" ? input : membersText(input);
  const line = text.trim().split(/\r?\n/, 1)[0] ?? "";
  return line.length > TITLE_LENGTH ? `${beginning(line, TITLE_LENGTH - 1).trimEnd()}…` : line;
}

/** The first members of an input, as many as fit in a title. Texts appear without their name. */
function membersText(input: Readonly<Record<string, unknown>>): string {
  let text = "";
  for (const name of Object.keys(input)) {
    if (text.length > TITLE_LENGTH) break;
    const value = input[name];
    const words = typeof value === "string" ? value.trim() : `${name}: ${JSON.stringify(value)}`;
    if (words !== "") text += `${text === "" ? "" : ", "}${words}`;
  }
  return text;
}

/** The output type that a request asks for. */
export function outputTypeOf(input: TaskRunInput): OutputType {
  const schema = input.task_spec?.output_schema;
  if (schema === undefined || schema === null) return "auto";
  if (typeof schema === "string") return "text";
  if (schema.type === "text" || schema.type === "auto") return schema.type;
  return "json";
}

/** A new run's line in a history. */
export function summaryOf(run: StoredRun, status: string): RunSummary {
  return {
    run_id: run.run_id,
    title: titleOf(run.input),
    status: keyPart(status),
    processor: keyPart(run.processor),
    price_usd: run.price_usd,
    output_type: outputTypeOf(run.input),
    progress: null,
    sources_considered: null,
    sources_read: null,
    created_ms: run.created_ms,
    ended_ms: isActiveStatus(status) ? null : run.created_ms,
    simulated: run.simulated,
  };
}
