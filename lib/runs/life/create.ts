/**
 * Creates a run: upstream first, then one commit that makes it ours, then a recorder.
 */
import type { Timers } from "../../base/mod.ts";
import type { Keyring } from "../../accounts/mod.ts";
import type { Creates } from "../../limits/mod.ts";
import { type Committer, sha256Hex } from "../../store/mod.ts";
import {
  type ApiFailure,
  mayHaveCreated,
  priceOf,
  type TaskClient,
  type TaskRun,
  type TaskRunInput,
} from "../../parallel/mod.ts";
import {
  activeKey,
  type ActiveRun,
  type Head,
  headKey,
  ownedSecrets,
  recordMutation,
  splitSecrets,
} from "../log/mod.ts";
import { joinHistory, outputTypeOf, titleOf } from "../history/mod.ts";
import type { Idempotency } from "./idempotency.ts";
import { isActiveStatus, type RunSource, type RunSummary, type StoredRun } from "../model/mod.ts";

/** Whose run it is, and the key that pays for it. */
export interface RunOwner {
  readonly id: string;
  readonly sealedKey: string;
  /** Whose requests limits count this one with. */
  readonly client?: string;
}

/** How a run is created. */
export interface CreateOptions {
  readonly source: RunSource;
  /** Repeats with the same key and body find the first one's run. */
  readonly idempotencyKey: string | null;
  /** The run that this one repeats. */
  readonly rerunOf?: string;
  /** Ends the wait for an earlier submit's answer; what was sent is never cut short. */
  readonly signal?: AbortSignal;
}

/** The run, or why there is none. `repeated`: an earlier submit had made it. */
export type CreateOutcome =
  | { readonly ok: true; readonly runId: string; readonly repeated: boolean }
  | { readonly ok: false; readonly failure: ApiFailure };

/** What creating needs of the world. */
export interface CreateContext {
  readonly committer: Committer;
  readonly idempotency: Idempotency;
  /** How many tasks an account may create. */
  readonly creates: Pick<Creates, "enter">;
  readonly keyring: Keyring;
  readonly now: () => number;
  readonly timers?: Timers;
  /** Makes a write that must be made, and waits for it a moment; never rejects. */
  readonly insist: (write: () => Promise<unknown>) => Promise<void>;
  /** Stores a run that the API has just made, and has it recorded; may be called again. */
  readonly store: (owner: RunOwner, run: NewRun) => Promise<unknown>;
  readonly clientFor: (
    apiKey: string,
  ) => { readonly client: TaskClient; readonly simulated: boolean };
}

const PENDING: ApiFailure = {
  kind: "pending",
  status: 409,
  refId: null,
  message:
    "This very task was sent a while ago and the API has not answered yet. It was not sent a second " +
    "time. Once it is created it is in your history.",
  detail: null,
};

const LOST: ApiFailure = {
  kind: "timeout",
  status: null,
  refId: null,
  message: "This very task was sent before and its answer got lost. It was not sent a second time.",
  detail: null,
};

/**
 * Sends the request and stores the run. Never cut short by the caller going away and never retried by
 * itself: the API bills each create.
 */
export async function createRun(
  context: CreateContext,
  owner: RunOwner,
  input: TaskRunInput,
  options: CreateOptions,
): Promise<CreateOutcome> {
  const { idempotency } = context;
  const claim = options.idempotencyKey === null
    ? null
    : await idempotency.claimInTurn(owner.id, options.idempotencyKey, JSON.stringify(input), {
      signal: options.signal ?? new AbortController().signal,
      timers: context.timers,
    });
  if (claim?.state === "created") return { ok: true, runId: claim.runId, repeated: true };
  if (claim?.state === "pending") return { ok: false, failure: PENDING };
  if (claim?.state === "lost") return { ok: false, failure: LOST };
  const giveUp = async () => {
    if (claim !== null) await context.insist(() => idempotency.giveUp(claim.key));
  };
  // A repeat is no new task: only what goes to the API counts.
  const prepared = await prepare(context, owner).catch(async (error) => {
    // Nothing was sent: a repeat must not wait for an answer.
    await giveUp();
    throw error;
  });
  const { client, simulated, entry } = prepared;
  if (!entry.ok) {
    await giveUp();
    return { ok: false, failure: limitedFailure(entry) };
  }
  const created = await client.create(input);
  entry.done(created.ok ? created.value.run_id : undefined);
  if (!created.ok) {
    if (claim !== null && mayHaveCreated(created.failure)) {
      await context.insist(() => idempotency.lose(claim.key));
    } else await giveUp();
    return created;
  }
  const { run_id: runId } = created.value;
  const { source, rerunOf } = options;
  const run = { task: created.value, input, source, simulated, rerunOf };
  await context.insist(async () => {
    // First of all: whatever happens to us now, a repeat finds the run and is not billed again. A run
    // that is known by its id alone is adopted when somebody opens it.
    if (claim !== null) await idempotency.settle(claim.key, runId);
    await context.store(owner, run);
  });
  return { ok: true, runId, repeated: false };
}

