/**
 * The sealed keys of accounts that have several: if the API refuses one of them, the account's runs go on with
 * another. Owns `["spare", sha256]`.
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

/** What {@linkcode SpareKeys} needs from its surroundings. */
export interface SpareKeysContext {
  readonly kv: Deno.Kv;
  readonly committer: Pick<Committer, "commit">;
  readonly keyring: Keyring;
  /** The hashes of an account's keys, the newest first. */
  readonly hashesOf: (account: string) => Promise<readonly string[]>;
}

/** Keeps and finds the sealed keys of accounts. */
export class SpareKeys {
  readonly #context: SpareKeysContext;

  constructor(context: SpareKeysContext) {
    this.#context = context;
  }

  /** Keeps a key of an account that has several. */
  async keep(account: string, apiKey: string): Promise<void> {
    const { committer, hashesOf, keyring } = this.#context;
    const sha256 = await sha256Hex(apiKey), key = spareKey(sha256);
    if ((await hashesOf(account)).length < 2) return;
    const value = await keyring.seal(apiKey);
    await committer.commit({ mutations: [{ type: "set", key, value, expireIn: KEPT_MS }] });
    // It may have been removed meanwhile.
    if ((await hashesOf(account)).includes(sha256)) return;
    await committer.commit({ mutations: [{ type: "delete", key }] });
  }

  /** The account's keys that are kept and can be opened, the newest first. */
  async of(account: string): Promise<SpareKey[]> {
    const hashes = await this.#context.hashesOf(account);
    const spares: SpareKey[] = [];
    for (let at = 0; at < hashes.length; at += GET_MANY) {
      const some = hashes.slice(at, at + GET_MANY);
      const found = await this.#context.kv.getMany<string[]>(some.map(spareKey));
      for (const [n, { value: sealed_key }] of found.entries()) {
        if (sealed_key === null || !await this.#opens(sealed_key)) continue;
        spares.push({ account, sealed_key, key_sha256: some[n]! });
      }
    }
    return spares;
  }

  async #opens(sealed: string): Promise<boolean> {
    return await this.#context.keyring.open(sealed).then(() => true, (error) => {
      if (error instanceof SealError) return false;
      throw error;
    });
  }
}

/** Where a sealed key with this hash is kept. It is deleted with the API key. */
export function spareKey(sha256: string): Deno.KvKey {
  return ["spare", sha256];
}
