/**
 * Adopts runs that were created elsewhere with the same key, or another key of the same organisation.
 * The API decides whether a key can see a run. Once adopted, a run is like any other.
 */
import type { TaskClient } from "../../parallel/mod.ts";
import {
  activeKey,
  type Head,
  headKey,
  readActive,
  readHead,
  readRecord,
  readTrace,
  summaryWith,
  withKey,
} from "../log/mod.ts";
import {
  activeRun,
  type CreateContext,
  createdMs,
  type NewRun,
  type RunOwner,
  storeRun,
} from "./create.ts";
import { displaceImport, isImport } from "./displace.ts";
import { joinHistory, readMember, summaryOf } from "../history/mod.ts";
import { deletedKey, readTombstone } from "./removal.ts";
import { foldEvents } from "../model/mod.ts";

/** How long a page waits for the recording of a run that had ended when it was adopted (ms). */
export const ADOPTED_WAIT_MS = 5_000;

/** A person or program with a key, which may not have an account yet. */
export interface KeyHolder {
  apiKey(): Promise<string>;
  account(): Promise<string | null>;
  owner(): Promise<RunOwner>;
}

/** Returns an account as the holder of the key it is signed in with. */
export function holderOf(owner: RunOwner, apiKey: () => Promise<string>): KeyHolder {
  return { apiKey, account: () => Promise.resolve(owner.id), owner: () => Promise.resolve(owner) };
}

/** The requester of a run that their account does not have. */
export interface Claimant {
  /** The account, or `null` if the key was never used here. */
  readonly account: string | null;
  readonly client: TaskClient;
  readonly simulated: boolean;
  /** Returns the account that gets the run. Creates one for a new key. */
  owner(): Promise<RunOwner>;
}

/** The dependencies for storing a run that the API returned. */
export interface KeepContext extends Pick<CreateContext, "committer" | "keyring" | "now"> {
  readonly kv: Deno.Kv;
  /** Called when a run has lost its last member. */
  readonly onDisplaced: (runId: string) => void;
}

/** The dependencies for adopting. */
export interface AdoptContext extends KeepContext {
  /** Do not keep a claimant's runs older than this (ms). `null` keeps all. */
  readonly keptMs: (simulated: boolean) => number | null;
  /** Returns whether the API may be asked now. Limits the requests that unknown ids can cause. */
  readonly mayAsk: (claimant: Claimant) => Promise<boolean>;
}

/** The outcome of a request for a run. `active`: the API is still working on it. */
export type Adoption =
  | { readonly state: "unknown" }
  | { readonly state: "known" }
  | { readonly state: "adopted"; readonly account: string; readonly active: boolean };

const UNKNOWN: Adoption = { state: "unknown" };

/** The most accounts that one run can have: the head names them all, and a KV value holds 64 KiB. */
const MAX_MEMBERS = 500;

/** Adds a run to the claimant's history if the API lets the claimant see it. */
export async function adoptRun(
  context: AdoptContext,
  claimant: Claimant,
  runId: string,
): Promise<Adoption> {
  const { kv, now, keptMs } = context;
  const { account, client, simulated } = claimant;
  if (account !== null) {
    if (await readMember(kv, account, runId) !== null) return { state: "known" };
    if (await readTombstone(kv, account, runId) !== null) return UNKNOWN;
  }
  if (!await context.mayAsk(claimant)) return UNKNOWN;
  const found = await client.retrieve(runId);
  if (!found.ok || found.value.run_id !== runId) return UNKNOWN;
  const task = found.value;
  const kept = keptMs(simulated);
  if (kept !== null && createdMs(task, now()) < now() - kept) return UNKNOWN;
  const input = await client.input(runId);
  if (!input.ok) return UNKNOWN;
  const owner = await claimant.owner();
  const run: NewRun = { task, input: input.value, source: "adopted", simulated };
  if (!await keepRun(context, owner, run)) return UNKNOWN;
  return { state: "adopted", account: owner.id, active: task.is_active };
}

/** Stores a run, or joins the accounts that have it. Concurrent adoptions create one run. */
export async function keepRun(
  context: KeepContext,
  owner: RunOwner,
  run: NewRun,
): Promise<boolean> {
  const { kv } = context;
  const { run_id: runId } = run.task;
  for (;;) {
    const [member, deleted, found] = await Promise.all([
      readMember(kv, owner.id, runId),
      // The key may have had no account when this was first checked.
      kv.get(deletedKey(owner.id, runId)),
      readHead(kv, runId),
    ]);
    if (member !== null) return true;
    if (deleted.value !== null) return false;
    if (found?.head.gone) return false;
    if (found !== null && await isImport(kv, runId, found.head)) {
      await displaceImport(context, runId, found.head);
      continue;
    }
    const done = found === null
      ? await storeRun(context, owner, run, [deleted])
      : await join(context, owner, run, { ...found, deleted });
    if (done === "refused") return false;
    if (done) return true;
  }
}

interface Found {
  readonly head: Head;
  readonly versionstamp: string;
  readonly deleted: Deno.AtomicCheck;
}

async function join(
  { kv, committer, keyring, now }: KeepContext,
  owner: RunOwner,
  { simulated, task }: NewRun,
  { head, versionstamp, deleted }: Found,
): Promise<boolean | "refused"> {
  const { run_id: runId } = task;
  const [record, active] = [await readRecord(kv, runId), await readActive(kv, runId)];
  // The run was deleted or displaced since it was found: try again.
  if (record === null && (await readHead(kv, runId))?.versionstamp !== versionstamp) return false;
  // Not the run that the claimant's API returned under this id.
  if (record?.simulated !== simulated) return "refused";
  if (head.members.length + (head.leaving?.length ?? 0) >= MAX_MEMBERS) return "refused";
  const next: Head = { ...head, members: [...head.members, owner.id] };
  const range = { from: 1, to: head.last_id, output: null };
  const view = foldEvents(await Array.fromAsync(readTrace(kv, runId, range)));
  const first = summaryOf(record, head.status);
  const summary = head.last_id === 0 ? first : summaryWith(first, next, view);
  const joined = joinHistory(owner.id, summary, { nowMs: now() });
  const result = await committer.commit({
    checks: [{ key: headKey(runId), versionstamp }, ...joined.checks, deleted],
    mutations: [
      { type: "set", key: headKey(runId), value: next },
      // Keep the key that worked most recently.
      ...(head.ended ? [] : [{
        type: "set" as const,
        key: activeKey(runId),
        value: withKey(active, await activeRun(keyring, owner)),
      }]),
      ...joined.mutations,
    ],
  });
  return result.ok;
}
