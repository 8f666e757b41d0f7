/**
 * Accounts: an opaque id that API keys point to. The same key finds the same history on any device.
 * Owns `["account", id]`, `["key", sha256]` and `["keys", account, sha256]`.
 */
import { type Committer, sha256Hex } from "../store/mod.ts";
import { spareKey } from "./spare_keys.ts";
import { standingKey } from "./standing.ts";

/** An account as stored. */
export interface StoredAccount {
  readonly id: string;
  readonly created_ms: number;
  /** The first four digits of the key's hash. Distinguishes accounts without revealing a part of a key. */
  readonly fingerprint: string;
  /** Whether its keys belong to the embedded sandbox. */
  readonly sandbox: boolean;
  /** The account that this one was merged into, and when (Unix ms). Its remaining data moves there. */
  readonly merged?: { readonly into: string; readonly ms: number };
}

/** What is stored about an API key of an account. */
interface StoredKey {
  /** The first four digits of the key's hash. */
  readonly fingerprint: string;
  readonly added_ms: number;
  /** Set if a user of the account has confirmed that this key belongs to it. */
  readonly confirmed?: true;
}

/** An API key of an account. */
export interface AccountKey extends StoredKey {
  /** The key's name in forms: the first half of its hash. */
  readonly id: string;
}

/** The result of adding a key. `merged` is the account that the key had, now part of this one. */
export type AddOutcome =
  | { readonly ok: true; readonly merged: string | null }
  | {
    readonly ok: false;
    readonly problem:
      /** The account already has this key. */
      | "own"
      /** Sandbox and real keys never share an account: simulated and real runs must not mix. */
      | "mixed"
      /** The account has the maximum number of keys. */
      | "full"
      /** The account was deleted, or changed at this moment. */
      | "changed";
  };

/** The most keys of one account. They must fit into one commit. */
export const MAX_KEYS = 50;

/** The fingerprint of an API key. */
export async function fingerprintOf(apiKey: string): Promise<string> {
  return fingerprint(await sha256Hex(apiKey));
}

function fingerprint(sha256: string): string {
  return sha256.slice(0, 4);
}

/** The name of a key in forms, from its hash. */
export function keyIdOf(sha256: string): string {
  return sha256.slice(0, 32);
}

/** Lists a key, by its hash, under the account that it points to. */
export function keyMutation(account: string, sha256: string, addedMs: number): Deno.KvMutation {
  const value: StoredKey = { fingerprint: fingerprint(sha256), added_ms: addedMs };
  return { type: "set", key: ["keys", account, sha256], value };
}

