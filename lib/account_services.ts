/** Identity services: accounts, keys, sessions, and sign-in. Part of the composition root. */
import {
  AccountKeys,
  AccountRemoval,
  Accounts,
  AdminAccess,
  ASK_MS,
  IdleAccounts,
  type Keyring,
  KeyStandings,
  ParallelLogin,
  ParkedForms,
  SANDBOX_KEY_PREFIX,
  Sessions,
  SignIn,
  type SpareKey,
  SpareKeys,
  type StoredAccount,
  WebhookSecrets,
} from "./accounts/mod.ts";
import type { Batches } from "./batches/mod.ts";
import type { Config } from "./config.ts";
import type { Committer } from "./store/mod.ts";
import { type Log, reasonOf } from "./base/mod.ts";
import type { Notifications } from "./notify/mod.ts";
import type { Redactor } from "./redact.ts";
import { forgetMoved, type Idempotency, moveAllRuns, type Runs } from "./runs/mod.ts";
import type { Schedules, Watches } from "./schedules/mod.ts";
import { StreamLeases } from "./stream_leases.ts";
import type { Upstreams } from "./upstreams.ts";

/** The dependencies of the account services. */
export interface AccountServicesContext {
  readonly config: Config;
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly keyring: Keyring;
  readonly now: () => number;
  readonly log: Log;
  readonly fetch: typeof fetch;
  readonly redactor: Redactor;
  readonly upstreams: Upstreams;
  readonly idempotency: Pick<Idempotency, "forget">;
  /** Created after these services, because it needs some of them. */
  readonly runs: () => Runs;
  readonly batches: () => Pick<Batches, "upkeep">;
  readonly notifications: () => Pick<Notifications, "forget" | "move">;
  readonly schedules: () => Pick<Schedules, "moveAll" | "pauseByKey" | "removeAll">;
  readonly watches: () => Pick<Watches, "moveAll" | "removeAll">;
}

/** The services that routes and middlewares use. */
export interface AccountServices {
  readonly accounts: Accounts;
  readonly accountKeys: AccountKeys;
  readonly accountRemoval: AccountRemoval;
  readonly parked: ParkedForms;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly standings: KeyStandings;
  readonly streamLeases: StreamLeases;
  readonly webhookSecrets: WebhookSecrets;
  readonly parallelLogin: ParallelLogin;
  /** Who can see `/admin`; `null` if it is switched off. */
  readonly admin: AdminAccess | null;
  /** Decrypts a sealed API key, and keeps it out of the log. Throws `SealError`. */
  openKey(sealed: string): Promise<string>;
  /** Further keys of an account: for when the API refuses the one that its run has. */
  sparesOf(account: string): Promise<readonly SpareKey[]>;
}

/** Also the services that only the composition root needs. */
export interface OpenedAccountServices extends AccountServices {
  /** Continues the move of a merged account. */
  readonly onMerged: (account: StoredAccount) => Promise<void>;
  /**
   * Handles durable writes: ends the streams of ended sessions, and forgets what was known of removed keys.
   */
  readonly written: (mutations: readonly Deno.KvMutation[]) => void;
  /** Removes some of the unused sandbox accounts. */
  readonly removeIdle: () => Promise<void>;
  readonly drain: () => Promise<void>;
}

/** How often the store is checked for sessions ended by another process (ms). */
const LEASE_POLL_MS = 1_000;
/** How long a request that read an account before a merge may still write to it (ms). */
const MERGED_MS = 3_600_000;

