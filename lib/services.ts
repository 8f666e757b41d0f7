/**
 * The composition root: everything that lives is made here and can be closed.
 */
import { type Log, reasonOf, redactedLog, type Timers } from "./base/mod.ts";
import { type AccountServices, openAccountServices } from "./account_services.ts";
import { type EmbeddedSandbox, embedSandbox } from "./embedded_sandbox.ts";
import type { Batches } from "./batches/mod.ts";
import type { Config } from "./config.ts";
import { Committer, type StoreHealth } from "./store/mod.ts";
import { createLimits, LargeViews, type Limits } from "./limits/mod.ts";
import type { Groups } from "./groups/mod.ts";
import { KeyAttempts } from "./proxy/mod.ts";
import { LEASE_MS, type LeaseTimes, openRecording } from "./recording.ts";
import { Redactor, RequestSecrets } from "./redact.ts";
import {
  activeRuns,
  catchUpEnded,
  deliverSimulated,
  Histories,
  Idempotency,
  receiveWebhook,
  Runs,
  RunsBefore,
  type RunsContext,
  Shares,
  StoreNotices,
  StreamSlots,
  Sweeper,
  type WebhookContext,
  type WebhookOutcome,
} from "./runs/mod.ts";
import { folderOf, openStore } from "./store.ts";
import { exportDurations, exportNumbers, Figures } from "./telemetry/mod.ts";
import { createImports, type Imports } from "./transfer/mod.ts";
import { Upstreams } from "./upstreams.ts";

/** What routes work with. */
export interface Services extends AccountServices {
  readonly config: Config;
  readonly log: Log;
  readonly kv: Deno.Kv;
  /** How the store is. */
  readonly store: StoreHealth;
  /** Tells open streams how it is. */
  readonly storeNotices: StoreNotices;
  readonly limits: Limits;
  /** Limits how many keys a client address may try through `/api`. */
  readonly keyAttempts: KeyAttempts;
  /** The keys that the request being answered brought, for its log lines. */
  readonly requestSecrets: RequestSecrets;
  readonly runs: Runs;
  /** Runs that are added to groups. */
  readonly groups: Groups;
  /** Tables whose rows are runs. */
  readonly batches: Batches;
  readonly shares: Shares;
  readonly histories: Histories;
  readonly upstreams: Upstreams;
  /** The sandbox in this process, and what bounds it. */
  readonly sandbox: EmbeddedSandbox;
  /** Whose turn it is to read and render a large run. */
  readonly views: LargeViews;
  /** Files that are taken in: where they arrive, and whose turn it is. */
  readonly imports: Imports;
  readonly figures: Figures;
  readonly startedMs: number;
  /** These services for a session that may see only what was created before a time (Unix ms). */
  before(ms: number): Services;
  /** Runs that somebody should be recording, counted in the store. */
  countActive(): Promise<number>;
  /** Picks up every active run that nobody records, and every line and text that is not written yet. */
  pickUp(): Promise<void>;
  /**
   * Picks up as {@linkcode pickUp} does, and resolves when all of it is recorded or the signal aborts: a
   * host that stops an app without traffic leaves it running for as long as its cron handler does.
   */
  keepRecording(signal: AbortSignal): Promise<void>;
  /** Receives a notification of the API. */
  webhook(headers: Headers, body: Uint8Array<ArrayBuffer>): Promise<WebhookOutcome>;
  /** Removes what was deleted for good, and runs that are kept no longer. */
  sweep(): Promise<void>;
  /** Whether {@linkcode drain} was called: no new work should come here. */
  readonly draining: boolean;
  /** Ends every stream and flushes every recorder; requests are still answered. */
  drain(): Promise<void>;
  /** Drains, then closes the database. */
  close(): Promise<void>;
}

/** What the services take from the world; tests pass their own. */
export interface ServiceOptions {
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  readonly leaseTimes?: LeaseTimes | undefined;
  /** What bounds the waits of requests for their turn. */
  readonly timers?: Timers | undefined;
}

/** How often an open list looks for what another process wrote (ms). */
const LIST_POLL_MS = 1_000;

