/** The operations on runs that routes use. Those that only read are in stored_runs.ts. */
import { inputAgain, type RerunOptions } from "./rerun.ts";
import { Accounts } from "../../accounts/mod.ts";
import type { Limiter } from "../../limits/mod.ts";
import { sha256Hex } from "../../store/mod.ts";
import { InFlight, type Log } from "../../base/mod.ts";
import type { TaskRunInput } from "../../parallel/mod.ts";
import { type Rechecked, type Recorders, unlockActive } from "../log/mod.ts";
import { ADOPTED_WAIT_MS, adoptRun, type KeepContext, keepRun, type KeyHolder } from "./adopt.ts";
import {
  activeRun,
  type CreateContext,
  type CreateOptions,
  type CreateOutcome,
  createRun,
  type NewRun,
  type RunOwner,
  storeRun,
} from "./create.ts";
import { readMember } from "../history/mod.ts";
import { isRunId } from "../model/mod.ts";
import { type ImportedRun, type ImportOutcome, importRun } from "./import.ts";
import type { Relay, StreamOutcome } from "../stream/mod.ts";
import { removeAllRuns } from "./remove_all.ts";
import type { RemovalContext } from "./removal.ts";
import { removeRun, type RestoreOutcome, restoreRun, UNDO_MS } from "./removal.ts";
import { retentionMs } from "./sweep.ts";
import { StoredRuns } from "./stored_runs.ts";

/** The dependencies of {@linkcode Runs}. */
export interface RunsContext extends Omit<CreateContext & RemovalContext, "retryWrite" | "store"> {
  readonly log: Log;
  readonly recorders: Recorders;
  readonly relay: Relay;
  /** Runs that their groups record and whose keys cannot be decrypted. */
  readonly feeders: { readonly locked: readonly string[]; readonly retryLocked: () => void };
  /** Opens an account's sealed API key. Throws `SealError`. */
  readonly openKey: (sealed: string) => Promise<string>;
  /** Limits how often an account can ask the API for unknown runs. */
  readonly adoptions: Pick<Limiter, "consume">;
  /** Days to keep runs. `null` keeps them for ever, except sandbox runs. */
  readonly retentionDays: number | null;
  /** Identifies this process in the leases of imports. */
  readonly owner: string;
  readonly isGone: (owner: string) => boolean;
}

/** Creates, records, streams, deletes and shows accounts' runs. */
export class Runs extends StoredRuns {
  readonly #context: RunsContext;
  readonly #accounts: Accounts;
  /** Creates that are being sent or stored. */
  readonly inFlight: InFlight;
  /** Adoptions in progress, so that a page and its stream ask the API once. */
  readonly #adopting = new Map<string, Promise<boolean>>();

  constructor(context: RunsContext) {
    super(context.kv);
    this.#context = context;
    this.inFlight = new InFlight(context);
    this.#accounts = new Accounts(context.kv, context.committer, context.now);
  }

  /** Creates a run and starts recording it. Rejects only if our own store fails. */
  async create(
    owner: RunOwner,
    input: TaskRunInput,
    options: CreateOptions,
  ): Promise<CreateOutcome> {
    const creation: CreateContext = {
      ...this.#context,
      retryWrite: (write) => this.inFlight.retryWrite(write),
      store: (owner, run) => this.#store(owner, run),
    };
    return await this.inFlight.track(createRun(creation, owner, input, options));
  }

  /** Returns whether an earlier submit matches, so {@linkcode create} would create no new run. */
  async isRepeat(
    { id }: Pick<RunOwner, "id">,
    input: TaskRunInput,
    { idempotencyKey }: Pick<CreateOptions, "idempotencyKey">,
  ): Promise<boolean> {
    return idempotencyKey !== null &&
      await this.#context.idempotency.knows(id, idempotencyKey, JSON.stringify(input));
  }

