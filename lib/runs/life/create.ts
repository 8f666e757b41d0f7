/** Creates a run: call the API, store the run in one commit, then start a recorder. */
import { isShownTime, type Timers } from "../../base/mod.ts";
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
  type RunKey,
  splitSecrets,
} from "../log/mod.ts";
import { joinHistory, keyPart, summaryOf } from "../history/mod.ts";
import type { Idempotency } from "./idempotency.ts";
import { type BatchPlace, type RunSource, type StoredRun } from "../model/mod.ts";

/** The run's owner, and the key that pays for it. */
export interface RunOwner {
  readonly id: string;
  readonly sealedKey: string;
  /** The key's SHA-256 in hex, if known: it saves decrypting the key for each of many runs. */
  readonly keySha256?: string;
  /** The client that rate limits count this request for. */
  readonly client?: string;
}

/** Options for creating a run. */
export interface CreateOptions {
  readonly source: RunSource;
  /** A request with the same key and body returns the first one's run. */
  readonly idempotencyKey: string | null;
  /** The run that this one repeats. */
  readonly rerunOf?: string;
  /** Stops waiting for an earlier submit's response. A request already sent is never aborted. */
  readonly signal?: AbortSignal;
  /** Called right before the request is sent. If it resolves to `false`, nothing is sent. */
  readonly sending?: () => Promise<boolean>;
  /** What is written in the commit that stores the run. */
  readonly storedWith?: (runId: string) => readonly Deno.KvMutation[];
}

/** The run, or the reason there is none. `repeated`: an earlier submit created it. */
export type CreateOutcome =
  | { readonly ok: true; readonly runId: string; readonly repeated: boolean }
  | { readonly ok: false; readonly failure: ApiFailure };

/** The dependencies for creating. */
export interface CreateContext {
  readonly committer: Committer;
  readonly idempotency: Idempotency;
  /** Limits the tasks that an account can create. */
  readonly creates: Pick<Creates, "enter">;
  readonly keyring: Keyring;
  readonly now: () => number;
  readonly timers?: Timers;
  /** Retries a required write until it succeeds, and waits briefly for it. Never rejects. */
  readonly retryWrite: (write: () => Promise<unknown>) => Promise<void>;
  /** Stores a run that the API has just created, and starts recording it. Safe to repeat. */
  readonly store: (owner: RunOwner, run: NewRun) => Promise<unknown>;
  readonly clientFor: (
    apiKey: string,
  ) => { readonly client: TaskClient; readonly simulated: boolean };
}

const PENDING: ApiFailure = {
  kind: "pending",
  status: 409,
  refId: null,
  message: "This task was already sent and the API has not responded yet. We have not resent it. " +
    "It appears in your history once it is created.",
  detail: null,
};

const LOST: ApiFailure = {
  kind: "timeout",
  status: null,
  refId: null,
  message: "This task was already sent, but the response was lost. We have not resent it.",
  detail: null,
};

const CALLED_OFF: ApiFailure = {
  kind: "limited",
  status: null,
  refId: null,
  message: "This task was called off before it was sent.",
  detail: null,
};

/**
 * Sends the request and stores the run. Not aborted when the caller disconnects and never retried
 * automatically: the API bills each create.
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
    if (claim !== null) await context.retryWrite(() => idempotency.giveUp(claim.key));
  };
  // A repeat is not a new task: only requests sent to the API count.
  const prepared = await prepare(context, owner).catch(async (error) => {
    // Nothing was sent, so a repeat must not wait for a response.
    await giveUp();
    throw error;
  });
  const { client, simulated, entry } = prepared;
  if (!entry.ok) {
    await giveUp();
    return { ok: false, failure: limitedFailure(entry) };
  }
  const goesOn = await (options.sending?.() ?? Promise.resolve(true)).catch(async (error) => {
    entry.done();
    await giveUp();
    throw error;
  });
  if (!goesOn) {
    entry.done();
    await giveUp();
    return { ok: false, failure: CALLED_OFF };
  }
  const created = await client.create(input);
  entry.done(created.ok ? created.value.run_id : undefined);
  if (!created.ok) {
    if (claim !== null && mayHaveCreated(created.failure)) {
      await context.retryWrite(() => idempotency.lose(claim.key));
    } else await giveUp();
    return created;
  }
  const { run_id: runId } = created.value;
  const { source, rerunOf } = options;
  const also = options.storedWith?.(runId);
  const run = { task: created.value, input, source, simulated, rerunOf, also };
  await context.retryWrite(async () => {
    // Do this first. If we fail later, a repeat finds the run and is not billed again. A run known only
    // by its id is adopted when someone opens it.
    if (claim !== null) await idempotency.settle(claim.key, runId);
    await context.store(owner, run);
  });
  return { ok: true, runId, repeated: false };
}

/** Prepares everything that is needed before the request is sent. */
async function prepare(
  { clientFor, creates, keyring }: Pick<CreateContext, "clientFor" | "creates" | "keyring">,
  owner: RunOwner,
) {
  const { client, simulated } = clientFor(await keyring.open(owner.sealedKey));
  const creator = { subject: owner.id, client: owner.client ?? null, simulated };
  return { client, simulated, entry: await creates.enter(creator) };
}

