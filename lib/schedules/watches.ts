/** Watches: results that Parallel looks at again by itself, and bills each time until it is cancelled. */
import { keyIdOf } from "../accounts/mod.ts";
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
import { lookAtWatches, type LookContext, receiveMonitor } from "./watch_looks.ts";
import {
  changeWatch,
  LOOK_MS,
  moveWatches,
  readWatches,
  removeWatches,
  type StoredWatch,
  WATCH_ID,
  watchKeys,
  watchMutations,
} from "./watch_store.ts";

/** What watches need of the world. */
export interface WatchesContext extends LookContext {
  readonly committer: Committer;
  readonly hasAccount: (id: string) => Promise<boolean>;
  readonly idempotency: Pick<Idempotency, "claim" | "giveUp" | "lose" | "settle">;
  readonly runs: Pick<Runs, "request">;
}

/** The most watches of an account, and of a sandbox account. */
export const MOST_WATCHES = 50, MOST_SIMULATED = 3;
/** Ties a monitor to the form that made it, so that a lost answer can be found again. */
const MARK = "taskstream";

/** The monitors of a key, and why there are none if the API does not say. */
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

  /** Has the API watch a finished run. `token` makes a double submit create one monitor. */
  async create(
    owner: RunOwner,
    { runId, token, webhookUrl, ...settings }: WatchSettings & {
      readonly runId: string;
      readonly token: string;
      /** Where the API tells of looks; `null` if it cannot reach this instance. */
      readonly webhookUrl: string | null;
    },
  ): Promise<WatchOutcome> {
    const { idempotency, kv, runs } = this.#context;
    const request = await runs.request(owner.id, runId);
    if (request === null) return { ok: false, problem: "unknown" };
    if (request.status !== "completed") return { ok: false, problem: "unfinished" };
    const { client, simulated, apiKey } = await this.#clientOf(owner);
    const active = (await readWatches(kv, owner.id)).filter(({ status }) => status === "active");
    if (active.length >= (simulated ? MOST_SIMULATED : MOST_WATCHES)) {
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
      title: request.title,
      run_id: runId,
      created_ms: now(),
      simulated,
      sealed_key: owner.sealedKey,
      key_id: keyIdOf(await sha256Hex(apiKey)),
      status: "active",
      told: [],
      due_ms: now() + LOOK_MS,
    };
    await committer.commit({ mutations: watchMutations(owner.id, null, watch) });
    await idempotency.settle(claim.key, monitor.id);
    if (!await hasAccount(owner.id)) await this.removeAll(owner.id);
    return { ok: true, id: monitor.id };
  }

  /** All monitors of the owner's key. What is stored stands in while the API does not answer. */
  async list(owner: RunOwner, cursor: string | null = null): Promise<WatchList> {
    const { kv } = this.#context;
    const { client } = await this.#clientOf(owner);
    const [listed, stored] = await Promise.all([
      client.monitors.list({ cursor }),
      readWatches(kv, owner.id),
    ]);
    if (!listed.ok) {
      return { watches: stored.map(shownStored), next: null, failure: listed.failure };
    }
    const titles = new Map(stored.map(({ id, title }) => [id, title]));
    const watches = listed.value.items.map((monitor) => shown(monitor, titles.get(monitor.id)));
    return { watches, next: listed.value.next, failure: null };
  }

  /** One monitor; `null` if the key has no such monitor. A failure if the API does not say. */
  async get(owner: RunOwner, id: string): Promise<Watch | ApiFailure | null> {
    if (!WATCH_ID.test(id)) return null;
    const { client } = await this.#clientOf(owner);
    const [found, stored] = await Promise.all([
      client.monitors.retrieve(id),
      this.#context.kv.get<StoredWatch>(watchKeys.watch(owner.id, id)),
    ]);
    if (found.ok) return shown(found.value, stored.value?.title);
    return found.failure.status === 404 ? null : found.failure;
  }

  /** What a monitor's looks came to, the newest first. */
  async events(
    owner: RunOwner,
    id: string,
    options: { readonly cursor?: string | null; readonly completions?: boolean } = {},
  ): Promise<MonitorPage<MonitorEvent> | ApiFailure> {
    const { client } = await this.#clientOf(owner);
    const events = await client.monitors.events(id, options);
    return events.ok ? events.value : events.failure;
  }

  /** Stops a monitor for good. `null`: it is cancelled; else why it is not. */
  async cancel(owner: RunOwner, id: string): Promise<ApiFailure | null> {
    if (!WATCH_ID.test(id)) return UNKNOWN;
    const { client } = await this.#clientOf(owner);
    const cancelled = await client.monitors.cancel(id);
    if (!cancelled.ok) return cancelled.failure;
    const { kv } = this.#context;
    const key = watchKeys.watch(owner.id, id);
    // A look at this moment may have changed it.
    while (!await changeWatch(this.#context, owner.id, await kv.get<StoredWatch>(key), CANCELLED));
    return null;
  }

  /** How many watches of an account go on at Parallel, as far as this instance knows. */
  async countActive(account: string): Promise<number> {
    return (await readWatches(this.#context.kv, account)).filter(({ status }) =>
      status === "active"
    ).length;
  }

  /** What is stored of an account's watches, for its export. */
  async exported(account: string) {
    const stored = await readWatches(this.#context.kv, account);
    return stored.map(({ sealed_key: _, key_id: __, told: ___, due_ms: ____, ...watch }) => watch);
  }

  /** Asks for the events of watches that no webhook told of for an hour. Never rejects. */
  look(): Promise<void> {
    return lookAtWatches(this.#context);
  }

  /** Handles a webhook about a monitor. `isGenuine` checks its signature for an account. */
  receive(
    data: unknown,
    isGenuine: (account: string | null) => Promise<boolean>,
  ): Promise<"taken" | "later" | "refused"> {
    return receiveMonitor(this.#context, data, isGenuine);
  }

  /** Moves what is stored to the account that theirs was merged into. Safe to repeat. */
  moveAll(from: string, to: string): Promise<void> {
    return moveWatches(this.#context, from, to);
  }

  /** Forgets an account's watches. They go on at Parallel. */
  removeAll(account: string): Promise<void> {
    return removeWatches(this.#context, account);
  }

  /** After a lost answer, the monitor that the request made, if it made one. */
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
  message: "This watch was already sent and may have been created. Look at the list of watches.",
  detail: null,
};

const UNKNOWN: ApiFailure = {
  kind: "refused",
  status: 404,
  refId: null,
  message: "There is no such watch.",
  detail: null,
};

function shown({ metadata: _, ...monitor }: Monitor, title: string | undefined): Watch {
  return { ...monitor, title: title ?? (monitor.query.slice(0, 200) || monitor.id) };
}

/** A watch without the API's word on it. */
function shownStored({ created_ms, id, run_id, status, title }: StoredWatch): Watch {
  return {
    id,
    title,
    status,
    created_ms,
    task_run_id: run_id,
    query: "",
    frequency: "",
    processor: "lite",
    last_run_ms: null,
  };
}
