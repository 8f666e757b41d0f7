/** The keys of an account's history and of the data beside it. No other module spells them out. */
import { beginning } from "../../base/mod.ts";
import { FACETS, type Facets } from "../model/mod.ts";

/** A run's position in a history: its creation time, then its id to break ties. */
export interface Position {
  readonly created_ms: number;
  readonly run_id: string;
}

/** The key that makes a run visible to an account. */
export function memberKey(account: string, runId: string): Deno.KvKey {
  return ["member", account, runId];
}

/** An account's runs, oldest first. */
export function historyPrefix(account: string): Deno.KvKey {
  return ["history", account];
}

/** The key of a run's line in an account's history. */
export function historyKey(account: string, createdMs: number, runId: string): Deno.KvKey {
  return [...historyPrefix(account), createdMs, runId];
}

/** Returns a name from the API, cut to fit a key: keys hold 2 KiB, and the API's names are far shorter. */
export function keyPart(name: string): string {
  return beginning(name, 100);
}

/** Runs that are their own lines, and those that are rows of a batch. */
export type IndexName = "index" | "row_index";

/** An account's runs with these facets, oldest first. `null` is stored as an empty part. */
export function facetPrefix(
  account: string,
  facets: Facets,
  index: IndexName = "index",
): Deno.KvKey {
  return [index, account, ...FACETS.map(({ name }) => facets[name] ?? "")];
}

/** An account's runs whose text contains a term, oldest first. */
export function termPrefix(account: string, term: string): Deno.KvKey {
  return ["term", account, term];
}

/** The prefix of the lists of a run's terms, which are needed to delete the terms. */
export function termsKey(account: string, runId: string): Deno.KvKey {
  return ["terms", account, runId];
}

/** An account's packs: which stretches of its history have their terms in a few large values, too. */
export function packsKey(account: string): Deno.KvKey {
  return ["packs", account];
}

/** The values of one pack. */
export function packPrefix(account: string, pack: string): Deno.KvKey {
  return ["pack", account, pack];
}

/** The text that search excerpts come from. */
export function textKey(account: string, runId: string): Deno.KvKey {
  return ["text", account, runId];
}

/** Marks a run whose terms may be out of date. */
export function unindexedKey(account: string, runId: string): Deno.KvKey {
  return ["unindexed", account, runId];
}

/** Marks a run whose text could not be read for search. */
export function unsearchableKey(account: string, runId: string): Deno.KvKey {
  return ["unsearchable", account, runId];
}

/** A counter of a UTC day (given as its first millisecond). */
export function counterKey(
  account: string,
  dayMs: number,
  name: string,
  processor: string,
): Deno.KvKey {
  return ["spend", account, dayMs, name, processor];
}

/** The number of changes to an account's list. Its versionstamp is that of the latest change. */
export function changesKey(account: string): Deno.KvKey {
  return ["changes", account];
}

/** A run's latest change of one kind in one minute (Unix minutes). */
export function changeKey(
  account: string,
  minute: number,
  runId: string,
  kind: string,
): Deno.KvKey {
  return ["change", account, minute, runId, kind];
}

/** An account's counters, by day. */
export function countersPrefix(account: string): Deno.KvKey {
  return ["spend", account];
}

/** The data kept beside an account's runs. The indexer deletes their terms and texts. */
export function besidePrefixes(account: string): Deno.KvKey[] {
  return ["spend", "changes", "change", "budget", "purging"].map((name) => [name, account]);
}

// Who can see a run, with their own title and link.
/** An account's own view of a run. */
export interface Member {
  /** Set by the owner. `null` means the first line of the input. */
  readonly title: string | null;
  readonly starred: boolean;
  readonly share_token: string | null;
}

/** The membership of an account that has just received a run. */
export const NEW_MEMBER: Member = { title: null, starred: false, share_token: null };

/** Returns an account's membership of a run, or `null` if it has no access. */
export async function readMember(
  kv: Deno.Kv,
  account: string,
  runId: string,
): Promise<Member | null> {
  return (await kv.get<Member>(memberKey(account, runId))).value;
}
