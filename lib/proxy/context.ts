/** What the proxy works with, and the one place that puts it together. */
import type { Limiter } from "../limits/mod.ts";
import type { Log } from "../log.ts";
import type { ClientTimers } from "../parallel/client.ts";
import type { Runs } from "../runs/mod.ts";
import type { Services } from "../services.ts";
import type { Upstreams } from "../upstreams.ts";

/** What the proxy takes from the world. */
export interface ProxyContext {
  readonly upstreams: Pick<Upstreams, "of">;
  readonly runs: Pick<
    Runs,
    "accountOf" | "adopt" | "apiKeyOf" | "has" | "inFlight" | "keep" | "ownerOf" | "stream"
  >;
  /** How many tasks an account may create. */
  readonly creates: Pick<Limiter, "perMinute" | "take">;
  readonly log: Log;
  /** Origins whose pages may call with a key of their own; `*` for all. */
  readonly corsOrigins: readonly string[];
  readonly timers: ClientTimers;
}

const SYSTEM_TIMERS: ClientTimers = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (id) => clearTimeout(id as number),
};

/** The proxy's context on an app's services. */
export function proxyContext({ config, limits, log, runs, upstreams }: Services): ProxyContext {
  return {
    upstreams,
    runs,
    creates: limits.creates,
    log,
    corsOrigins: config.corsOrigins,
    timers: SYSTEM_TIMERS,
  };
}
