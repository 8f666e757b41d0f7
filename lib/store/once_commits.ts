/**
 * Commits over a connection that may lose answers, each made once.
 *
 * Deno's client repeats a write whose answer was lost: a sum is added twice, and a check then fails
 * against its own write. So every commit also moves one key of this process, which it checks: a second
 * time it fails, and the key says that it is done. The key is moved as well to make sure that a commit
 * that is given up is never made later. This module owns `["commits", id]`.
 */
import { StoreAwayError } from "./store_errors.ts";
import type { CommitResult, Write } from "./sizes.ts";
import type { GuardedKv } from "./guarded_kv.ts";

/** The key of a process that has gone is not needed any more. */
const KEY_EXPIRES_MS = 24 * 3_600_000;

/** Makes commits one after the other. */
export class OnceCommits {
  readonly #kv: GuardedKv;
  readonly #key: Deno.KvKey = ["commits", crypto.randomUUID()];
  /** The version of the key that the next commit checks. */
  #versionstamp: string | null = null;
  /** What the next commit sets it to: never the same twice. */
  #serial = 0;

  constructor(kv: GuardedKv) {
    this.#kv = kv;
  }

  /**
   * Commits writes together. While the store is away it waits, and tries again for as long as `isWanted`
   * says so when the store is back; else the answer is `void`: it was not made, and will not be. Rejects
   * where the store refuses the writes for good, and with `StoreAwayError` where it is closed meanwhile.
   */
  async commit(
    writes: readonly Write[],
    isWanted: () => boolean,
  ): Promise<CommitResult | "void"> {
    const serial = ++this.#serial;
    /** An earlier try may still be on its way: it must not be served once this has answered. */
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

  /** Makes sure that the commit is not made from now on; it may have been. */
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

  /** What a failed check means: our own write of before, one of the caller's checks, or an expired key. */
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
