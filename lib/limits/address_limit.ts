/** Limits by client address, and larger ones by the /48 around an IPv6 address. */
import { type ClientSubject, networkOf } from "./address.ts";
import type { Rule } from "./bucket.ts";
import { type Admission, Limiter, type LimiterContext } from "./limiter.ts";

/**
 * The limit of a /48 as a multiple of the limit of one /64. One customer often has a whole /48, so its
 * 65,536 networks share a limit. A campus has one too, so this limit is larger.
 */
export const NETWORK_FACTOR = 4;

/** A limit for each client address, and a larger one for the /48 around an IPv6 address. */
export class AddressLimit {
  readonly #clients: Limiter;
  readonly #networks: Limiter;

  constructor(context: LimiterContext, name: string, { perMinute, atOnce = perMinute }: Rule) {
    this.#clients = new Limiter(context, name, { perMinute, atOnce });
    this.#networks = new Limiter(context, name, {
      perMinute: perMinute * NETWORK_FACTOR,
      atOnce: atOnce * NETWORK_FACTOR,
    });
  }

  /** The limit of one client address. */
  get perMinute(): number {
    return this.#clients.perMinute;
  }

  /** The most that one client address may do at once. */
  get atOnce(): number {
    return this.#clients.atOnce;
  }

  /** Takes `count` from the client's bucket and, for IPv6, from its network's. Never rejects. */
  async consume({ client, network }: ClientSubject, count = 1): Promise<Admission> {
    const admission = await this.#clients.consume(client, count);
    if (!admission.ok || network === null) return admission;
    return await this.#networks.consume(network, count);
  }

  /** Returns what {@linkcode consume} took, if the request turned out not to count. */
  refund({ client, network }: ClientSubject): void {
    this.#clients.refund(client);
    if (network !== null) this.#networks.refund(network);
  }
}

/** The client with its network, from {@linkcode ClientSubject.client} alone. */
export function subjectNamed(client: string): ClientSubject {
  return { client, network: networkOf(client) };
}