  /**
   * Creates a run with another run's request, and another processor if one is given. Returns `null` if
   * the account does not have the run, and `secrets` if the account may not use its MCP header values.
   */
  async rerun(
    owner: RunOwner,
    runId: string,
    { processor, ...options }: RerunOptions,
  ): Promise<CreateOutcome | "secrets" | null> {
    const input = await inputAgain(this.#context, owner.id, runId, processor);
    if (input === null || input === "secrets") return input;
    return await this.create(owner, input, { source: "form", ...options, rerunOf: runId });
  }

  /** Returns whether an earlier submit matches, so {@linkcode rerun} would create no new run. */
  async isRepeatedRerun(
    owner: Pick<RunOwner, "id">,
    runId: string,
    { processor, ...options }: RerunOptions,
  ): Promise<boolean> {
    const input = await inputAgain(this.#context, owner.id, runId, processor);
    return input !== null && input !== "secrets" && await this.isRepeat(owner, input, options);
  }

  /** Imports a run that ended elsewhere. */
  async import(account: string, run: ImportedRun): Promise<ImportOutcome> {
    const outcome = await importRun(this.#context, account, run);
    return await this.#isDeleted(account) ? "deleted" : outcome;
  }

  /**
   * Stores a run that the API has just created and starts recording it. Resolves once it is stored, or
   * after 1.5 s. If the store is unavailable, the write is retried when it is back.
   */
  keep(owner: () => Promise<RunOwner>, run: NewRun): Promise<void> {
    return this.inFlight.retryWrite(async () => this.#store(await owner(), run));
  }

  /** Stores a run whose group reports on it. Returns `false` if it was deleted here. Safe to repeat. */
  async keepGroupRun(owner: RunOwner, run: NewRun & { readonly fedBy: string }): Promise<boolean> {
    return await keepRun(this.#displacing, owner, run) && !await this.#isDeleted(owner.id);
  }

  /** Stores an API run and records it. The id may already be in use by an imported or adopted run. */
  async #store(owner: RunOwner, run: NewRun): Promise<void> {
    if (!await storeRun(this.#context, owner, run)) await keepRun(this.#displacing, owner, run);
    await this.#recordFor(owner.id, run.task.run_id);
  }

  get #displacing(): RunsContext & KeepContext {
    return { ...this.#context, onDisplaced: (id) => this.#context.relay.keepMembers(id, []) };
  }

  /** Starts recording a newly stored run, unless its account was deleted. */
  async #recordFor(account: string, runId: string): Promise<boolean> {
    if (await this.#isDeleted(account)) return false;
    this.#context.recorders.start(runId);
    return true;
  }

  /**
   * Returns whether the account was deleted meanwhile. Removes runs that arrived too late for that
   * deletion.
   */
  async #isDeleted(account: string): Promise<boolean> {
    const isDeleted = await this.#accounts.get(account) === null;
    if (isDeleted) await this.removeAll(account);
    return isDeleted;
  }

  /** Returns the payer for an API key. Creates an account for a new key. */
  async ownerOf(apiKey: string): Promise<RunOwner> {
    await this.unlock(apiKey);
    const [{ id }, sealedKey] = await Promise.all([
      this.#accounts.forKey(apiKey),
      this.#context.keyring.seal(apiKey),
    ]);
    return { id, sealedKey };
  }

  /** Resumes recording the runs that waited for this key. */
  async unlock(apiKey: string): Promise<void> {
    const { feeders, recorders } = this.#context;
    const ids = await unlockActive(this.#context, recorders.locked, apiKey);
    for (const id of ids) recorders.start(id);
    const fed = await unlockActive(this.#context, feeders.locked, apiKey);
    if (fed.length > 0) feeders.retryLocked();
  }

  /** Returns the account of an API key, or `null` if the key was never used here. */
  async accountOf(apiKey: string): Promise<string | null> {
    await this.unlock(apiKey);
    return (await this.#accounts.find(apiKey))?.id ?? null;
  }

  /** Whether a key belongs to an account, or to the one that the account is being merged into. */
  async isKeyOf(apiKey: string, account: string): Promise<boolean> {
    const [owner, own] = [await this.#accounts.find(apiKey), await this.#accounts.get(account)];
    return owner !== null && (owner.id === account || own?.merged !== undefined);
  }

  /** Returns an owner's API key, for requests on their behalf. Throws `SealError`. */
  apiKeyOf(owner: RunOwner): Promise<string> {
    return this.#context.openKey(owner.sealedKey);
  }

  /**
   * Adds a run that was created elsewhere to the key holder's history, if the API shows it to them, and
   * records it from then on. Returns `false` if they cannot see it, or deleted it here.
   */
  async adopt(holder: KeyHolder, runId: string): Promise<boolean> {
    if (!isRunId(runId)) return false;
    const apiKey = await holder.apiKey();
    const subject = await holder.account() ?? await sha256Hex(apiKey);
    const name = `${subject} ${runId}`;
    const adopting = this.#adopting.get(name) ??
      this.#adopt(holder, { apiKey, subject, runId }).finally(() => this.#adopting.delete(name));
    this.#adopting.set(name, adopting);
    return await adopting;
  }

  async #adopt(
    holder: KeyHolder,
    { apiKey, subject, runId }: { apiKey: string; subject: string; runId: string },
  ): Promise<boolean> {
    const { adoptions, clientFor, recorders, retentionDays } = this.#context;
    const adoption = await adoptRun(
      {
        ...this.#displacing,
        keptMs: (simulated) => retentionMs(simulated, retentionDays),
        mayAsk: async () => (await adoptions.consume(subject)).ok,
      },
      { account: await holder.account(), ...clientFor(apiKey), owner: () => holder.owner() },
      runId,
    );
    if (adoption.state !== "adopted") return adoption.state === "known";
    if (!await this.#recordFor(adoption.account, runId)) return false;
    if (!adoption.active) await recorders.done(runId, ADOPTED_WAIT_MS);
    return true;
  }

  /** Asks the API about a run whose log stopped before its end. Returns `null` as with `page`. */
  async recheck(owner: RunOwner, runId: string): Promise<Rechecked | "limited" | null> {
    if (!await this.has(owner.id, runId)) return null;
    const { adoptions, clientFor, keyring, recorders } = this.#context;
    if (!(await adoptions.consume(owner.id)).ok) return "limited";
    const { client } = clientFor(await this.apiKeyOf(owner));
    return await recorders.recheck(runId, { client, active: await activeRun(keyring, owner) });
  }

  /** Streams the run's events after an id as SSE, for an account with access. */
  async stream(account: string, runId: string, after: number): Promise<StreamOutcome> {
    const member = await readMember(this.#context.kv, account, runId);
    if (member === null) return { status: "unknown" };
    const audience = { account, share: null };
    return this.#context.relay.open(runId, after, { limitKey: `account:${account}`, audience });
  }

  /**
   * Deletes a run from an account's history at once, and for good once the undo period is over. The run
   * continues at Parallel, whose API has no cancel. Deleting again succeeds. Returns `false` if the
   * account never had the run.
   */
  async remove(account: string, runId: string): Promise<boolean> {
    if (!isRunId(runId)) return false;
    const left = await removeRun(this.#context, account, runId, { undoMs: UNDO_MS });
    if (left !== null) this.#context.relay.keepMembers(runId, left.members);
    return left !== null;
  }

  /** Removes everything an account created, at once and for good. Returns the number of runs removed. */
  async removeAll(account: string): Promise<number> {
    const { idempotency, relay } = this.#context;
    await idempotency.forget(account);
    return await removeAllRuns(
      this.#context,
      account,
      (runId, { members }) => relay.keepMembers(runId, members),
    );
  }

  /** Undoes a deletion. */
  async restore(account: string, runId: string): Promise<RestoreOutcome> {
    if (!isRunId(runId)) return "unknown";
    return await restoreRun(this.#context, account, runId, { undoMs: UNDO_MS });
  }
}
