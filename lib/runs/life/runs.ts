/** Everything that routes ask of runs. */
import { inputAgain, type RerunOptions } from "./rerun.ts";
import { Accounts } from "../../accounts/mod.ts";
import type { Limiter, Weigh } from "../../limits/mod.ts";
import { sha256Hex } from "../../store/mod.ts";
import { InFlight, type Log } from "../../base/mod.ts";
import type { TaskRunInput } from "../../parallel/mod.ts";
import { type AskedAgain, type Recorders, unlockActive } from "../log/mod.ts";
import { adoptRun, holderOf, type KeepContext, keepRun, type KeyHolder } from "./adopt.ts";
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
import { countRuns, readHistory, readMember } from "../history/mod.ts";
import { type HistoryPage, isRunId, type RunPage, type RunRequest } from "../model/mod.ts";
import { type ImportedRun, type ImportOutcome, importRun } from "./import.ts";
import { readPage, readRequest } from "./page.ts";
import type { Relay, RelayAnswer } from "../stream/mod.ts";
import { removeAllRuns } from "./remove_all.ts";
import { removeRun, type RestoreOutcome, restoreRun, UNDO_MS } from "./removal.ts";
import { retentionMs } from "./sweep.ts";

/** What {@linkcode Runs} is made of. */
export interface RunsContext extends Omit<CreateContext, "insist" | "store"> {
  readonly log: Log;
  readonly kv: Deno.Kv;
  readonly recorders: Recorders;
  readonly relay: Relay;
  /** Opens an account's sealed API key. Throws `SealError`. */
  readonly openKey: (sealed: string) => Promise<string>;
  /** How often an account may ask the API for runs that are not known here. */
  readonly adoptions: Pick<Limiter, "take">;
  /** Days that runs are kept; `null`: for ever, but those of the sandbox. */
  readonly retentionDays: number | null;
}

/** How long a page waits for a run that was over when it was adopted to be recorded (ms). */
const ADOPTED_WAIT_MS = 5_000;

/** Creates, shows, lists and streams an account's runs. */
export class Runs {
  readonly #context: RunsContext;
  readonly #accounts: Accounts;
  /** Creates on their way to the API and into the store. */
  readonly inFlight: InFlight;
  /** Adoptions under way, so that a page and its stream ask the API once. */
  readonly #adopting = new Map<string, Promise<boolean>>();

  constructor(context: RunsContext) {
    this.#context = context;
    this.inFlight = new InFlight(context);
    this.#accounts = new Accounts(context.kv, context.committer, context.now);
  }

  /** Creates a run and starts recording it. Rejects only where our own store fails. */
  async create(
    owner: RunOwner,
    input: TaskRunInput,
    options: CreateOptions,
  ): Promise<CreateOutcome> {
    const creation: CreateContext = {
      ...this.#context,
      insist: (write) => this.inFlight.insist(write),
      store: (owner, run) => this.#store(owner, run),
    };
    return await this.inFlight.track(createRun(creation, owner, input, options));
  }

  /** Whether {@linkcode create} would make no other run of it, for the same submit came before. */
  async isRepeat(
    { id }: Pick<RunOwner, "id">,
    input: TaskRunInput,
    { idempotencyKey }: Pick<CreateOptions, "idempotencyKey">,
  ): Promise<boolean> {
    return idempotencyKey !== null &&
      await this.#context.idempotency.knows(id, idempotencyKey, JSON.stringify(input));
  }

