/**
 * Adopts groups that were created elsewhere: through `/api`, by the SDK or by the vendor's CLI. The API decides
 * whether a key can see a group. Here only the batch is stored; the process that holds it takes the runs in.
 */
import { isObject, pause, SYSTEM_TIMERS } from "../../base/mod.ts";
import {
  type ApiFailure,
  type ApiResult,
  type GroupEvent,
  GroupStreamError,
  type TaskGroup,
} from "../../parallel/mod.ts";
import { isPassing, readTombstone, type RunOwner } from "../../runs/mod.ts";
import { type CreateBatchContext, storeBatch } from "./create.ts";
import type { SenderContext } from "./look_up.ts";
import { type BatchHead, type BatchRecord, keys } from "./store.ts";
import { type AdoptedEvent, INPUT_COLUMN, isLaterRun, taskOf } from "./adopted_rows.ts";
import type { AdopterContext } from "./adopter.ts";
import type { BatchSummary, GroupAdoption } from "./types.ts";

/** Dependencies of adopting groups. */
export interface AdoptContext
  extends CreateBatchContext, Pick<AdopterContext, "limits">, Pick<SenderContext, "timers"> {
  readonly kv: Deno.Kv;
  /** Whether the account may ask the API about another unknown ID now. */
  readonly mayAdopt: (account: string) => Promise<boolean>;
  /** Runs older than this are not kept (ms); `null` keeps all. */
  readonly keptMs: (simulated: boolean) => number | null;
}

/** How long to wait for the rows of an adopted group, and how often to look (ms). */
const WAIT_MS = 5_000, LOOK_MS = 50;
/** How long the API has for a group and its first run (ms). */
const ASK_MS = 15_000;
const GROUP_ID = /^tgrp_[\w-]{1,90}$/;

const ADOPTED = { state: "adopted" } as const, UNKNOWN = { state: "unknown" } as const;

/** Makes a group a batch of the account, and waits a moment for its rows. */
export async function adoptGroup(
  context: AdoptContext,
  owner: RunOwner,
  groupId: string,
): Promise<GroupAdoption> {
  if (!GROUP_ID.test(groupId)) return UNKNOWN;
  const { kv } = context;
  const known = await kv.get<BatchRecord>(keys.record(groupId));
  if (known.value !== null) return await stateOf(context, owner, groupId);
  if (await isDeleted(kv, owner.id, groupId)) return UNKNOWN;
  if (!await context.mayAdopt(owner.id)) return { state: "limited" };
  const { client, simulated } = context.clientFor(await context.openKey(owner.sealedKey));
  const signal = AbortSignal.timeout(ASK_MS);
  const found = await client.groups.retrieve(groupId, { signal });
  if (!found.ok) return refusalOf(found.failure);
  const group = found.value;
  const { num_task_runs: runs } = group.status;
  if (group.taskgroup_id !== groupId || isTooOld(context, group, simulated)) return UNKNOWN;
  if (runs === 0) return { state: "empty" };
  const { rows: most } = context.limits;
  const list = client.groups.runs(groupId, { includeInput: true, signal });
  // Which runs are rows only matters if the group has more runs than a batch can have rows.
  const listed = await readList(list, runs > most ? most + 1 : 1, signal);
  if (!listed.ok) return refusalOf(listed.failure);
  const { first, rows } = listed.value;
  if (rows > most) return { state: "large", runs, most };
  if (first === null) return { state: "empty" };
  const { run, input } = first;
  if (await isDeleted(kv, owner.id, run.run_id)) return UNKNOWN;
  const isText = typeof input.input === "string";
  const column = { name: INPUT_COLUMN, heading: INPUT_COLUMN };
  const isStored = await storeBatch(context, owner, {
    id: groupId,
    name: nameOf(group),
    simulated,
    columns: isText ? [column] : [],
    rows: [],
    plan: isText
      ? { members: [{ column: 0, name: INPUT_COLUMN }], template: [0] }
      : { members: [], template: null },
    task: taskOf(input),
    allowance: null,
    adopted_ms: Date.parse(group.created_at ?? "") || context.now(),
  });
  if (isStored) context.onStored(groupId);
  return await stateOf(context, owner, groupId);
}

/** Whether the account deleted a run or batch for good. What expired may be adopted again. */
async function isDeleted(kv: Deno.Kv, account: string, id: string): Promise<boolean> {
  const tombstone = await readTombstone(kv, account, id);
  return tombstone !== null && tombstone.retired !== true;
}

/** The state of a stored batch, once its rows are there or the wait is over. */
async function stateOf(
  { kv, timers = SYSTEM_TIMERS, now }: AdoptContext,
  { id: account }: RunOwner,
  groupId: string,
): Promise<GroupAdoption> {
  for (const untilMs = now() + WAIT_MS;;) {
    const [record, head] = await kv.getMany<[BatchRecord, BatchHead]>([
      keys.record(groupId),
      keys.head(groupId),
    ]);
    const isOwn = record.value?.account === account && head.value?.deleted_ms === null;
    if (!isOwn || record.value === null || head.value === null) return UNKNOWN;
    if (!head.value.taking?.due || now() >= untilMs) return ADOPTED;
    const line = await kv.get<BatchSummary>(keys.line(account, record.value.created_ms, groupId));
    if (line.value?.state === "paused") return ADOPTED;
    await pause(LOOK_MS, new AbortController().signal, timers);
  }
}

/** Only a refusal in the API's own error format means that there is no such group. */
function refusalOf(failure: ApiFailure): GroupAdoption {
  const { kind, status, isFromGateway } = failure;
  const isKnown = kind === "refused" && status !== null && !isPassing(status) && !isFromGateway;
  return isKnown ? UNKNOWN : { state: "away", failure };
}

function isTooOld(
  { keptMs, now }: AdoptContext,
  { status, created_at }: TaskGroup,
  simulated: boolean,
): boolean {
  const kept = keptMs(simulated);
  const newestMs = Math.max(
    Date.parse(status.modified_at ?? "") || 0,
    Date.parse(created_at ?? "") || 0,
  );
  return kept !== null && newestMs > 0 && newestMs < now() - kept;
}

/** The first run of a list that has a request, and how many rows the list has: at most `most` are counted. */
async function readList(
  runs: AsyncGenerator<GroupEvent>,
  most: number,
  signal: AbortSignal,
): Promise<ApiResult<{ readonly first: AdoptedEvent | null; readonly rows: number }>> {
  const origins = new Set<string>();
  let first: AdoptedEvent | null = null, rows = 0;
  try {
    for await (const event of runs) {
      if (event.kind !== "run" || event.input === null) continue;
      const taken: AdoptedEvent = { run: event.run, input: event.input };
      first ??= taken;
      if (!isLaterRun(taken, origins) && ++rows === most) break;
    }
    return { ok: true, value: { first, rows } };
  } catch (error) {
    if (error instanceof GroupStreamError) return { ok: false, failure: error.failure };
    if (!signal.aborted) throw error;
    const message = "The API's stream is silent";
    const nothing = { status: null, refId: null, detail: null };
    return { ok: false, failure: { kind: "timeout", message, ...nothing } };
  }
}

/** Returns the name in the group's metadata, or one made from its ID. */
function nameOf({ taskgroup_id, metadata }: TaskGroup): string {
  const { name, title } = isObject(metadata) ? metadata : {};
  const given = [name, title].find((each) => typeof each === "string" && each.trim() !== "");
  return typeof given === "string" ? given.trim() : `Group ${taskgroup_id.slice(5, 13)}`;
}
