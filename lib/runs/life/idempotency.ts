/**
 * One submit is one task: a repeat of the same submit finds the run of the first. This module owns
 * `["idem", account, key]`.
 */
import { pause, type Timers } from "../../base/mod.ts";
import { type Committer, deleteAll, patient, sha256Hex } from "../../store/mod.ts";

/** How long a repeat is recognised (ms): as long as a form may stay open. */
const REMEMBERED_MS = 24 * 3_600_000;
/** How long a submit may be on its way (ms), then its answer is lost: creates answer in seconds. */
const PENDING_MS = 120_000;
/** How long a repeat waits for the first one's answer (ms): proxies commonly give up after 60 s. */
const WAIT_MS = 30_000;
/** How often it looks (ms). The first may be another process's, whose writes no watch sees. */
const LOOK_MS = 100;

interface Submit {
  /** `null` while the upstream has not answered. */
  readonly run_id: string | null;
  /** Its answer got lost: there may be a run of it that we do not know. */
  readonly lost?: true;
  /** When it was claimed (Unix ms). A process that died over it never says that its answer is lost. */
  readonly claimed_ms?: number;
  /** Tells one claim from another. */
  readonly nonce?: string;
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
    const key = await keyOf(account, idempotencyKey, body);
    const claimed: Submit = {
      run_id: null,
      claimed_ms: this.#now(),
      nonce: crypto.randomUUID(),
    };
    const result = await this.#committer.commit({
      checks: [{ key, versionstamp: null }],
      mutations: [{ type: "set", key, value: claimed, expireIn: REMEMBERED_MS }],
    }).catch((error) => {
      // It may be claimed all the same, and a repeat would wait for an answer that nobody asked for.
      this.#release(key, claimed).catch(() => {});
      throw error;
    });
    if (result.ok) return { state: "first", key };
    // Given up between our two looks.
    return await this.#look(key) ?? this.claim(account, idempotencyKey, body);
  }

  /**
   * As {@linkcode claim}, once a submit that is on its way has its answer: of two clicks the second, whose
   * answer the browser shows, ends where the first does. `pending` where that takes more than 30 s, or
   * the signal aborts.
   */
  async claimInTurn(
    account: string,
    idempotencyKey: string,
    body: string,
    { signal, timers }: { readonly signal: AbortSignal; readonly timers?: Timers | undefined },
  ): Promise<Claim> {
    const claim = await this.claim(account, idempotencyKey, body);
    if (claim.state !== "pending") return claim;
    const key = await keyOf(account, idempotencyKey, body);
    for (let waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
      try {
        await pause(LOOK_MS, signal, timers);
      } catch {
        return claim;
      }
      const found = await this.#look(key);
      // Given up: it is the first now, unless a third one is quicker.
      if (found === null) return this.claim(account, idempotencyKey, body);
      if (found.state !== "pending") return found;
    }
    return claim;
  }

  /** Whether a submit came before and may have made a run, or will. */
  async knows(account: string, idempotencyKey: string, body: string): Promise<boolean> {
    return await this.#look(await keyOf(account, idempotencyKey, body)) !== null;
  }

  /** What is known of a submit; `null` where there is none. */
  async #look(key: Deno.KvKey): Promise<Claim | null> {
    const { value } = await this.#kv.get<Submit>(key);
    if (value === null) return null;
    if (value.run_id !== null) return { state: "created", runId: value.run_id };
    const late = this.#now() - (value.claimed_ms ?? 0) > PENDING_MS;
    return { state: value.lost || late ? "lost" : "pending" };
  }

  /** Ties the submit to its run. */
  async settle(key: Deno.KvKey, runId: string): Promise<void> {
    const value: Submit = { run_id: runId };
    await this.#committer.commit({
      mutations: [{ type: "set", key, value, expireIn: REMEMBERED_MS }],
    });
  }

  /** The submit may have made a run: a repeat must not send it a second time. */
  async lose(key: Deno.KvKey): Promise<void> {
    const value: Submit = { run_id: null, lost: true };
    await this.#committer.commit({
      mutations: [{ type: "set", key, value, expireIn: REMEMBERED_MS }],
    });
  }

  /** The submit made no run: a repeat may go ahead. */
  async giveUp(key: Deno.KvKey): Promise<void> {
    await this.#committer.commit({ mutations: [{ type: "delete", key }] });
  }

  /** Gives up a claim that was not made for sure, once the store says whether it was. */
  async #release(key: Deno.KvKey, claimed: Submit): Promise<void> {
    await this.#committer.whenCertain();
    const { value, versionstamp } = await patient(this.#kv).get<Submit>(key);
    if (value?.nonce !== claimed.nonce) return;
    await this.#committer.patient.commit({
      checks: [{ key, versionstamp }],
      mutations: [{ type: "delete", key }],
    });
  }

  /** Forgets every submit of an account. */
  async forget(account: string): Promise<void> {
    const found = await Array.fromAsync(this.#kv.list({ prefix: ["idem", account] }));
    await deleteAll(this.#committer, found.map(({ key }) => key));
  }
}

async function keyOf(account: string, idempotencyKey: string, body: string): Promise<Deno.KvKey> {
  return ["idem", account, await sha256Hex(`${idempotencyKey}\n${body}`)];
}
