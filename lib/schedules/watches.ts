/**
 * Watches: results that Parallel checks again on its own. Parallel bills each check until the watch is
 * cancelled.
 */
import { keyIdOf } from "../accounts/mod.ts";
import { beginning, reasonOf } from "../base/mod.ts";
import {
  type ApiFailure,
  mayHaveCreated,
  type Monitor,
  type MonitorEvent,
  type MonitorPage,
  type TaskClient,
} from "../parallel/mod.ts";
import type { Idempotency, RunOwner, Runs } from "../runs/mod.ts";
import { type Committer, sha256Hex } from "../store/mod.ts";
import type { Watch, WatchOutcome, WatchSettings } from "./types.ts";
import { type CheckContext, checkWatches, receiveMonitor } from "./watch_checks.ts";
import {
  changeWatch,
  CHECK_MS,
  moveWatches,
  readWatches,
  removeTitles,
  removeWatches,
  type StoredWatch,
  WATCH_ID,
  watchKeys,
  watchMutations,
} from "./watch_store.ts";

/** Dependencies of watches. */
export interface WatchesContext extends CheckContext {
  readonly committer: Committer;
  readonly hasAccount: (id: string) => Promise<boolean>;
  readonly idempotency: Pick<Idempotency, "claim" | "giveUp" | "lose" | "settle">;
  readonly runs: Pick<Runs, "request">;
}

/** Maximum watches per account and per sandbox account. */
export const MAX_WATCHES = 50, MAX_SIMULATED = 3;
/** Links a monitor to the form that created it, so it can be found after a lost response. */
const MARK = "taskstream";

/** The monitors of a key, and the failure if the API did not return them. */
export interface WatchList {
  readonly watches: readonly Watch[];
  readonly next: string | null;
  readonly failure: ApiFailure | null;
}

/** Accounts' watches. One per process. */
export class Watches {
  readonly #context: WatchesContext;

  constructor(context: WatchesContext) {
    this.#context = context;
  }

  /** Creates a monitor for a finished run. With `token`, a double submit creates only one. */
  async create(
    owner: RunOwner,
    { runId, token, webhookUrl, ...settings }: WatchSettings & {
      readonly runId: string;
      readonly token: string;
      /** The webhook URL for checks; `null` if the API cannot reach this instance. */
      readonly webhookUrl: string | null;
    },
  ): Promise<WatchOutcome> {
    const { idempotency, kv, runs } = this.#context;
    const request = await runs.request(owner.id, runId);
    if (request === null) return { ok: false, problem: "unknown" };
    if (request.status !== "completed") return { ok: false, problem: "unfinished" };
    const { client, simulated, apiKey } = await this.#clientOf(owner);
    const active = (await readWatches(kv, owner.id)).filter(({ status }) => status === "active");
    if (active.length >= (simulated ? MAX_SIMULATED : MAX_WATCHES)) {
      return { ok: false, problem: "full" };
    }
    const mark = token.slice(0, 100);
    const claim = await idempotency.claim(owner.id, `watch ${mark}`, JSON.stringify(settings));
    if (claim.state === "created") return { ok: true, id: claim.runId };
    if (claim.state !== "first") return { ok: false, problem: SENT };
    const created = await client.monitors.create({
      task_run_id: runId,
      ...settings,
      metadata: { [MARK]: mark },
      ...webhookUrl === null ? {} : { webhook_url: webhookUrl },
    });
    const monitor = created.ok
      ? created.value
      : await this.#findLost(client, created.failure, mark);
    if (monitor === null) {
      if (!created.ok && mayHaveCreated(created.failure)) await idempotency.lose(claim.key);
      else await idempotency.giveUp(claim.key);
      return { ok: false, problem: created.ok ? SENT : created.failure };
    }
    const { now, committer, hasAccount } = this.#context;
    const watch: StoredWatch = {
      id: monitor.id,
      run_id: runId,
      created_ms: now(),
      simulated,
      sealed_key: owner.sealedKey,
      key_id: keyIdOf(await sha256Hex(apiKey)),
      status: "active",
      told: [],
      due_ms: now() + CHECK_MS,
    };
    await committer.commit({ mutations: watchMutations(owner.id, null, watch) });
    await idempotency.settle(claim.key, monitor.id);
    if (!await hasAccount(owner.id)) await this.removeAll(owner.id);
    return { ok: true, id: monitor.id };
  }

