/** The MCP server's dependencies, and the calling agent. */
import type { KeyStandings } from "../accounts/mod.ts";
import type { BatchService } from "../batches/mod.ts";
import type { Config } from "../config.ts";
import type { ClientSubject, LargeViews } from "../limits/mod.ts";
import { type Log, SYSTEM_TIMERS, type Timers } from "../base/mod.ts";
import type { Caller, KeyAttempts } from "../proxy/mod.ts";
import type { Histories, Runs } from "../runs/mod.ts";
import type { Upstreams } from "../upstreams.ts";

/** Dependencies of the MCP server. */
export interface McpContext {
  readonly runs: Pick<
    Runs,
    "accountOf" | "adopt" | "create" | "ownerOf" | "page" | "request" | "rerun" | "stream"
  >;
  readonly batches: Pick<BatchService, "adopt" | "create" | "line" | "list" | "ndjson" | "page">;
  readonly histories: Pick<Histories, "budgets" | "list" | "summaries">;
  readonly upstreams: Pick<Upstreams, "forKey">;
  /** Decides whether a key may read the log. */
  readonly standings: Pick<KeyStandings, "mayRead">;
  /** Limits how many keys a client address may try. */
  readonly keyAttempts: Pick<KeyAttempts, "admit">;
  /** Limits concurrent reads of large runs. */
  readonly views: Pick<LargeViews, "open">;
  /** Counts waits of sandbox keys as streams of their client. Returns `null` beyond the limit. */
  readonly sandboxSlot: (client: ClientSubject) => (() => void) | null;
  readonly log: Log;
  /** Origins whose pages may call with their own key; `*` for all. */
  readonly corsOrigins: readonly string[];
  /** The app's origin, if configured. */
  readonly publicUrl: string | null;
  /** The largest batch of this instance. */
  readonly batchLimits: Config["batchLimits"];
  readonly timers: Timers;
  /** Unix ms. */
  readonly now: () => number;
}

/** The app's services that the MCP server uses. */
export interface McpServices extends
  Omit<
    McpContext,
    "batchLimits" | "corsOrigins" | "now" | "publicUrl" | "sandboxSlot" | "timers"
  > {
  readonly config: Pick<Config, "batchLimits" | "corsOrigins" | "publicUrl">;
  readonly sandbox: { readonly streams: { acquire(client: ClientSubject): (() => void) | null } };
}

/** Creates the MCP server's context from the app's services. */
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
    sandboxSlot: (client) => services.sandbox.streams.acquire(client),
    corsOrigins: services.config.corsOrigins,
    publicUrl: services.config.publicUrl,
    batchLimits: services.config.batchLimits,
    timers: SYSTEM_TIMERS,
    now: Date.now,
  };
}

/** The agent that sent a request. */
export interface Agent extends Omit<Caller, "isStillValid" | "ownKey"> {
  /** Its key belongs to the sandbox: nothing it creates is real or billed. */
  readonly simulated: boolean;
  readonly client: ClientSubject;
  /** The app's origin, for links to pages. */
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