/** The instance's own limit. Nothing was sent to the API. */
function limitedFailure(
  { limit, retryAfterSeconds }: { readonly limit: string; readonly retryAfterSeconds: number },
): ApiFailure {
  return {
    kind: "limited",
    status: 429,
    refId: null,
    message: `This instance accepts ${limit}.`,
    detail: null,
    retryAfterSeconds,
  };
}

/** The API's response to a request. */
export interface NewRun {
  readonly task: TaskRun;
  readonly input: TaskRunInput;
  readonly source: RunSource;
  readonly simulated: boolean;
  readonly rerunOf?: string | undefined;
  /** For a run of a group: the group whose streams report on it. */
  readonly fedBy?: string | undefined;
  /** The row of a batch that this run is for. */
  readonly batch?: BatchPlace | undefined;
  /** What is written in the same commit. */
  readonly also?: readonly Deno.KvMutation[] | undefined;
}

/** This member is only stored, and the API may return something other than text. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/**
 * Stores a run: record, head, membership, history and active entry in one commit. Returns `false` if the
 * store already has it, or if one of `checks` fails.
 */
export async function storeRun(
  context: Pick<CreateContext, "committer" | "keyring" | "now">,
  owner: RunOwner,
  { task, input, source, simulated, rerunOf, fedBy, batch, also = [] }: NewRun,
  checks: readonly Deno.AtomicCheck[] = [],
): Promise<boolean> {
  const { committer, keyring, now } = context;
  const { shown, secrets } = splitSecrets(input);
  const processor = keyPart(task.processor || input.processor);
  const run: StoredRun = {
    run_id: task.run_id,
    interaction_id: task.interaction_id,
    input: shown,
    processor,
    price_usd: priceOf(processor),
    source,
    rerun_of: rerunOf ?? null,
    follows: input.previous_interaction_id ?? null,
    group_id: isText(task.taskgroup_id) ? task.taskgroup_id : fedBy ?? null,
    created_ms: createdMs(task, now()),
    simulated,
  };
  // A group's run counts as queued, as its empty log says, until the group's stream arrives.
  const status = fedBy === undefined ? keyPart(task.status) : "queued";
  const head: Head = {
    last_id: 0,
    status,
    ended: false,
    fence: 0,
    lease_owner: "",
    lease_until: 0,
    output: null,
    members: [owner.id],
    // Do not record a run that had ended when it was adopted, nor one that a group's stream covers.
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
  const line = summaryOf(run, status);
  const joined = joinHistory(owner.id, batch === undefined ? line : { ...line, batch }, {
    nowMs: now(),
  });
  const result = await committer.commit({
    checks: [{ key: headKey(run.run_id), versionstamp: null }, ...joined.checks, ...checks],
    mutations: [
      record,
      { type: "set", key: headKey(run.run_id), value: head },
      { type: "set", key: activeKey(run.run_id), value: active },
      ...joined.mutations,
      ...also,
    ],
  });
  return result.ok;
}

/** What a recorder needs to read an owner's run. */
export async function activeRun(
  keyring: Pick<Keyring, "open">,
  { id, sealedKey, keySha256 }: RunOwner,
): Promise<RunKey> {
  const key_sha256 = keySha256 ?? await sha256Hex(await keyring.open(sealedKey));
  return { account: id, sealed_key: sealedKey, key_sha256 };
}

/** The API's creation time (Unix ms), if it is valid. */
export function createdMs(task: TaskRun, fallback: number): number {
  const parsed = Date.parse(task.created_at ?? "");
  return isShownTime(parsed) ? parsed : fallback;
}