/** Everything that has to be there before the request is sent. */
async function prepare(
  { clientFor, creates, keyring }: Pick<CreateContext, "clientFor" | "creates" | "keyring">,
  owner: RunOwner,
) {
  const { client, simulated } = clientFor(await keyring.open(owner.sealedKey));
  const creator = { subject: owner.id, client: owner.client ?? null, simulated };
  return { client, simulated, entry: await creates.enter(creator) };
}

/** The instance's own limit: nothing was sent to the API. */
function limitedFailure(
  { limit, retryAfterSeconds }: { readonly limit: string; readonly retryAfterSeconds: number },
): ApiFailure {
  return {
    kind: "limited",
    status: 429,
    refId: null,
    message: `This instance takes ${limit}.`,
    detail: null,
    retryAfterSeconds,
  };
}

/** What the upstream made of a request. */
export interface NewRun {
  readonly task: TaskRun;
  readonly input: TaskRunInput;
  readonly source: RunSource;
  readonly simulated: boolean;
  readonly rerunOf?: string | undefined;
  /** The group whose streams tell of it, where it is one of many. */
  readonly fedBy?: string | undefined;
}

/**
 * Makes a run ours: record, head, membership, history and active entry in one commit. `false` where
 * the store has it already, or one of `checks` fails.
 */
export async function storeRun(
  context: Pick<CreateContext, "committer" | "keyring" | "now">,
  owner: RunOwner,
  { task, input, source, simulated, rerunOf, fedBy }: NewRun,
  checks: readonly Deno.AtomicCheck[] = [],
): Promise<boolean> {
  const { committer, keyring, now } = context;
  const { shown, secrets } = splitSecrets(input);
  const run: StoredRun = {
    run_id: task.run_id,
    interaction_id: task.interaction_id,
    input: shown,
    processor: task.processor,
    price_usd: priceOf(task.processor),
    source,
    rerun_of: rerunOf ?? null,
    follows: input.previous_interaction_id ?? null,
    group_id: task.taskgroup_id ?? fedBy ?? null,
    created_ms: createdMs(task, now()),
    simulated,
  };
  // Its log says so until the group's stream is heard.
  const status = fedBy === undefined ? task.status : "queued";
  const head: Head = {
    last_id: 0,
    status,
    ended: false,
    fence: 0,
    lease_owner: "",
    lease_until: 0,
    output: null,
    members: [owner.id],
    // A run that was over when it was adopted was never to be recorded; nor is what one of many does.
    ...((source === "adopted" && !task.is_active) || fedBy !== undefined
      ? {}
      : { recorded_ms: now() }),
    created_ms: run.created_ms,
    ended_ms: null,
  };
  const active: ActiveRun = {
    ...await activeRun(keyring, owner),
    ...(fedBy === undefined ? {} : { group: fedBy }),
    ...(fedBy !== undefined && input.enable_events === true ? { events: true } : {}),
  };
  const record = await recordMutation(
    committer,
    run,
    secrets === null ? null : await keyring.seal(ownedSecrets(owner.id, secrets)),
  );
  const joined = joinHistory(owner.id, summaryOf(run, status), { nowMs: now() });
  const result = await committer.commit({
    checks: [{ key: headKey(run.run_id), versionstamp: null }, ...joined.checks, ...checks],
    mutations: [
      record,
      { type: "set", key: headKey(run.run_id), value: head },
      { type: "set", key: activeKey(run.run_id), value: active },
      ...joined.mutations,
    ],
  });
  return result.ok;
}

/** What a recorder needs to read an owner's run. */
export async function activeRun(
  keyring: Pick<Keyring, "open">,
  { id, sealedKey }: RunOwner,
): Promise<ActiveRun> {
  const key_sha256 = await sha256Hex(await keyring.open(sealedKey));
  return { account: id, sealed_key: sealedKey, key_sha256 };
}

/** A run's first line in a history. */
export function summaryOf(run: StoredRun, status: string): RunSummary {
  return {
    run_id: run.run_id,
    title: titleOf(run.input),
    status,
    processor: run.processor,
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

/** The upstream's own time of creation (Unix ms), where it is one. */
export function createdMs(task: TaskRun, fallback: number): number {
  const parsed = Date.parse(task.created_at ?? "");
  return Number.isFinite(parsed) ? parsed : fallback;
}
