/** The services that routes use, and their dependencies. */
import type { Log, Timers } from "./base/mod.ts";
import type { AccountServices } from "./account_services.ts";
import type { EmbeddedSandbox } from "./embedded_sandbox.ts";
import type { BatchService } from "./batches/mod.ts";
import type { Config } from "./config.ts";
import type { StoreHealth } from "./store/mod.ts";
import type { LargeViews, Limits } from "./limits/mod.ts";
import type { Groups } from "./groups/mod.ts";
import type { KeyAttempts } from "./proxy/mod.ts";
import type { LeaseTimes } from "./recording.ts";
import type { RequestSecrets } from "./redact.ts";
import type { Histories, Runs, Shares, WebhookOutcome } from "./runs/mod.ts";
import type { Notifications } from "./notify/mod.ts";
import type { ChooseNotification, NotifyingContext } from "./notifying.ts";
import type { Schedules, Watches } from "./schedules/mod.ts";
import type { Figures } from "./telemetry/mod.ts";
import type { Imports } from "./transfer/mod.ts";
import type { Upstreams } from "./upstreams.ts";

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
  readonly batches: BatchService;
  readonly shares: Shares;
  /** Tasks and batches that run again and again. */
  readonly schedules: Schedules;
  /** Results that Parallel checks for changes. */
  readonly watches: Watches;
  /** Notifies accounts of their runs and batches. */
  readonly notifications: Notifications;
  /** Turns the notification of a run or batch on or off. */
  readonly chooseNotification: ChooseNotification;
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
  /** Returns these services for a session that only sees runs created before a time (Unix ms). */
  before(ms: number): Services;
  /** Returns the number of runs in the store that need a recorder. */
  countActive(): Promise<number>;
  /**
   * Resumes the work that no process does: recording, batches, watches, notifications, history lines and
   * search texts.
   */
  pickUp(): Promise<void>;
  /**
   * Like {@linkcode pickUp}, but resolves when everything is recorded or the signal aborts: a host that
   * stops idle apps keeps one running while its cron handler runs.
   */
  keepRecording(signal: AbortSignal): Promise<void>;
  /** Receives a webhook from the API. */
  webhook(headers: Headers, body: Uint8Array<ArrayBuffer>): Promise<WebhookOutcome>;
  /** Permanently deletes removed and expired runs and batches, and idle sandbox accounts. */
  sweep(): Promise<void>;
  /** Starts due schedules, and checks watches. Call it every minute. */
  runSchedules(): Promise<void>;
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
  /** How notifications resolve and trust hosts. */
  readonly outgoing?: NotifyingContext["outgoing"];
  readonly leaseTimes?: LeaseTimes | undefined;
  /** Limits how long requests wait in queues. */
  readonly timers?: Timers | undefined;
}
