/** The proxy's context, and how it is created from the app's services. */
import { type Log, SYSTEM_TIMERS, type Timers } from "../base/mod.ts";
import type { KeyStandings } from "../accounts/mod.ts";
import type { Groups } from "../groups/mod.ts";
import type { Creates, Limits } from "../limits/mod.ts";
import type { Runs } from "../runs/mod.ts";
import type { Config } from "../config.ts";
import type { Upstreams } from "../upstreams.ts";
import type { KeyAttempts } from "./key_attempts.ts";

/** The dependencies of the proxy. */
export interface ProxyContext {
  readonly upstreams: Pick<Upstreams, "forKey">;
  readonly runs: Pick<
    Runs,
    "accountOf" | "adopt" | "apiKeyOf" | "has" | "inFlight" | "keep" | "ownerOf" | "stream"
  >;
  /** Records runs that are added to groups. */
  readonly groups: Pick<Groups, "adding">;
  /** Limits how many tasks an account may create. */
  readonly creates: Pick<Creates, "enter" | "enterGroup">;
  /** Decides whether a key may read the log. */
  readonly standings: Pick<KeyStandings, "mayRead">;
  /** Limits how many keys a client address may try. */
  readonly keyAttempts: Pick<KeyAttempts, "admit">;
  readonly log: Log;
  /** Origins whose pages may call `/api` with their own key; `*` for all. */
  readonly corsOrigins: readonly string[];
  readonly timers: Timers;
}

/** The app's services that the proxy uses. */
export interface ProxyServices extends Omit<ProxyContext, "corsOrigins" | "creates" | "timers"> {
  readonly config: Pick<Config, "corsOrigins">;
  readonly limits: Pick<Limits, "creates">;
}

/** Creates the proxy's context from the app's services. */
export function proxyContext(services: ProxyServices): ProxyContext {
  const { config, groups, limits, log, runs, upstreams } = services;
  const { keyAttempts, standings } = services;
  return {
    upstreams,
    runs,
    groups,
    standings,
    keyAttempts,
    creates: limits.creates,
    log,
    corsOrigins: config.corsOrigins,
    timers: SYSTEM_TIMERS,
  };
}
