/** The instance's limits, made once. */
import type { Config } from "../config.ts";
import { Limiter, type LimiterContext } from "./limiter.ts";

/** What is limited; each counts for itself. */
export interface Limits {
  /** Requests of a client address. */
  readonly requests: Limiter;
  /** Attempts to sign in from a client address. */
  readonly signIns: Limiter;
  /** Tasks created by an account: by the form, the proxy, and each input of a group. */
  readonly creates: Limiter;
}

/** The limits that the configuration sets. */
export function createLimits(
  context: LimiterContext,
  config: Pick<
    Config,
    "createLimitPerMinute" | "requestLimitPerMinute" | "signinLimitPerMinute"
  >,
): Limits {
  return {
    requests: new Limiter(context, "request", { perMinute: config.requestLimitPerMinute }),
    signIns: new Limiter(context, "signin", { perMinute: config.signinLimitPerMinute }),
    creates: new Limiter(context, "create", { perMinute: config.createLimitPerMinute }),
  };
}
