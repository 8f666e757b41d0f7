/**
 * The secret that the API signs an account's webhooks with. It is sealed like API keys.
 * Owns `["webhook_secret", account]`.
 */
import type { Committer } from "../store/mod.ts";
import { readWebhookSecret } from "../parallel/mod.ts";
import { type Keyring, SealError } from "./keyring.ts";

/** Keeps each account's webhook secret. */
export class WebhookSecrets {
  readonly #kv: Deno.Kv;
  readonly #committer: Committer;
  readonly #keyring: Keyring;

  constructor(kv: Deno.Kv, committer: Committer, keyring: Keyring) {
    this.#kv = kv;
    this.#committer = committer;
    this.#keyring = keyring;
  }

  /**
   * The account's secret, or `null` if it has none. Also `null` if the instance's secrets cannot open it: its
   * owner must enter it again.
   */
  async get(account: string): Promise<string | null> {
    const found = await this.#kv.get<string>(keyOf(account));
    if (found.value === null) return null;
    try {
      const secret = await this.#keyring.open(found.value);
      // Seal it again while an old secret of the instance still opens it.
      if (!this.#keyring.isCurrent(found.value)) await this.#write(account, secret, [found]);
      // Older versions stored it as it was pasted.
      const read = readWebhookSecret(secret);
      return read.ok ? read.secret : secret;
    } catch (error) {
      if (error instanceof SealError) return null;
      throw error;
    }
  }

  /** Sets the account's secret; `null` forgets it. */
  async set(account: string, secret: string | null): Promise<void> {
    await this.#write(account, secret, []);
  }

  async #write(
    account: string,
    secret: string | null,
    checks: readonly Deno.AtomicCheck[],
  ): Promise<void> {
    const key = keyOf(account);
    const mutation: Deno.KvMutation = secret === null
      ? { type: "delete", key }
      : { type: "set", key, value: await this.#keyring.seal(secret) };
    await this.#committer.commit({ checks, mutations: [mutation] });
  }
}

function keyOf(account: string): Deno.KvKey {
  return ["webhook_secret", account];
}
