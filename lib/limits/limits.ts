/** The instance's limits, made once. */
import type { Config } from "../config.ts";
import { Creates, type SandboxState } from "./creates.ts";
import { AddressLimit } from "./address_limit.ts";
import type { LimiterContext } from "./limiter.ts";

/** What is limited; each counts for itself. */
export interface Limits {
  /** Requests of a client address. */
  readonly requests: AddressLimit;
  /** Attempts to sign in, and keys and tokens tried, from a client address. */
  readonly signIns: AddressLimit;
  /** Tasks that are created: by the form, the proxy, and each input of a group. */
  readonly creates: Creates;
}

/** The limits that the configuration sets. */
export function createLimits(
  context: LimiterContext,
  config: Pick<
    Config,
    | "createLimitPerMinute"
    | "requestLimitPerMinute"
    | "signinLimitPerMinute"
    | "sandboxBytesMax"
    | "sandboxCreatesPerMinute"
    | "sandboxRowsPerDay"
    | "sandboxRunsMax"
  >,
  sandbox: SandboxState,
): Limits {
  return {
    requests: new AddressLimit(context, "request", { perMinute: config.requestLimitPerMinute }),
    signIns: new AddressLimit(context, "signin", { perMinute: config.signinLimitPerMinute }),
    creates: new Creates(context, config, sandbox),
  };
}
