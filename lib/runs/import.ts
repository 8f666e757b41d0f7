/**
 * Takes in a run that ended elsewhere, with its whole trace. What is here already is never touched, and
 * neither is what was deleted here.
 */
import type { Committer } from "../kv/committer.ts";
import { summaryOf } from "./create.ts";
import type { LogEvent } from "./event.ts";
import { type Head, headKey, readHead } from "./head.ts";
import { joinHistory, readMember } from "./history.ts";
import type { StoredRun } from "./model.ts";
import { recordMutation } from "./record.ts";
import { deletedKey } from "./removal.ts";
import { cutResult } from "./result_splice.ts";
import { summaryWith } from "./summaries.ts";
import { batchEntry, batchLength, type EncodedEvent, encodeEvent, writeOutput } from "./trace.ts";
import { foldEvents } from "./view.ts";

/** A run as a file tells of it. */
export interface ImportedRun {
  readonly run: StoredRun;
  readonly title: string | null;
  readonly ended_ms: number | null;
  readonly events: readonly LogEvent[];
  /** JSON of the result as it came. */
  readonly output_text: string | null;
}

/** What importing needs of the world. */
export interface ImportContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
}

/** `known`: the account has it. `deleted`: it had. `taken`: another account here has a run of that id. */
export type ImportOutcome = "imported" | "known" | "deleted" | "taken";

/** No recorder ever writes with this fence. */
const IMPORT_FENCE = 0;

/** Stores a run for an account, unless the store has one of that id. */
export async function importRun(
  context: ImportContext,
  account: string,
  imported: ImportedRun,
): Promise<ImportOutcome> {
  const { kv, committer, now } = context;
  const { run, events, output_text: resultText } = imported;
  const { run_id: runId } = run;
  if (await readMember(kv, account, runId) !== null) return "known";
  const deleted = await kv.get(deletedKey(account, runId));
  if (deleted.value !== null) return "deleted";
  const claim = await claimHead(context, imported);
  if (claim === null) return "taken";
  const ref = resultText === null
    ? null
    : await writeOutput(committer, runId, IMPORT_FENCE, resultText);
  const encoded: EncodedEvent[] = [];
  for (const event of events) {
    const isLast = event.id === events.length;
    const cut = isLast ? cutResult(event.data, resultText) : null;
    encoded.push(
      cut === null
        ? await encodeEvent(committer, runId, IMPORT_FENCE, event)
        : await encodeEvent(committer, runId, IMPORT_FENCE, { ...event, data: cut.data }, cut.at),
    );
  }
  for (let rest = encoded; rest.length > 0;) {
    const [first, ...others] = rest.slice(0, batchLength(rest));
    if (first === undefined) break;
    const { key, value } = batchEntry(runId, [first, ...others]);
    await committer.commit({
      mutations: [{ type: "set", key, value }],
      bytes: value.byteLength + 100,
    });
    rest = rest.slice(1 + others.length);
  }
  const view = foldEvents(events);
  const head: Head = {
    ...claim.head,
    last_id: events.length,
    status: view.status,
    output: ref,
    members: [account],
  };
  const record = await recordMutation(committer, run, null);
  const line = summaryWith(summaryOf(run, view.status), head, view);
  const joined = joinHistory(account, { ...line, title: imported.title ?? line.title }, {
    nowMs: now(),
    member: { title: imported.title, starred: false, share_token: null },
  });
  const result = await committer.commit({
    checks: [{ key: headKey(runId), versionstamp: claim.versionstamp }, deleted, ...joined.checks],
    mutations: [
      record.mutation,
      { type: "set", key: headKey(runId), value: head },
      ...joined.mutations,
    ],
    bytes: record.bytes + 3000 + joined.bytes,
  });
  // Another request takes in the same file.
  return result.ok ? "imported" : await importRun(context, account, imported);
}

/**
 * Makes the id ours before anything is written under it. A claim without members is one whose import
 * was cut short: nobody sees it, and the next import goes on with it.
 */
async function claimHead(
  { kv, committer }: ImportContext,
  { run, ended_ms }: ImportedRun,
): Promise<{ readonly head: Head; readonly versionstamp: string } | null> {
  const key = headKey(run.run_id);
  const found = await readHead(kv, run.run_id);
  if (found !== null) {
    const { members, leaving = [], gone, fence } = found.head;
    const unfinished = members.length === 0 && leaving.length === 0 && !gone && fence === 0;
    return unfinished && found.head.ended ? found : null;
  }
  const head: Head = {
    last_id: 0,
    status: "completed",
    ended: true,
    fence: IMPORT_FENCE,
    lease_owner: "",
    lease_until: 0,
    output: null,
    members: [],
    created_ms: run.created_ms,
    ended_ms,
  };
  const result = await committer.commit({
    checks: [{ key, versionstamp: null }],
    mutations: [{ type: "set", key, value: head }],
    bytes: 1000,
  });
  return result.ok ? { head, versionstamp: result.versionstamp } : null;
}