/** Creates the account services. */
export function openAccountServices(context: AccountServicesContext): OpenedAccountServices {
  const { config, kv, committer, keyring, now, log, redactor, upstreams } = context;
  const stop = new AbortController();
  const accounts = new Accounts(kv, committer, now);
  const sessions = new Sessions(kv, committer, keyring, now);
  const webhookSecrets = new WebhookSecrets(kv, committer, keyring);
  const parked = new ParkedForms(kv, committer, keyring, now);
  const { sandboxEnabled } = config;
  /** Users choose sandbox keys: masking one could remove an ordinary word from the log. */
  const learn = (apiKey: string) => {
    if (!apiKey.startsWith(SANDBOX_KEY_PREFIX)) redactor.learn(apiKey);
  };
  const standings = new KeyStandings({
    kv,
    committer,
    now,
    simulated: (apiKey) => {
      if (!apiKey.startsWith(SANDBOX_KEY_PREFIX)) return null;
      return sandboxEnabled ? "accepted" : "refused";
    },
    clientFor: (apiKey) => upstreams.client(apiKey, { timeoutMs: ASK_MS }),
    onAccepted: learn,
    onFailure: (error) => log("warn", "failed to check a key", { reason: reasonOf(error) }),
  });
  const streamLeases = new StreamLeases({
    aliveSessions: (ids) => sessions.alive(ids),
    now,
    pollMs: LEASE_POLL_MS,
  });
  const onKey = (apiKey: string) => context.runs().unlock(apiKey);
  const spareKeys = new SpareKeys({
    kv,
    committer,
    keyring,
    keysOf: (account) => accounts.keys(account),
  });
  /** Never rejects: the sign-in, or the added key, is valid without it. */
  const keepSpare = (account: string, apiKey: string) =>
    spareKeys.keep(account, apiKey).catch((error) =>
      log("warn", "a key is not kept for its account's runs", { reason: reasonOf(error) })
    );
  const signIn = new SignIn({
    accounts,
    sessions,
    keyring,
    standings,
    sandboxEnabled,
    onKey,
    onSignedIn: keepSpare,
  });

  const removeRuns = async (account: string) => {
    // Stop these first, so that they create no more runs.
    await context.schedules().removeAll(account);
    await context.watches().removeAll(account);
    await context.batches().upkeep.removeAll(account);
    return await context.runs().removeAll(account);
  };
  const moveAll = async (from: string, to: string) => {
    if (await accounts.get(to) === null) return void await removeRuns(from);
    const secret = await webhookSecrets.get(from);
    if (secret !== null && await webhookSecrets.get(to) === null) {
      await webhookSecrets.set(to, secret);
    }
    if (secret !== null) await webhookSecrets.set(from, null);
    await context.notifications().move(from, to);
    await context.idempotency.forget(from);
    await context.schedules().moveAll(from, to);
    await context.watches().moveAll(from, to);
    await moveAllRuns({ kv, committer, now }, from, to, { signal: stop.signal });
    await context.batches().upkeep.moveAll(from, to);
    // The account was deleted meanwhile. That deletion missed what moved here later.
    await accountRemoval.removeLate(to);
  };

  const accountRemoval = new AccountRemoval({
    accounts,
    parked,
    sessions,
    standings,
    webhookSecrets,
    removeRuns,
    forgetNotifications: (account) => context.notifications().forget(account),
  });
  const idle = new IdleAccounts({
    accounts,
    sessions,
    newestRun: async (id) =>
      (await context.runs().list(id, { limit: 1, rows: true })).runs[0]?.created_ms ?? null,
    remove: (id) => accountRemoval.remove(id),
    now,
  });

  return {
    accounts,
    parked,
    sessions,
    standings,
    streamLeases,
    signIn,
    webhookSecrets,
    accountKeys: new AccountKeys({
      kv,
      committer,
      keyring,
      accounts,
      sessions,
      signIn,
      standings,
      countRuns: (account) => context.runs().count(account),
      moveAll,
      onAdded: keepSpare,
      onRemoved: (account, keyId) => context.schedules().pauseByKey(account, keyId),
    }),
    accountRemoval,
    removeIdle: () => idle.sweep(),
    parallelLogin: new ParallelLogin({
      platformUrl: config.parallelPlatformUrl,
      fetch: context.fetch,
      kv,
      committer,
      keyring,
      signIn,
      now,
    }),
    admin: config.adminToken === null ? null : new AdminAccess(config.adminToken, keyring, now),
    async openKey(sealed) {
      const apiKey = await keyring.open(sealed);
      learn(apiKey);
      return apiKey;
    },
    sparesOf: (account) => spareKeys.forAccount(account),
    async onMerged({ id, merged }) {
      if (merged === undefined) return;
      await sessions.endOthers(id, null);
      await moveAll(id, merged.into);
      if (now() - merged.ms < MERGED_MS || stop.signal.aborted) return;
      // Without the intermediate account, those still moving into it would look deleted.
      if (await accounts.isTarget(id)) return;
      await forgetMoved({ kv, committer, now }, id);
      await accounts.forget(id);
    },
    written(mutations) {
      for (const { type, key: [name, id] } of mutations) {
        if (type !== "delete" || typeof id !== "string") continue;
        if (name === "session") streamLeases.end(id);
        if (name === "standing") standings.forgotten(id);
      }
    },
    async drain() {
      stop.abort();
      await standings.close();
    },
  };
}