/** Opens the database and starts the services. Throws `ConfigError`, `KvOpenError` and `SchemaError`. */
export async function openServices(
  config: Config,
  plainLog: Log,
  options: ServiceOptions = {},
): Promise<Services> {
  const redactor = new Redactor([
    ...config.sessionSecrets,
    config.adminToken,
    config.parallelWebhookSecret,
  ]);
  const requestSecrets = new RequestSecrets();
  const log = redactedLog(plainLog, (text) => redactor.redact(text, requestSecrets.values()));
  const now = options.now ?? Date.now;
  const { kv, background, health: store, keyring } = await openStore(config, log);
  const storeNotices = new StoreNotices(store);
  const committer = new Committer(kv, {
    onCommit: (ms) => figures.committed(ms),
    onWritten: (mutations) => {
      // First: nothing that is written from now on goes to a stream whose session has ended.
      account.written(mutations);
      histories.written(mutations);
    },
  });
  const slots = new StreamSlots(config.streamLimit);
  const histories = new Histories({
    kv,
    committer,
    log,
    now,
    heartbeatMs: config.sseHeartbeatMs,
    pollMs: LIST_POLL_MS,
    slots,
  });
  const embedded = embedSandbox(config, {
    kv,
    now,
    deliver: (notification) => deliverSimulated(webhooks, notification),
  });
  const { sandbox } = embedded;
  const upstreams = new Upstreams({
    parallelApiUrl: config.parallelApiUrl,
    fetch: options.fetch ?? fetch,
    sandbox,
    onAnswer: (apiKey, simulated, response) => {
      figures.upstream(simulated ? "sandbox" : "parallel", response?.status ?? null);
      if (response !== null) account.standings.saw(apiKey, response);
    },
  });
  const onFailure = (error: unknown) =>
    log("warn", "a limit cannot be counted", { reason: reasonOf(error) });
  const limits = createLimits({ kv, committer, now, onFailure }, config, embedded.state);
  const idempotency = new Idempotency(kv, committer, now);
  const account = openAccountServices({
    config,
    kv,
    committer,
    keyring,
    now,
    log,
    fetch: options.fetch ?? fetch,
    redactor,
    upstreams,
    idempotency,
    runs: () => runs,
  });
  const { relay, recorders, feeders, groups, batches, resume, leaveRecording } = openRecording({
    ...options,
    committer,
    keyring,
    runs: () => runs,
    creates: limits.creates,
    budgets: histories.budgets,
    slots,
    config,
    log,
    kv,
    background: { kv: background, committer: committer.patient },
    openKey: (sealed) => account.openKey(sealed),
    now,
    upstreams,
    onAppended: (ms) => figures.appended(ms),
  });
  const runsContext: RunsContext = {
    log,
    kv,
    committer,
    keyring,
    now,
    recorders,
    relay,
    idempotency,
    openKey: (sealed) => account.openKey(sealed),
    creates: limits.creates,
    adoptions: limits.adoptions,
    retentionDays: config.retentionDays,
    clientFor: (apiKey) => upstreams.clientFor(apiKey),
  };
  const runs = new Runs(runsContext);
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const shares = new Shares({ kv, committer, now, random, runs, relay });
  const webhooks: WebhookContext = {
    kv,
    committer,
    now,
    instanceSecret: config.parallelWebhookSecret,
    secretOf: (id) => account.webhookSecrets.get(id),
    notify: (runId) => recorders.notify(runId),
    resume,
  };
  const sweeper = new Sweeper({
    kv: background,
    committer: committer.patient,
    now,
    log,
    accounts: account.accounts,
    onMerged: account.onMerged,
    leaseMs: LEASE_MS,
    retentionDays: config.retentionDays,
    onPurge: embedded.forget,
  });
  const figures = new Figures({
    recordings: () => recorders.active,
    viewers: () => relay.viewers,
    commits: () => committer.commits,
  }, exportDurations());
  exportNumbers(figures);
  const pickUp = async () => {
    histories.indexer.wake();
    await recorders.pickUp();
    await feeders.pickUp();
    await batches.pickUp();
    await catchUpEnded({ kv, committer, now, log });
  };

  let draining: Promise<void> | null = null;
  const drain = () =>
    draining ??= (async () => {
      // First, so that a request of a batch that is under way is still recorded.
      await batches.drain();
      await Promise.all([recorders.drain(), feeders.drain(), sweeper.drain(), account.drain()]);
      relay.drain();
      await histories.drain();
    })();
  const services: Services = {
    ...account,
    config,
    log,
    kv,
    store,
    storeNotices,
    requestSecrets,
    keyAttempts: new KeyAttempts({ standings: account.standings, limit: limits.signIns }),
    before: (ms) => ({
      ...services,
      runs: new RunsBefore(runsContext, ms),
      histories: histories.before(ms),
    }),
    webhook: (headers, body) => receiveWebhook(webhooks, headers, body),
    limits,
    runs,
    groups,
    batches,
    shares,
    histories,
    upstreams,
    sandbox: embedded,
    views: new LargeViews(options.timers),
    imports: createImports(folderOf(config.kvPath), options.timers),
    figures,
    startedMs: now(),
    countActive: async () => (await Array.fromAsync(activeRuns(kv))).length,
    pickUp,
    async keepRecording(signal) {
      await pickUp();
      await Promise.all([recorders.idle(signal), feeders.idle(signal), batches.idle(signal)]).catch(
        (error) => {
          if (!signal.aborted) throw error;
        },
      );
    },
    async sweep() {
      await Promise.all([account.removeIdle(), batches.sweep()]);
      await sweeper.sweep();
    },
    get draining() {
      return draining !== null;
    },
    drain,
    async close() {
      await drain();
      sandbox?.close();
      storeNotices.close();
      kv.close();
      leaveRecording();
    },
  };
  return services;
}
