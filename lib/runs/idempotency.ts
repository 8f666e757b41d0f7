/**
 * One submit is one task: a repeat of the same submit finds the run of the first. This module owns
 * `["idem", account, key]`.
 */
import type { Committer } from "../kv/committer.ts";
import { deleteAll } from "../kv/delete.ts";
import { sha256Hex } from "../kv/parts.ts";

/** How long a repeat is recognised (ms): as long as a form may stay open. */
const REMEMBERED_MS = 24 * 3_600_000;
/** How long a submit may be on its way (ms), then its answer is lost: creates answer in seconds. */
const PENDING_MS = 120_000;

interface Submit {
  /** `null` while the upstream has not answered. */
  readonly run_id: string | null;
  /** Its answer got lost: there may be a run of it that we do not know. */
  readonly lost?: true;
  /** When it was claimed (Unix ms). A process that died over it never says that its answer is lost. */
  readonly claimed_ms?: number;
}

/** What is known of a submit. */
export type Claim =
  /** It is the first: send it, then settle it with the run or give it up. */
  | { readonly state: "first"; readonly key: Deno.KvKey }
  | { readonly state: "created"; readonly runId: string }
  /** It was sent and may have made a run; the answer never came. */
  | { readonly state: "lost" }
  /** Another request is sending it at this moment. */
  | { readonly state: "pending" };

/** Recognises repeated submits. */
export class Idempotency {
  readonly #kv: Deno.Kv;
  readonly #committer: Committer;
  readonly #now: () => number;

  constructor(kv: Deno.Kv, committer: Committer, now: () => number = Date.now) {
    this.#kv = kv;
    this.#committer = committer;
    this.#now = now;
  }

  /**
   * Claims a submit. The key is bound to the body: the same key with an edited body is a new submit.
   */
  async claim(account: string, idempotencyKey: string, body: string): Promise<Claim> {
    const key = ["idem", account, await sha256Hex(`${idempotencyKey}\n${body}`)];
    const claimed: Submit = { run_id: null, claimed_ms: this.#now() };
    const result = await this.#committer.commit({
      checks: [{ key, versionstamp: null }],
      mutations: [{ type: "set", key, value: claimed, expireIn: REMEMBERED_MS }],
      bytes: 300,
    });
    if (result.ok) return { state: "first", key };
    const { value } = await this.#kv.get<Submit>(key);
    // Given up between our two looks.
    if (value === null) return this.claim(account, idempotencyKey, body);
    if (value.run_id !== null) return { state: "created", runId: value.run_id };
    const late = this.#now() - (value.claimed_ms ?? 0) > PENDING_MS;
    return { state: value.lost || late ? "lost" : "pending" };
  }

  /** Ties the submit to its run. */
  async settle(key: Deno.KvKey, runId: string): Promise<void> {
    const value: Submit = { run_id: runId };
    await this.#committer.commit({
      mutations: [{ type: "set", key, value, expireIn: REMEMBERED_MS }],
      bytes: 300,
    });
  }

  /** The submit may have made a run: a repeat must not send it a second time. */
  async lose(key: Deno.KvKey): Promise<void> {
    const value: Submit = { run_id: null, lost: true };
    await this.#committer.commit({
      mutations: [{ type: "set", key, value, expireIn: REMEMBERED_MS }],
      bytes: 300,
    });
  }

  /** The submit made no run: a repeat may go ahead. */
  async giveUp(key: Deno.KvKey): Promise<void> {
    await this.#committer.commit({ mutations: [{ type: "delete", key }], bytes: 100 });
  }

  /** Forgets every submit of an account. */
  async forget(account: string): Promise<void> {
    const found = await Array.fromAsync(this.#kv.list({ prefix: ["idem", account] }));
    await deleteAll(this.#committer, found.map(({ key }) => key));
  }
}
