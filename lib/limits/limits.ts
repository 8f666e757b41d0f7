/** Creates the instance's limits. */
import type { Config } from "../config.ts";
import { Creates, type SandboxState } from "./creates.ts";
import { AddressLimit } from "./address_limit.ts";
import { HeldBytes } from "./held.ts";
import { Limiter, type LimiterContext } from "./limiter.ts";

/** The limits; each counts separately. */
export interface Limits {
  /** Requests from a client address. */
  readonly requests: AddressLimit;
  /** Sign-in attempts, and attempts with keys and tokens, from a client address. */
  readonly signIns: AddressLimit;
  /** Bodies of requests that arrive or are processed: they are in memory. */
  readonly bodies: HeldBytes;
  /** Created tasks: by the form, by the proxy, and each input of a group. */
  readonly creates: Creates;
  /** Runs unknown here that an account asks the API about. */
  readonly adoptions: Limiter;
  /** Tests of an account's notifications. */
  readonly notificationTests: Limiter;
  /** Notifications of all sandbox accounts to a host: anyone may have such accounts. */
  readonly sandboxNotifications: Limiter;
}

const MIB = 1024 * 1024;
/** Three of the largest tables from one address, and nine in all. */
const BODIES = { perAddress: 64 * MIB, inAll: 192 * MIB };
const ADOPTIONS_PER_MINUTE = 60;
const NOTIFICATION_TESTS_PER_MINUTE = 6;
const SANDBOX_NOTIFICATIONS_PER_MINUTE = 30;

/** Creates the limits that the configuration sets. */
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
    bodies: new HeldBytes(BODIES),
    creates: new Creates(context, config, sandbox),
    adoptions: new Limiter(context, "adopt", { perMinute: ADOPTIONS_PER_MINUTE }),
    notificationTests: new Limiter(context, "notify-test", {
      perMinute: NOTIFICATION_TESTS_PER_MINUTE,
    }),
    sandboxNotifications: new Limiter(context, "notify-sandbox", {
      perMinute: SANDBOX_NOTIFICATIONS_PER_MINUTE,
    }),
  };
}
