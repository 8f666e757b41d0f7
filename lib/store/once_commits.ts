/**
 * Commits exactly once over a connection that may lose responses.
 *
 * Deno's client repeats a write whose response was lost: a sum is added twice, and a check fails against its
 * own write. So every commit also changes a key of this process and checks it. A repeated commit fails that
 * check, and the key shows that it was made. Changing the key also ensures that an abandoned commit is never
 * made later. This module owns `["commits", id]`.
 */
import { StoreAwayError } from "./store_errors.ts";
import type { CommitResult, Write } from "./sizes.ts";
import type { GuardedKv } from "./guarded_kv.ts";

/** When the key of a stopped process expires. */
const KEY_EXPIRES_MS = 24 * 3_600_000;

/** Makes commits one at a time. */
export class OnceCommits {
  readonly #kv: GuardedKv;
  readonly #key: Deno.KvKey = ["commits", crypto.randomUUID()];
  /** The version of the key that the next commit checks. */
  #versionstamp: string | null = null;
  /** The next value of the key: never the same twice. */
  #serial = 0;

  constructor(kv: GuardedKv) {
    this.#kv = kv;
  }

  /**
   * Commits writes together. While the store is unavailable it waits, and retries if `isWanted` still
   * returns true when the store is back. Otherwise it returns `void`: the commit was not made, and will not
   * be. Rejects if the store refuses the writes permanently, and with `StoreAwayError` if it is closed
   * meanwhile.
   */
  async commit(
    writes: readonly Write[],
    isWanted: () => boolean,
  ): Promise<CommitResult | "void"> {
    const serial = ++this.#serial;
    /** An earlier try may still be in transit. It must not be served after this has returned. */
    let isUncertain = false;
    for (;;) {
      const atomic = this.#start(serial);
      for (const { checks = [], mutations } of writes) {
        atomic.check(...checks);
        atomic.mutate(...mutations);
      }
      try {
        const result = await atomic.commit();
        if (result.ok) return this.#made(result.versionstamp);
        const made = await this.#find(serial);
        if (made === "moved") continue;
        if (made.ok || !isUncertain) return made;
        const voided = await this.#void(serial);
        return voided === "void" ? made : voided;
      } catch (error) {
        if (!(error instanceof StoreAwayError)) throw error;
        isUncertain = true;
        await this.#back(error);
        if (!isWanted()) return await this.#void(serial);
      }
    }
  }

  /** Ensures that the commit is not made from now on. It may have been made before. */
  async #void(serial: number): Promise<CommitResult | "void"> {
    const ours = ++this.#serial;
    for (;;) {
      try {
        const result = await this.#start(ours).commit();
        if (result.ok) {
          this.#made(result.versionstamp);
          return "void";
        }
        const { value, versionstamp } = await this.#kv.get(this.#key);
        if (value === serial && versionstamp !== null) return this.#made(versionstamp);
        this.#versionstamp = versionstamp;
        if (value === ours) return "void";
      } catch (error) {
        if (!(error instanceof StoreAwayError)) throw error;
        await this.#back(error);
      }
    }
  }

  #start(serial: number): Deno.AtomicOperation {
    return this.#kv.atomic()
      .check({ key: this.#key, versionstamp: this.#versionstamp })
      .set(this.#key, serial, { expireIn: KEY_EXPIRES_MS });
  }

  /** Finds out why a check failed: our own earlier write, one of the caller's checks, or an expired key. */
  async #find(serial: number): Promise<CommitResult | "moved"> {
    const { value, versionstamp } = await this.#kv.get(this.#key);
    if (value === serial && versionstamp !== null) return this.#made(versionstamp);
    if (versionstamp === this.#versionstamp) return { ok: false };
    this.#versionstamp = versionstamp;
    return "moved";
  }

  #made(versionstamp: string): CommitResult {
    this.#versionstamp = versionstamp;
    return { ok: true, versionstamp };
  }

  async #back(error: StoreAwayError): Promise<void> {
    await this.#kv.connection.back();
    if (this.#kv.connection.closed) throw error;
  }
}