  /**
   * Creates a run that asks what another one did, of another processor if one is named. `null` where the
   * account has no such run; `secrets` where its MCP header values are not the account's to send.
   */
  async rerun(
    owner: RunOwner,
    runId: string,
    { processor, ...options }: RerunOptions,
  ): Promise<CreateOutcome | "secrets" | null> {
    const input = await inputAgain(this.#context, owner.id, runId, processor);
    if (input === null || input === "secrets") return input;
    return await this.create(owner, input, { ...options, source: "form", rerunOf: runId });
  }

  /** Whether {@linkcode rerun} would make no other run of it, for the same submit came before. */
  async isRepeatedRerun(
    owner: Pick<RunOwner, "id">,
    runId: string,
    { processor, ...options }: RerunOptions,
  ): Promise<boolean> {
    const input = await inputAgain(this.#context, owner.id, runId, processor);
    return input !== null && input !== "secrets" && await this.isRepeat(owner, input, options);
  }

  /** Takes in a run that ended elsewhere. */
  async import(account: string, run: ImportedRun): Promise<ImportOutcome> {
    const outcome = await importRun(this.#context, account, run);
    return await this.#isDeleted(account) ? "deleted" : outcome;
  }

  /**
   * Keeps a run that the upstream has just created for somebody, and starts recording it. Resolves when
   * it is stored, and after 1.5 s at the latest: a store that is away gets it when it is back.
   */
  keep(owner: () => Promise<RunOwner>, run: NewRun): Promise<void> {
    return this.inFlight.insist(async () => this.#store(await owner(), run));
  }

  /** Keeps a run of a group, which tells of it; `false` where it was deleted here. May be called again. */
  async keepOfGroup(owner: RunOwner, run: NewRun & { readonly fedBy: string }): Promise<boolean> {
    return await keepRun(this.#displacing, owner, run) && !await this.#isDeleted(owner.id);
  }

  /** Stores a run of the API and records it. Its id is taken where a file told of it, or others adopted it. */
  async #store(owner: RunOwner, run: NewRun): Promise<void> {
    if (!await storeRun(this.#context, owner, run)) await keepRun(this.#displacing, owner, run);
    await this.#recordFor(owner.id, run.task.run_id);
  }

  get #displacing(): RunsContext & KeepContext {
    return { ...this.#context, onDisplaced: (id) => this.#context.relay.keepMembers(id, []) };
  }

  /** Records a run that was just stored, unless its account is no more. */
  async #recordFor(account: string, runId: string): Promise<boolean> {
    if (await this.#isDeleted(account)) return false;
    this.#context.recorders.start(runId);
    return true;
  }

  /** Whether an account was deleted meanwhile. What came too late for that deletion is removed here. */
  async #isDeleted(account: string): Promise<boolean> {
    const isDeleted = await this.#accounts.get(account) === null;
    if (isDeleted) await this.removeAll(account);
    return isDeleted;
  }

  /** Who pays with an API key; a key that is new gets its account. */
  async ownerOf(apiKey: string): Promise<RunOwner> {
    await this.unlock(apiKey);
    const [{ id }, sealedKey] = await Promise.all([
      this.#accounts.ofKey(apiKey),
      this.#context.keyring.seal(apiKey),
    ]);
    return { id, sealedKey };
  }

  /** Somebody has brought a key: runs that wait for it are recorded again. */
  async unlock(apiKey: string): Promise<void> {
    const { recorders } = this.#context;
    const ids = await unlockActive(this.#context, recorders.locked, apiKey);
    for (const id of ids) recorders.start(id);
  }

  /** The account of an API key, or `null` where the key never did anything here. */
  async accountOf(apiKey: string): Promise<string | null> {
    await this.unlock(apiKey);
    return (await this.#accounts.find(apiKey))?.id ?? null;
  }

  /** The API key of an owner, for requests in its name. Throws `SealError`. */
  apiKeyOf(owner: RunOwner): Promise<string> {
    return this.#context.openKey(owner.sealedKey);
  }

  /** Everything a run's page shows, or `null` where the account has no such run. */
  async page(account: string, runId: string, weigh?: Weigh): Promise<RunPage | null> {
    return isRunId(runId) ? await readPage(this.#context.kv, account, runId, weigh) : null;
  }

  /** What a run was asked, and how far it is, without its trace; `null` as with `page`. */
  async request(account: string, runId: string): Promise<RunRequest | null> {
    return isRunId(runId) ? await readRequest(this.#context.kv, account, runId) : null;
  }

  /** As {@linkcode page}; a run that is not known here is adopted, if the API shows it to the owner's key. */
  async open(owner: RunOwner, runId: string, weigh?: Weigh): Promise<RunPage | null> {
    const page = await this.page(owner.id, runId, weigh);
    if (page !== null) return page;
    const isAdopted = await this.adopt(holderOf(owner, () => this.apiKeyOf(owner)), runId);
    return isAdopted ? await this.page(owner.id, runId, weigh) : null;
  }

  /**
   * Makes a run that was created elsewhere one of the key holder's, if the API shows it to them, and
   * records it from then on. `false` where it is none of theirs, or was deleted here.
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
    const account = await holder.account();
    const adoption = await adoptRun(
      {
        ...this.#displacing,
        keptMs: (simulated) => retentionMs(simulated, retentionDays),
        mayAsk: async () => (await adoptions.take(subject)).ok,
      },
      { account, ...clientFor(apiKey), owner: () => holder.owner() },
      runId,
    );
    if (adoption.state !== "adopted") return adoption.state === "known";
    if (!await this.#recordFor(adoption.account, runId)) return false;
    if (!adoption.active) await recorders.done(runId, ADOPTED_WAIT_MS);
    return true;
  }

  /** Asks about a run whose log ended without its end; `null` as with `page`. */
  async askAgain(owner: RunOwner, runId: string): Promise<AskedAgain | "limited" | null> {
    if (!await this.has(owner.id, runId)) return null;
    const { adoptions, clientFor, keyring, recorders } = this.#context;
    if (!(await adoptions.take(owner.id)).ok) return "limited";
    const { client } = clientFor(await this.apiKeyOf(owner));
    return await recorders.askAgain(runId, { client, active: await activeRun(keyring, owner) });
  }

  /** Whether the account has the run. */
  async has(account: string, runId: string): Promise<boolean> {
    return isRunId(runId) && await readMember(this.#context.kv, account, runId) !== null;
  }

  /** A page of the account's history, newest first. */
  list(
    account: string,
    options: { readonly cursor?: string | null; readonly limit?: number } = {},
  ): Promise<HistoryPage> {
    return readHistory(this.#context.kv, account, options);
  }

  /** How many runs the account has. */
  count(account: string): Promise<number> {
    return countRuns(this.#context.kv, account);
  }

  /** The run's events after an id, as an SSE stream, for an account that may see it. */
  async stream(account: string, runId: string, after: number): Promise<RelayAnswer> {
    const member = await readMember(this.#context.kv, account, runId);
    if (member === null) return { status: "unknown" };
    const audience = { account, share: null };
    return this.#context.relay.open(runId, after, { limitKey: `account:${account}`, audience });
  }

  /**
   * Deletes a run from an account's history: at once, and for good once it can no longer be undone. At the
   * API it goes on, which cannot be told to stop. Repeating a deletion is one, too. `false` where the
   * account never had such a run.
   */
  async remove(account: string, runId: string): Promise<boolean> {
    if (!isRunId(runId)) return false;
    const left = await removeRun(this.#context, account, runId, { undoMs: UNDO_MS });
    if (left !== null) this.#context.relay.keepMembers(runId, left.members);
    return left !== null;
  }

  /** Removes all that an account made, at once and for good. Returns how many runs there were. */
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
