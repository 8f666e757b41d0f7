/** The instance's limits, made once. */
import type { Config } from "../config.ts";
import { Creates, type SandboxState } from "./creates.ts";
import type { ClientSubject } from "./address.ts";
import { type Admission, Limiter, type LimiterContext } from "./limiter.ts";

/** What is limited; each counts for itself. */
export interface Limits {
  /** Requests of a client address. */
  readonly requests: AddressLimit;
  /** Attempts to sign in, and keys and tokens tried, from a client address. */
  readonly signIns: AddressLimit;
  /** Tasks that are created: by the form, the proxy, and each input of a group. */
  readonly creates: Creates;
}

/**
 * What all /64 networks of one /48 may do together, as a multiple of what one may. A customer is often
 * given a whole /48, so its 65,536 networks are one client; a campus is too, so the bucket is larger.
 */
const NETWORK_FACTOR = 4;

/** A limit for each client address, and a larger one for the /48 around an IPv6 address. */
export class AddressLimit {
  readonly #clients: Limiter;
  readonly #networks: Limiter;

  constructor(context: LimiterContext, name: string, perMinute: number) {
    this.#clients = new Limiter(context, name, { perMinute });
    this.#networks = new Limiter(context, name, { perMinute: perMinute * NETWORK_FACTOR });
  }

  /** What one client address may do. */
  get perMinute(): number {
    return this.#clients.perMinute;
  }

  /** Takes one from the client's bucket and, for IPv6, from its network's. Never rejects. */
  async take({ client, network }: ClientSubject): Promise<Admission> {
    const admission = await this.#clients.take(client);
    if (!admission.ok || network === null) return admission;
    return await this.#networks.take(network);
  }

  /** Puts back what {@linkcode take} took, for something that turned out not to count. */
  giveBack({ client, network }: ClientSubject): void {
    this.#clients.giveBack(client);
    if (network !== null) this.#networks.giveBack(network);
  }
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
    requests: new AddressLimit(context, "request", config.requestLimitPerMinute),
    signIns: new AddressLimit(context, "signin", config.signinLimitPerMinute),
    creates: new Creates(context, config, sandbox),
  };
}
