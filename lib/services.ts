/** The composition root: everything with a lifetime is created here and can be closed. */
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

/** The services that routes use. */
export interface Services extends AccountServices {
  readonly config: Config;
  readonly log: Log;
  readonly kv: Deno.Kv;
  /** The state of the store. */
  readonly store: StoreHealth;
  readonly limits: Limits;
  /** Limits how many keys a client address can try through `/api`. */
  readonly keyAttempts: KeyAttempts;
  /** The keys sent with the current request, for redacting its log lines. */
  readonly requestSecrets: RequestSecrets;
  readonly runs: Runs;
  /** Adds runs to groups. */
  readonly groups: Groups;
  /** Tables whose rows are runs. */
  readonly batches: Batches;
  readonly shares: Shares;
  readonly histories: Histories;
  readonly upstreams: Upstreams;
  /** The embedded sandbox and its limits. */
  readonly sandbox: EmbeddedSandbox;
  /** The queue for reading and rendering large runs. */
  readonly views: LargeViews;
  /** File imports: uploads, and the import queue. */
  readonly imports: Imports;
  readonly figures: Figures;
  readonly startedMs: number;
  /** Returns these services for a session that can only see what was created before a time (Unix ms). */
  before(ms: number): Services;
  /** Returns the number of runs in the store that need a recorder. */
  countActive(): Promise<number>;
  /** Resumes every active run without a recorder, and all unwritten history lines and texts. */
  pickUp(): Promise<void>;
  /**
   * Like {@linkcode pickUp}, but resolves when everything is recorded or the signal aborts: a host that
   * stops idle apps keeps one running while its cron handler runs.
   */
  keepRecording(signal: AbortSignal): Promise<void>;
  /** Receives a notification of the API. */
  webhook(headers: Headers, body: Uint8Array<ArrayBuffer>): Promise<WebhookOutcome>;
  /** Permanently deletes removed and expired runs. */
  sweep(): Promise<void>;
  /** Whether {@linkcode drain} was called: no new work should come here. */
  readonly draining: boolean;
  /** Ends every stream and flushes every recorder. Requests still get a response. */
  drain(): Promise<void>;
  /** Drains, then closes the database. */
  close(): Promise<void>;
}

/** The external dependencies of the services. Tests pass their own. */
export interface ServiceOptions {
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  readonly leaseTimes?: LeaseTimes | undefined;
  /** Limits how long requests wait in queues. */
  readonly timers?: Timers | undefined;
}

/** How often an open list checks for other processes' writes (ms). */
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
      // Do this first: from now on nothing is written to a stream whose session has ended.
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
    notices: storeNotices,
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
    log("warn", "failed to count towards a limit", { reason: reasonOf(error) });
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
    batches: () => batches,
  });
  const { relay, recorders, feeders, groups, batches, resume, leaveRecording } = openRecording({
    ...options,
    committer,
    keyring,
    runs: () => runs,
    creates: limits.creates,
    budgets: histories.budgets,
    slots,
    notices: storeNotices,
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
