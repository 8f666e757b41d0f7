/**
 * The sealed keys of accounts that have several: if the API refuses one of them, the account's runs go on with
 * another. Owns `["spare", key_id]`.
 */
import { type Committer, sha256Hex } from "../store/mod.ts";
import { type Keyring, SealError } from "./keyring.ts";

/** A sealed key of an account. */
export interface SpareKey {
  readonly account: string;
  readonly sealed_key: string;
  readonly key_sha256: string;
}

/** The most keys that KV reads at once. */
const GET_MANY = 10;
/** How long a key is kept after it was added, or has signed in: as long as a session may last (ms). */
const KEPT_MS = 30 * 86_400_000;

/** The dependencies of {@linkcode SpareKeys}. */
export interface SpareKeysContext {
  readonly kv: Deno.Kv;
  readonly committer: Pick<Committer, "commit">;
  readonly keyring: Keyring;
  /** The keys of an account. */
  readonly keysOf: (account: string) => Promise<readonly { readonly id: string }[]>;
}

/** Keeps and finds the sealed keys of accounts. */
export class SpareKeys {
  readonly #context: SpareKeysContext;

  constructor(context: SpareKeysContext) {
    this.#context = context;
  }

  /** Keeps a key of an account that has several. */
  async keep(account: string, apiKey: string): Promise<void> {
    const { committer, keyring, keysOf } = this.#context;
    const key = spareKey(await sha256Hex(apiKey));
    if ((await keysOf(account)).length < 2) return;
    const value = await keyring.seal(apiKey);
    await committer.commit({ mutations: [{ type: "set", key, value, expireIn: KEPT_MS }] });
    // It may have been removed meanwhile.
    if ((await keysOf(account)).some(({ id }) => id === key[1])) return;
    await committer.commit({ mutations: [{ type: "delete", key }] });
  }

  /** The account's keys that are kept and can be opened. */
  async forAccount(account: string): Promise<SpareKey[]> {
    const { kv, keyring, keysOf } = this.#context;
    const keys = await keysOf(account), spares: SpareKey[] = [];
    for (let at = 0; at < keys.length; at += GET_MANY) {
      const some = keys.slice(at, at + GET_MANY).map(({ id }) => spareKey(id));
      for (const { value: sealed_key } of await kv.getMany<string[]>(some)) {
        if (sealed_key === null) continue;
        const apiKey = await keyring.open(sealed_key).catch((error) => {
          if (error instanceof SealError) return null;
          throw error;
        });
        if (apiKey === null) continue;
        spares.push({ account, sealed_key, key_sha256: await sha256Hex(apiKey) });
      }
    }
    // Newest first: the API is more likely to accept it.
    return spares.reverse();
  }
}

/** Where a sealed key with this hash or id is kept. It is deleted with the API key. */
export function spareKey(hash: string): Deno.KvKey {
  return ["spare", hash.slice(0, 32)];
}
