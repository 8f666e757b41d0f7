/**
 * The keys of an account's history and of everything that is kept beside it. Nobody else spells them.
 */
/** Where a run stands in a history: by its creation, and by its id where two share a millisecond. */
export interface Position {
  readonly created_ms: number;
  readonly run_id: string;
}

/** What a history can be narrowed down to; `null`: any. */
export interface Facets {
  readonly status: string | null;
  readonly processor: string | null;
  readonly output: string | null;
}

/** The key that makes a run visible to an account. */
export function memberKey(account: string, runId: string): Deno.KvKey {
  return ["member", account, runId];
}

/** All runs of an account, oldest first. */
export function historyPrefix(account: string): Deno.KvKey {
  return ["history", account];
}

/** The key of a run's line in an account's history. */
export function historyKey(account: string, createdMs: number, runId: string): Deno.KvKey {
  return [...historyPrefix(account), createdMs, runId];
}

/** The runs of an account that have these facets, oldest first. `null` stands as an empty part. */
export function facetPrefix(account: string, { status, processor, output }: Facets): Deno.KvKey {
  if (status === null && processor === null && output === null) return historyPrefix(account);
  return ["index", account, status ?? "", processor ?? "", output ?? ""];
}

/** The runs of an account whose text has a term, oldest first. */
export function termPrefix(account: string, term: string): Deno.KvKey {
  return ["term", account, term];
}

/** The terms under which a run can be found, for taking them away again: lists of them lie below. */
export function termsKey(account: string, runId: string): Deno.KvKey {
  return ["terms", account, runId];
}

/** The text that a search shows a match in. */
export function textKey(account: string, runId: string): Deno.KvKey {
  return ["text", account, runId];
}

/** That the terms of a run may not be those of its text. */
export function unindexedKey(account: string, runId: string): Deno.KvKey {
  return ["unindexed", account, runId];
}

/** That the text of a run could not be read for searching. */
export function unsearchableKey(account: string, runId: string): Deno.KvKey {
  return ["unsearchable", account, runId];
}

/** A counter of a UTC day (its first millisecond). */
export function counterKey(
  account: string,
  dayMs: number,
  name: string,
  processor: string,
): Deno.KvKey {
  return ["spend", account, dayMs, name, processor];
}

/** How many changes an account's list has seen: its versionstamp is that of the latest one. */
export function changesKey(account: string): Deno.KvKey {
  return ["changes", account];
}

/** The latest change of its kind to one run in one minute (Unix minutes). */
export function changeKey(
  account: string,
  minute: number,
  runId: string,
  kind: string,
): Deno.KvKey {
  return ["change", account, minute, runId, kind];
}

/** The counters of an account, by day. */
export function countersPrefix(account: string): Deno.KvKey {
  return ["spend", account];
}

/** What is kept of an account's history beside its runs, whose terms and texts the indexer takes away. */
export function besidePrefixes(account: string): Deno.KvKey[] {
  return ["spend", "changes", "change", "budget", "purging"].map((name) => [name, account]);
}

// Who may see a run, and what they made of it.
/** An account's own view of a run. */
export interface Member {
  /** Set by its owner; `null`: the first line of the input. */
  readonly title: string | null;
  readonly starred: boolean;
  readonly share_token: string | null;
}

/** What a run is to an account that has just got it. */
export const NEW_MEMBER: Member = { title: null, starred: false, share_token: null };

/** An account's membership of a run, or `null` where the run is none of its business. */
export async function readMember(
  kv: Deno.Kv,
  account: string,
  runId: string,
): Promise<Member | null> {
  return (await kv.get<Member>(memberKey(account, runId))).value;
}
