/** What the proxy works with, and the one place that puts it together. */
import type { Log } from "../log.ts";
import type { ClientTimers } from "../parallel/client.ts";
import type { Runs } from "../runs/mod.ts";
import { createSandbox } from "../sandbox/mod.ts";
import type { Services } from "../services.ts";
import { Upstreams } from "../upstreams.ts";

/** What the proxy takes from the world. */
export interface ProxyContext {
  readonly upstreams: Pick<Upstreams, "of">;
  readonly runs: Pick<Runs, "accountOf" | "apiKeyOf" | "keep" | "ownerOf" | "stream">;
  readonly log: Log;
  /** Origins whose pages may call with a key of their own; `*` for all. */
  readonly corsOrigins: readonly string[];
  readonly timers: ClientTimers;
}

const SYSTEM_TIMERS: ClientTimers = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (id) => clearTimeout(id as number),
};

/**
 * The proxy's context on an app's services. The sandbox keeps nothing but KV, so one more handler on
 * the same KV is the same sandbox.
 */
export function proxyContext({ config, kv, log, runs }: Services): ProxyContext {
  const { corsOrigins, parallelApiUrl, sandboxEnabled, sandboxSpeed } = config;
  const sandbox = sandboxEnabled ? createSandbox({ kv, speed: sandboxSpeed }) : null;
  const upstreams = new Upstreams({ parallelApiUrl, fetch, sandbox });
  return { upstreams, runs, log, corsOrigins, timers: SYSTEM_TIMERS };
}
