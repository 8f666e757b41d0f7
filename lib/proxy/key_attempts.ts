/** Limits how many keys a client address may try through `/api`. */
import type { KeyStandings } from "../accounts/mod.ts";
import { sha256Hex } from "../store/mod.ts";
import type { AddressLimit, ClientSubject } from "../limits/mod.ts";
import { apiError } from "./headers.ts";

/** The dependencies of {@linkcode KeyAttempts}. */
export interface KeyAttemptsContext {
  readonly standings: Pick<KeyStandings, "known">;
  readonly limit: Pick<AddressLimit, "consume" | "refund" | "perMinute">;
}

/** Counts each key once while a client tries it. A valid key does not count. */
export class KeyAttempts {
  readonly #context: KeyAttemptsContext;
  /** Keys that are being tried, by client: a client may send many requests at once with one key. */
  readonly #trying = new Map<string, number>();

  constructor(context: KeyAttemptsContext) {
    this.#context = context;
  }

  /** Handles a request with a key. Over the limit, responds with 429 without asking the API. */
  async admit(
    apiKey: string,
    client: ClientSubject,
    handle: () => Promise<Response>,
  ): Promise<Response> {
    const { limit, standings } = this.#context;
    const sha256 = await sha256Hex(apiKey);
    const { accepted_ms, refused_ms } = await standings.known(sha256);
    if (accepted_ms !== null && refused_ms === null) return await handle();
    const name = `${client.client} ${sha256}`;
    const trying = this.#trying.get(name) ?? 0;
    this.#trying.set(name, trying + 1);
    try {
      if (trying === 0) {
        const admission = await limit.consume(client);
        if (!admission.ok) return refusal(limit.perMinute, admission.retryAfterSeconds);
      }
      const response = await handle();
      const wrong = response.status === 401 || response.status === 403;
      if (trying === 0 && !wrong) limit.refund(client);
      return response;
    } finally {
      const left = (this.#trying.get(name) ?? 1) - 1;
      if (left === 0) this.#trying.delete(name);
      else this.#trying.set(name, left);
    }
  }
}

function refusal(perMinute: number, seconds: number): Response {
  return apiError(
    429,
    `Too many unknown keys from your address: at most ${perMinute} a minute; try again in ${seconds} s`,
    { "retry-after": `${seconds}` },
  );
}
