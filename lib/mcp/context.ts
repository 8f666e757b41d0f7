/** What the MCP server works with, and who calls it. */
import type { KeyStandings } from "../accounts/mod.ts";
import type { BatchService } from "../batches/mod.ts";
import type { Config } from "../config.ts";
import type { ClientSubject, LargeViews } from "../limits/mod.ts";
import { type Log, SYSTEM_TIMERS, type Timers } from "../base/mod.ts";
import type { Caller, KeyAttempts } from "../proxy/mod.ts";
import type { Histories, Runs } from "../runs/mod.ts";
import type { Upstreams } from "../upstreams.ts";

/** What the MCP server needs from its surroundings. */
export interface McpContext {
  readonly runs: Pick<
    Runs,
    "accountOf" | "adopt" | "create" | "ownerOf" | "page" | "request" | "rerun" | "stream"
  >;
  readonly batches: Pick<BatchService, "create" | "line" | "list" | "ndjson" | "page">;
  readonly histories: Pick<Histories, "budgets" | "list" | "summaries">;
  readonly upstreams: Pick<Upstreams, "of">;
  /** Decides whether a key may read the log. */
  readonly standings: Pick<KeyStandings, "mayRead">;
  /** Limits how many keys a client address may try. */
  readonly keyAttempts: Pick<KeyAttempts, "admit">;
  /** Turns for reading large runs. */
  readonly views: Pick<LargeViews, "open">;
  /** Counts the waits of sandbox keys with their client's other streams; `null` beyond the limit. */
  readonly sandboxSlot: (client: ClientSubject) => (() => void) | null;
  readonly log: Log;
  /** Origins whose pages may call with a key of their own; `*` for all. */
  readonly corsOrigins: readonly string[];
  /** The app's own origin, where it is configured. */
  readonly publicUrl: string | null;
  /** The largest batch of this instance. */
  readonly batchLimits: Config["batchLimits"];
  readonly timers: Timers;
  /** Unix ms. */
  readonly now: () => number;
}

/** The services of the app that the MCP server takes. */
export interface McpServices extends
  Omit<
    McpContext,
    "batchLimits" | "corsOrigins" | "now" | "publicUrl" | "sandboxSlot" | "timers"
  > {
  readonly config: Pick<Config, "batchLimits" | "corsOrigins" | "publicUrl">;
  readonly sandbox: { readonly streams: { take(client: ClientSubject): (() => void) | null } };
}

/** The MCP server's context on an app's services. */
export function mcpContext(services: McpServices): McpContext {
  const { runs, batches, histories, upstreams, standings, keyAttempts, views, log } = services;
  return {
    runs,
    batches,
    histories,
    upstreams,
    standings,
    keyAttempts,
    views,
    log,
    sandboxSlot: (client) => services.sandbox.streams.take(client),
    corsOrigins: services.config.corsOrigins,
    publicUrl: services.config.publicUrl,
    batchLimits: services.config.batchLimits,
    timers: SYSTEM_TIMERS,
    now: Date.now,
  };
}

/** The agent that sent a request. */
export interface Agent extends Omit<Caller, "isStillThere" | "ownKey"> {
  /** Its key is the sandbox's: nothing it makes is real or billed. */
  readonly simulated: boolean;
  readonly client: ClientSubject;
  /** The app's own origin, for links to pages. */
  readonly origin: string;
  /** Aborts when the connection closes. */
  readonly signal: AbortSignal;
}

/** The page of a run. */
export function pageUrl({ origin }: Pick<Agent, "origin">, runId: string): string {
  return `${origin}/tasks/${encodeURIComponent(runId)}`;
}

/** The page of a batch. */
export function batchUrl({ origin }: Pick<Agent, "origin">, batchId: string): string {
  return `${origin}/batches/${encodeURIComponent(batchId)}`;
}