/** The prefix of sandbox keys. Real keys never have it. */
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

  /** The account of an API key, created if the key is new. This never joins two accounts. */
  async forKey(apiKey: string): Promise<StoredAccount> {
    return (await this.claim(apiKey)).account;
  }

  /** Like {@linkcode forKey}, with a check that fails once the key points to another account. */
  async claim(
    apiKey: string,
  ): Promise<{ readonly account: StoredAccount; readonly check: Deno.AtomicCheck }> {
    const sha256 = await sha256Hex(apiKey);
    const keyEntry = ["key", sha256];
    for (;;) {
      const found = await this.#kv.get<string>(keyEntry);
      if (found.value !== null) {
        const account = await this.get(found.value);
        if (account !== null) return { account, check: found };
      }
      const account: StoredAccount = {
        id: crypto.randomUUID(),
        created_ms: this.#now(),
        fingerprint: fingerprint(sha256),
        sandbox: apiKey.startsWith(SANDBOX_KEY_PREFIX),
      };
      const result = await this.#committer.commit({
        checks: [{ key: keyEntry, versionstamp: found.versionstamp }],
        mutations: [
          { type: "set", key: keyEntry, value: account.id },
          { type: "set", key: ["account", account.id], value: account },
          keyMutation(account.id, sha256, this.#now()),
        ],
      });
      // A failed check: another sign-in with the same key was faster. Use its account.
      if (result.ok) {
        return { account, check: { key: keyEntry, versionstamp: result.versionstamp } };
      }
    }
  }

  /**
   * Adds a key to an account. If the key already has an account, all keys of that account point here from
   * this commit on. The caller must move the account's data.
   */
  async add(id: string, apiKey: string): Promise<AddOutcome> {
    const sha256 = await sha256Hex(apiKey);
    const [account, pointer] = await this.#kv.getMany<[StoredAccount, string]>([
      ["account", id],
      ["key", sha256],
    ]);
    if (account.value === null || account.value.merged !== undefined) return no("changed");
    if (pointer.value === id) return no("own");
    if (account.value.sandbox !== apiKey.startsWith(SANDBOX_KEY_PREFIX)) return no("mixed");
    const other = pointer.value === null
      ? null
      : await this.#kv.get<StoredAccount>(["account", pointer.value]);
    const merged = other?.value ?? null;
    const moved = merged === null ? [] : await this.#stored(merged.id);
    const own = await this.#stored(id);
    if (own.length + Math.max(1, moved.length) > MAX_KEYS) return no("full");
    const added: StoredKey = {
      fingerprint: fingerprint(sha256),
      added_ms: this.#now(),
      confirmed: true,
    };
    const { ok } = await this.#committer.commit({
      checks: [account, pointer, ...(other === null ? [] : [other]), ...moved],
      mutations: [
        // Written again, so that concurrent changes of an account's keys conflict.
        { type: "set", key: account.key, value: account.value },
        ...(merged === null || other === null ? [] : [{
          type: "set" as const,
          key: other.key,
          value: { ...merged, merged: { into: id, ms: this.#now() } } satisfies StoredAccount,
        }]),
        ...moved.flatMap(({ key, value }): Deno.KvMutation[] => [
          { type: "delete", key },
          { type: "set", key: ["keys", id, String(key[2])], value },
          { type: "set", key: ["key", String(key[2])], value: id },
        ]),
        { type: "set", key: ["keys", id, sha256], value: added },
        { type: "set", key: pointer.key, value: id },
      ],
    });
    return ok ? { ok: true, merged: merged?.id ?? null } : no("changed");
  }

  /**
   * Removes a key from an account, and everything stored about the key. A later sign-in with that key makes a new
   * account. `last`: the account has no other key to sign in with. `unknown`: it has no such key.
   */
  async remove(id: string, keyId: string): Promise<"removed" | "last" | "unknown"> {
    for (;;) {
      const account = await this.#kv.get<StoredAccount>(["account", id]);
      const keys = await this.#stored(id);
      const found = keys.find(({ key }) => keyIdOf(String(key[2])) === keyId);
      if (account.value === null || found === undefined) return "unknown";
      if (keys.length === 1) return "last";
      const pointer = await this.#kv.get<string>(["key", String(found.key[2])]);
      const { ok } = await this.#committer.commit({
        checks: [account, found, pointer],
        mutations: [
          { type: "set", key: account.key, value: account.value },
          ...deletions([found.key, ...pointerKeys(id, pointer)]),
        ],
      });
      if (ok) return "removed";
    }
  }

  /** Marks all keys of the account as confirmed by its user. */
  async confirmKeys(id: string): Promise<void> {
    for (const { key, value, versionstamp } of await this.#stored(id)) {
      const confirmed: StoredKey = { ...value, confirmed: true };
      await this.#committer.commit({
        checks: [{ key, versionstamp }],
        mutations: [{ type: "set", key, value: confirmed }],
      });
    }
  }

  /** The account of an API key, or `null` for an unknown key. Creates nothing. */
  async find(apiKey: string): Promise<StoredAccount | null> {
    const { value } = await this.#kv.get<string>(["key", await sha256Hex(apiKey)]);
    return value === null ? null : await this.get(value);
  }

  /** Up to `limit` accounts whose ids come after `after` (`""`: from the first), in the order of ids. */
  async after(after: string, limit: number): Promise<StoredAccount[]> {
    // The smallest key after an id is the id with a zero appended.
    const selector = { prefix: ["account"], start: ["account", after === "" ? "" : `${after}\0`] };
    const found = await Array.fromAsync(this.#kv.list<StoredAccount>(selector, { limit }));
    return found.map(({ value }) => value);
  }

  /** The account with this id, or `null`. */
  async get(id: string): Promise<StoredAccount | null> {
    return (await this.#kv.get<StoredAccount>(["account", id])).value;
  }

  /** Whether an account was merged into this one. Its data may still have to move. */
  async isTarget(id: string): Promise<boolean> {
    for await (const { value } of this.#kv.list<StoredAccount>({ prefix: ["account"] })) {
      if (value.merged?.into === id) return true;
    }
    return false;
  }

  /** The keys of an account, in the order they were added. */
  async keys(id: string): Promise<AccountKey[]> {
    const found = await this.#stored(id);
    return found.map(({ key, value }) => ({ id: keyIdOf(String(key[2])), ...value }))
      .sort((a, b) => a.added_ms - b.added_ms);
  }

  #stored(id: string): Promise<Deno.KvEntry<StoredKey>[]> {
    return Array.fromAsync(this.#kv.list<StoredKey>({ prefix: ["keys", id] }));
  }

  /**
   * Forgets an account, the keys that point to it, and everything stored about them. A later sign-in with one
   * of them makes a new account. A single commit checks the account, so a key that is added meanwhile cannot
   * stay behind. Returns how many keys there were.
   */
  async forget(id: string): Promise<number> {
    for (;;) {
      const account = await this.#kv.get<StoredAccount>(["account", id]);
      const keys = await this.#stored(id);
      const pointers = await Promise.all(
        keys.map(({ key }) => this.#kv.get<string>(["key", String(key[2])])),
      );
      const gone = [account, ...keys].map(({ key }) => key)
        .concat(pointers.flatMap((pointer) => pointerKeys(id, pointer)));
      const { ok } = await this.#committer.commit({
        checks: [account, ...pointers],
        mutations: deletions(gone),
      });
      if (ok) return keys.length;
    }
  }
}

/** The entries to delete with a key of an account. None if the key points to another account. */
function pointerKeys(account: string, { key, value }: Deno.KvEntryMaybe<string>): Deno.KvKey[] {
  const sha256 = String(key[1]);
  return value === account ? [key, standingKey(sha256), spareKey(sha256)] : [];
}

function deletions(keys: readonly Deno.KvKey[]): Deno.KvMutation[] {
  return keys.map((key) => ({ type: "delete", key }));
}

/**
 * Whether an account has several unconfirmed keys. Older versions added keys without a question, so the holder
 * of such a key can see and delete everything, and may not know about the others.
 */
export function keysToConfirm(keys: readonly AccountKey[]): boolean {
  return keys.filter(({ confirmed }) => confirmed !== true).length > 1;
}

function no(problem: (AddOutcome & { ok: false })["problem"]): AddOutcome {
  return { ok: false, problem };
}
