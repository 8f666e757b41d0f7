/** The composition root: everything with a lifetime is created here and can be closed. */
import { type Log, reasonOf, redactedLog } from "./base/mod.ts";
import { openAccountServices } from "./account_services.ts";
import { embedSandbox } from "./embedded_sandbox.ts";
import type { Config } from "./config.ts";
import { Committer, isFile, LocalOwner, parentOf, Wakeups } from "./store/mod.ts";
import { createLimits, LargeViews, Scratch } from "./limits/mod.ts";
import { KeyAttempts } from "./proxy/mod.ts";
import { LEASE_MS, openRecording } from "./recording.ts";
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
} from "./runs/mod.ts";
import { openNotifications } from "./notifying.ts";
import { openScheduling } from "./scheduling.ts";
import { openStore } from "./open_store.ts";
import { exportedFigures } from "./telemetry/mod.ts";
import { createImports } from "./transfer/mod.ts";
import { openFetch, Upstreams } from "./upstreams.ts";
import type { ServiceOptions, Services } from "./services_types.ts";

export type { ServiceOptions, Services };
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
  const { kv, background: backgroundKv, health: store, keyring } = await openStore(config, log);
  const folder = isFile(config.kvPath) ? parentOf(config.kvPath) : null;
  const localOwner = LocalOwner.open(config.kvPath);
  const wakeups = localOwner === null ? null : Wakeups.open({
    socketPath: localOwner.socketPath,
    otherSockets: () => localOwner.otherSockets(),
  });
  const storeNotices = new StoreNotices(store);
  const committer = new Committer(kv, {
    onCommit: (ms) => figures.recordCommit(ms),
    onWritten: (mutations) => {
      // Do this first: from now on nothing is written to a stream whose session has ended.
      account.written(mutations);
      histories.written(mutations);
      notifications.written(mutations);
      wakeups?.written(mutations);
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
    wakeups: wakeups ?? undefined,
    slots,
    notices: storeNotices,
  });
  const embedded = embedSandbox(config, {
    kv,
    now,
    deliver: (notification) => deliverSimulated(webhooks, notification),
  });
  const http = openFetch();
  const upstreams = new Upstreams({
    parallelApiUrl: config.parallelApiUrl,
    fetch: options.fetch ?? http.fetch,
    sandbox: embedded.sandbox,
    onResponse: (apiKey, simulated, response) => {
      figures.recordUpstream(simulated ? "sandbox" : "parallel", response?.status ?? null);
      if (response !== null) account.standings.noteResponse(apiKey, response);
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
    fetch: options.fetch ?? http.fetch,
    redactor,
    upstreams,
    idempotency,
    runs: () => runs,
    batches: () => batches,
    notifications: () => notifications,
    schedules: () => schedules,
    watches: () => watches,
  });
  const background = { kv: backgroundKv, committer: committer.patient };
  const { relay, recorders, feeders, groups, batches, resume, ...recording } = openRecording({
    ...options,
    localOwner,
    wakeups: wakeups ?? undefined,
    committer,
    keyring,
    runs: () => runs,
    creates: limits.creates,
    adoptions: limits.adoptions,
    budgets: histories.budgets,
    slots,
    notices: storeNotices,
    config,
    log,
    kv,
    background,
    openKey: (sealed) => account.openKey(sealed),
    sparesOf: (id) => account.sparesOf(id),
    now,
    upstreams,
    onAppended: (ms) => figures.recordAppend(ms),
    hooks: () => hooks,
    onDeath: () => notifications.pickUp(),
  });
  const { notifications, hooks, chooseNotification } = openNotifications({
    ...options,
    ...recording,
    kv,
    committer,
    background,
    keyring,
    now,
    log,
    config,
    limits,
    batches,
  });
  const runsContext: RunsContext = {
    ...recording,
    log,
    kv,
    committer,
    keyring,
    now,
    recorders,
    feeders,
    relay,
    idempotency,
    openKey: (sealed) => account.openKey(sealed),
    creates: limits.creates,
    adoptions: limits.adoptions,
    retentionDays: config.retentionDays,
    onRemoving: (account, runId) => batches.upkeep.runChanging(account, runId, "forget"),
    onRestoring: (account, runId) => batches.upkeep.runChanging(account, runId, "remember"),
    clientFor: (apiKey) => upstreams.clientFor(apiKey),
  };
  const runs = new Runs(runsContext);
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const shares = new Shares({ kv, committer, now, random, runs, relay });
  const { schedules, watches } = openScheduling({
    ...options,
    ...recording,
    kv,
    committer,
    background,
    now,
    log,
    account,
    runs,
    batches,
    budgets: histories.budgets,
    notifications,
    idempotency,
    upstreams,
  });
  const webhooks: WebhookContext = {
    kv,
    committer,
    now,
    instanceSecret: config.parallelWebhookSecret,
    secretOf: (id) => account.webhookSecrets.get(id),
    notify: (runId) => recorders.notify(runId),
    resume,
    onMonitor: (data, isGenuine) => watches.receive(data, isGenuine),
  };
  const sweeper = new Sweeper({
    ...background,
    now,
    log,
    accounts: account.accounts,
    onMerged: account.onMerged,
    leaseMs: LEASE_MS,
    retentionDays: config.retentionDays,
    batches: batches.upkeep,
    onPurge: embedded.forget,
    onErased: hooks.onErased,
  });
  const figures = exportedFigures({
    recordings: () => recorders.active,
    viewers: () => relay.viewers,
    commits: () => committer.commits,
  });
  const pickUp = async () => {
    histories.indexer.wake();
    for (const each of [recorders, feeders, batches, watches]) await each.pickUp();
    notifications.pickUp();
    await catchUpEnded({ kv, committer, now, log });
  };
  let draining: Promise<void> | null = null;
  const drain = () =>
    draining ??= (async () => {
      // First, so requests in flight are still recorded.
      await schedules.drain();
      await batches.drain();
      await Promise.all([recorders.drain(), feeders.drain(), sweeper.drain(), account.drain()]);
      relay.drain();
      await histories.drain();
      await notifications.drain();
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
      batches: batches.before(ms),
    }),
    webhook: (headers, body) => receiveWebhook(webhooks, headers, body),
    limits,
    runs,
    groups,
    batches,
    schedules,
    watches,
    shares,
    notifications,
    chooseNotification,
    histories,
    upstreams,
    sandbox: embedded,
    views: new LargeViews(options.timers, () => Scratch.open(folder)),
    imports: createImports(folder, options.timers),
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
      await Promise.all([account.removeIdle(), batches.upkeep.sweep()]);
      await sweeper.sweep();
    },
    async runSchedules() {
      await Promise.all([schedules.scan(), watches.check()]);
      // Deno Deploy stops an app without traffic: store work in progress first.
      if (config.onDeploy) await schedules.settled();
    },
    get draining() {
      return draining !== null;
    },
    drain,
    async close() {
      await drain();
      for (const part of [embedded.sandbox, http, storeNotices, wakeups, kv]) part?.close();
      recording.leaveRecording();
    },
  };
  return services;
}
