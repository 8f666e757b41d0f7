/**
 * Accounts: an opaque id that API keys point to. The same key finds the same history on any device.
 * Owns `["account", id]`, `["key", sha256]` and `["keys", account, sha256]`.
 */
import type { Committer } from "../kv/committer.ts";
import { deleteAll } from "../kv/delete.ts";
import { sha256Hex } from "../kv/parts.ts";

/** An account as stored. */
export interface StoredAccount {
  readonly id: string;
  readonly created_ms: number;
  /** Short and derived from the key's hash: tells accounts apart without being part of a key. */
  readonly fingerprint: string;
  /** Its key belongs to the embedded sandbox. */
  readonly sandbox: boolean;
}

/** An API key of an account, as far as it may be known. */
export interface StoredKey {
  /** Short and derived from the key's hash: tells keys apart without being part of one. */
  readonly fingerprint: string;
  readonly added_ms: number;
}

/** The fingerprint of an API key. */
export async function fingerprintOf(apiKey: string): Promise<string> {
  return fingerprint(await sha256Hex(apiKey));
}

function fingerprint(sha256: string): string {
  return sha256.slice(0, 4);
}

/** Lists a key, by its hash, under the account that it points to. */
export function keyMutation(account: string, sha256: string, addedMs: number): Deno.KvMutation {
  const value: StoredKey = { fingerprint: fingerprint(sha256), added_ms: addedMs };
  return { type: "set", key: ["keys", account, sha256], value };
}

/** Keys of the embedded sandbox start so; no real key does. */
export const SANDBOX_KEY_PREFIX = "sandbox-";

/** A new key of the embedded sandbox. */
export function randomSandboxKey(): string {
  return SANDBOX_KEY_PREFIX + crypto.getRandomValues(new Uint8Array(16)).toHex();
}

/** Finds accounts by their keys. */
export class Accounts {
  readonly #kv: Deno.Kv;
  readonly #committer: Committer;
  readonly #now: () => number;

  constructor(kv: Deno.Kv, committer: Committer, now: () => number) {
    this.#kv = kv;
    this.#committer = committer;
    this.#now = now;
  }

  /**
   * The account of an API key, made if the key is new. With `join`, a new key is added to that
   * account instead (a second key signed in while a session is open); a key that already belongs to
   * an account keeps it. Sandbox and real keys never share an account: simulated and real runs must
   * not mix.
   */
  async ofKey(apiKey: string, join: string | null = null): Promise<StoredAccount> {
    const sha256 = await sha256Hex(apiKey);
    const keyEntry = ["key", sha256];
    for (;;) {
      const found = await this.#kv.get<string>(keyEntry);
      if (found.value !== null) {
        const account = await this.get(found.value);
        if (account !== null) return account;
      }
      const sandbox = apiKey.startsWith(SANDBOX_KEY_PREFIX);
      const joined = join === null ? null : await this.get(join);
      const account: StoredAccount = joined !== null && joined.sandbox === sandbox ? joined : {
        id: crypto.randomUUID(),
        created_ms: this.#now(),
        fingerprint: fingerprint(sha256),
        sandbox,
      };
      const result = await this.#committer.commit({
        checks: [{ key: keyEntry, versionstamp: found.versionstamp }],
        mutations: [
          { type: "set", key: keyEntry, value: account.id },
          { type: "set", key: ["account", account.id], value: account },
          keyMutation(account.id, sha256, this.#now()),
        ],
        bytes: 1000,
      });
      // A failed check: the same key signed in elsewhere at this moment; that account is ours too.
      if (result.ok) return account;
    }
  }

  /** The account of an API key, or `null` for a key that is not known; nothing is made. */
  async find(apiKey: string): Promise<StoredAccount | null> {
    const { value } = await this.#kv.get<string>(["key", await sha256Hex(apiKey)]);
    return value === null ? null : await this.get(value);
  }

  /** Up to `limit` accounts whose ids come after `after` (`""`: from the first), in the order of ids. */
  async after(after: string, limit: number): Promise<StoredAccount[]> {
    // The next key after an id is the id and a zero.
    const selector = { prefix: ["account"], start: ["account", after === "" ? "" : `${after}\0`] };
    const found = await Array.fromAsync(this.#kv.list<StoredAccount>(selector, { limit }));
    return found.map(({ value }) => value);
  }

  /** The account with this id, or `null`. */
  async get(id: string): Promise<StoredAccount | null> {
    return (await this.#kv.get<StoredAccount>(["account", id])).value;
  }

  /** The keys that point to an account, in the order they came. */
  async keys(id: string): Promise<StoredKey[]> {
    const found = await Array.fromAsync(this.#kv.list<StoredKey>({ prefix: ["keys", id] }));
    return found.map(({ value }) => value).sort((a, b) => a.added_ms - b.added_ms);
  }

  /**
   * Forgets an account and the keys that point to it: whoever signs in with one of them later starts
   * anew. Returns how many keys there were.
   */
  async forget(id: string): Promise<number> {
    const keys = await Array.fromAsync(this.#kv.list({ prefix: ["keys", id] }));
    const removed: Deno.KvKey[] = [["account", id]];
    for (const { key } of keys) {
      const pointer: Deno.KvKey = ["key", String(key[2])];
      // One that has come to point elsewhere is another account's.
      if ((await this.#kv.get(pointer)).value === id) removed.push(pointer);
      removed.push(key);
    }
    await deleteAll(this.#committer, removed);
    return keys.length;
  }
}
