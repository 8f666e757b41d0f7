/**
 * The composition root: everything that lives is made here and can be closed.
 */
import { AdminAccess } from "./accounts/admin.ts";
import { Accounts } from "./accounts/accounts.ts";
import { AccountRemoval } from "./accounts/removal.ts";
import { ParallelLogin } from "./accounts/oauth/mod.ts";
import { ParkedForms } from "./accounts/parked.ts";
import { Sessions } from "./accounts/sessions.ts";
import { SignIn } from "./accounts/sign_in.ts";
import { WebhookSecrets } from "./accounts/webhook_secret.ts";
import type { Config } from "./config.ts";
import { Committer } from "./kv/committer.ts";
import type { StoreHealth } from "./kv/health.ts";
import { createLimits, Limiter, type Limits } from "./limits/mod.ts";
import { type Log, reasonOf, redactedLog } from "./log.ts";
import { LEASE_MS, openRecording } from "./recording.ts";
import { Redactor } from "./redact.ts";
import { Histories } from "./runs/history/histories.ts";
import {
  activeRuns,
  catchUpEnded,
  deliverSimulated,
  Idempotency,
  receiveWebhook,
  Runs,
  Shares,
  Sweeper,
  type WebhookContext,
  type WebhookOutcome,
} from "./runs/mod.ts";
import { createSandbox } from "./sandbox/mod.ts";
import { folderOf, openStore } from "./store.ts";
import { exportDurations, exportNumbers, Figures } from "./telemetry/mod.ts";
import { createImports, type Imports } from "./transfer/queue.ts";
import { Upstreams } from "./upstreams.ts";

/** What routes work with. */
export interface Services {
  readonly config: Config;
  readonly log: Log;
  readonly kv: Deno.Kv;
  /** How the store is. */
  readonly store: StoreHealth;
  readonly accounts: Accounts;
  readonly accountRemoval: AccountRemoval;
  readonly sessions: Sessions;
  readonly parked: ParkedForms;
  readonly signIn: SignIn;
  readonly webhookSecrets: WebhookSecrets;
  readonly limits: Limits;
  readonly parallelLogin: ParallelLogin;
  readonly runs: Runs;
  readonly shares: Shares;
  readonly histories: Histories;
  readonly upstreams: Upstreams;
  /** Files that are taken in: where they arrive, and whose turn it is. */
  readonly imports: Imports;
  readonly figures: Figures;
  /** Who may see `/admin`; `null` where it is switched off. */
  readonly admin: AdminAccess | null;
  readonly startedMs: number;
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
}

/** Runs unknown here that an account may ask the API about in a minute. */
const ADOPTIONS_PER_MINUTE = 60;
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
  const log = redactedLog(plainLog, (text) => redactor.redact(text));
  const now = options.now ?? Date.now;
  const { kv, background, health: store, keyring } = await openStore(config, log);
  const committer = new Committer(kv, {
    onCommit: (ms) => figures.committed(ms),
    onWritten: (mutations) => histories.written(mutations),
  });
  const histories = new Histories({
    kv,
    committer,
    log,
    now,
    heartbeatMs: config.sseHeartbeatMs,
    pollMs: LIST_POLL_MS,
    streamLimit: config.streamLimit,
  });
  const sandbox = config.sandboxEnabled
    ? createSandbox({
      kv,
      speed: config.sandboxSpeed,
      now,
      deliver: (notification) => deliverSimulated(webhooks, notification),
    })
    : null;
  const upstreams = new Upstreams({
    parallelApiUrl: config.parallelApiUrl,
    fetch: options.fetch ?? fetch,
    sandbox,
    onKey: (apiKey) => redactor.learn(apiKey),
    onAnswer: (simulated, status) => figures.upstream(simulated ? "sandbox" : "parallel", status),
  });
  const limits = createLimits({
    kv,
    committer,
    now,
    onFailure: (error) => log("warn", "a limit cannot be counted", { reason: reasonOf(error) }),
  }, config);
  const accounts = new Accounts(kv, committer, now);
  const sessions = new Sessions(kv, committer, keyring, now);
  const { relay, recorders, resume, leaveRecording } = openRecording({
    config,
    log,
    kv,
    background: { kv: background, committer: committer.patient },
    keyring,
    now,
    upstreams,
    onAppended: (ms) => figures.appended(ms),
  });
  const runs = new Runs({
    log,
    kv,
    committer,
    keyring,
    now,
    recorders,
    relay,
    idempotency: new Idempotency(kv, committer, now),
    creates: limits.creates,
    adoptions: new Limiter({ kv, committer, now }, "adopt", { perMinute: ADOPTIONS_PER_MINUTE }),
    retentionDays: config.retentionDays,
    clientFor: (apiKey) => ({
      client: upstreams.client(apiKey),
      simulated: upstreams.of(apiKey).simulated,
    }),
  });
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const shares = new Shares({ kv, committer, now, random, runs, relay });
  const webhookSecrets = new WebhookSecrets(kv, committer, keyring);
  const webhooks: WebhookContext = {
    kv,
    committer,
    now,
    instanceSecret: config.parallelWebhookSecret,
    secretOf: (account) => webhookSecrets.get(account),
    notify: (runId) => recorders.notify(runId),
    resume,
  };
  const sweeper = new Sweeper({
    kv: background,
    committer: committer.patient,
    now,
    accounts,
    leaseMs: LEASE_MS,
    retentionDays: config.retentionDays,
    onPurge: async (runId) => await sandbox?.forget(runId),
  });
  const { sandboxEnabled } = config;
  const onKey = (apiKey: string) => runs.unlock(apiKey);
  const signIn = new SignIn({ accounts, sessions, keyring, upstreams, sandboxEnabled, onKey });
  const parallelLogin = new ParallelLogin({
    platformUrl: config.parallelPlatformUrl,
    fetch: options.fetch ?? fetch,
    kv,
    committer,
    keyring,
    signIn,
    now,
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
    await catchUpEnded({ kv, committer, now, log });
  };

  const removeRuns = (account: string) => runs.removeAll(account);
  const accountRemoval = new AccountRemoval({ accounts, sessions, webhookSecrets, removeRuns });

  let draining: Promise<void> | null = null;
  const drain = () =>
    draining ??= (async () => {
      await Promise.all([recorders.drain(), sweeper.drain()]);
      relay.drain();
      await histories.drain();
    })();
  return {
    config,
    log,
    kv,
    store,
    accounts,
    accountRemoval,
    sessions,
    parked: new ParkedForms(kv, committer),
    signIn,
    webhookSecrets,
    webhook: (headers, body) => receiveWebhook(webhooks, headers, body),
    limits,
    parallelLogin,
    runs,
    shares,
    histories,
    upstreams,
    imports: createImports(folderOf(config.kvPath)),
    figures,
    admin: config.adminToken === null ? null : new AdminAccess(config.adminToken, keyring, now),
    startedMs: now(),
    countActive: async () => (await Array.fromAsync(activeRuns(kv))).length,
    pickUp,
    async keepRecording(signal) {
      await pickUp();
      await recorders.idle(signal).catch((error) => {
        if (!signal.aborted) throw error;
      });
    },
    sweep: () => sweeper.sweep(),
    get draining() {
      return draining !== null;
    },
    drain,
    async close() {
      await drain();
      sandbox?.close();
      kv.close();
      leaveRecording();
    },
  };
}