  /** All monitors of the owner's key. Falls back to stored data if the API does not respond. */
  async list(owner: RunOwner, cursor: string | null = null): Promise<WatchList> {
    const { kv } = this.#context;
    const { client } = await this.#clientOf(owner);
    const [listed, stored] = await Promise.all([
      client.monitors.list({ cursor }),
      readWatches(kv, owner.id),
    ]);
    if (!listed.ok) {
      const watches = await Promise.all(
        stored.map(async (watch) => shownStored(watch, await this.#titleOf(owner.id, watch))),
      );
      return { watches, next: null, failure: listed.failure };
    }
    const known = new Map(stored.map((watch) => [watch.id, watch]));
    const watches = await Promise.all(
      listed.value.items.map(async (monitor) =>
        shown(monitor, await this.#titleOf(owner.id, known.get(monitor.id)))
      ),
    );
    return { watches, next: listed.value.next, failure: null };
  }

  /** One monitor; `null` if the key has no such monitor; a failure if the API does not respond. */
  async get(owner: RunOwner, id: string): Promise<Watch | ApiFailure | null> {
    if (!WATCH_ID.test(id)) return null;
    const { client } = await this.#clientOf(owner);
    const [found, stored] = await Promise.all([
      client.monitors.retrieve(id),
      this.#context.kv.get<StoredWatch>(watchKeys.watch(owner.id, id)),
    ]);
    if (found.ok) return shown(found.value, await this.#titleOf(owner.id, stored.value));
    return found.failure.status === 404 ? null : found.failure;
  }

  /** The events of a monitor, newest first. */
  async events(
    owner: RunOwner,
    id: string,
    options: { readonly cursor?: string | null; readonly completions?: boolean } = {},
  ): Promise<MonitorPage<MonitorEvent> | ApiFailure> {
    const { client } = await this.#clientOf(owner);
    const events = await client.monitors.events(id, options);
    return events.ok ? events.value : events.failure;
  }

  /** Permanently stops a monitor. `null`: it is cancelled; otherwise the failure. */
  async cancel(owner: RunOwner, id: string): Promise<ApiFailure | null> {
    if (!WATCH_ID.test(id)) return UNKNOWN;
    const { client } = await this.#clientOf(owner);
    const cancelled = await client.monitors.cancel(id);
    if (!cancelled.ok) return cancelled.failure;
    const { kv } = this.#context;
    const key = watchKeys.watch(owner.id, id);
    // A concurrent check may have changed it.
    while (!await changeWatch(this.#context, owner.id, await kv.get<StoredWatch>(key), CANCELLED));
    return null;
  }

  /** Counts the account's watches that are active at Parallel, as far as this instance knows. */
  async countActive(account: string): Promise<number> {
    return (await readWatches(this.#context.kv, account)).filter(({ status }) =>
      status === "active"
    ).length;
  }

  /** The stored data of an account's watches, for its export. */
  async exported(account: string) {
    const stored = await readWatches(this.#context.kv, account);
    return await Promise.all(
      stored.map(async ({ sealed_key: _, key_id: __, told: ___, due_ms: ____, ...watch }) => ({
        ...watch,
        title: await this.#titleOf(account, watch),
      })),
    );
  }

  /** Fetches the events of watches that had no webhook for an hour. Never rejects. */
  check(): Promise<void> {
    return checkWatches(this.#context);
  }

  /** Handles a webhook about a monitor. `isGenuine` checks its signature for an account. */
  receive(
    data: unknown,
    isGenuine: (account: string | null) => Promise<boolean>,
  ): Promise<"taken" | "later" | "refused"> {
    return receiveMonitor(this.#context, data, isGenuine);
  }

  /** Moves all watches of a merged account. Safe to repeat. */
  moveAll(from: string, to: string): Promise<void> {
    return moveWatches(this.#context, from, to);
  }

  /** Forgets an account's watches. They continue at Parallel. */
  removeAll(account: string): Promise<void> {
    return removeWatches(this.#context, account);
  }

  /** Call this at the start: erases the titles that earlier versions stored. Never rejects. */
  async pickUp(): Promise<void> {
    const { log } = this.#context;
    await removeTitles(this.#context).catch((error) =>
      log("warn", "failed to erase titles of watches", { reason: reasonOf(error) })
    );
  }

  /** The title of the watched run; `null` if the account no longer has it. */
  async #titleOf(
    account: string,
    watch: Pick<StoredWatch, "run_id"> | null | undefined,
  ): Promise<string | null> {
    if (!watch) return null;
    return (await this.#context.runs.request(account, watch.run_id))?.title ?? null;
  }

  /** After a lost response, finds the monitor that the request created, if any. */
  async #findLost(
    client: Pick<TaskClient, "monitors">,
    failure: ApiFailure,
    mark: string,
  ): Promise<Monitor | null> {
    if (!mayHaveCreated(failure)) return null;
    const listed = await client.monitors.list();
    if (!listed.ok) return null;
    return listed.value.items.find(({ metadata }) => metadata[MARK] === mark) ?? null;
  }

  async #clientOf(owner: RunOwner) {
    const apiKey = await this.#context.openKey(owner.sealedKey);
    return { ...this.#context.clientFor(apiKey), apiKey };
  }
}

const CANCELLED = { status: "cancelled" } as const;

const SENT: ApiFailure = {
  kind: "pending",
  status: 409,
  refId: null,
  message: "This watch was already sent and may have been created. Check the list of watches.",
  detail: null,
};

const UNKNOWN: ApiFailure = {
  kind: "refused",
  status: 404,
  refId: null,
  message: "This watch does not exist.",
  detail: null,
};

function shown({ metadata: _, ...monitor }: Monitor, title: string | null): Watch {
  return { ...monitor, title: title ?? (beginning(monitor.query, 200) || monitor.id) };
}

/** A watch from stored data only. */
function shownStored(
  { created_ms, id, run_id, status }: StoredWatch,
  title: string | null,
): Watch {
  return {
    id,
    title: title ?? id,
    status,
    created_ms,
    task_run_id: run_id,
    query: "",
    frequency: "",
    processor: "lite",
    last_run_ms: null,
  };
}
