/**
 * Makes sure that one submit creates one task: a repeated submit returns the first one's run. This
 * module owns `["idem", account, key]`.
 */
import { pause, type Timers } from "../../base/mod.ts";
import { type Committer, deleteAll, patient, sha256Hex } from "../../store/mod.ts";

/** How long a repeat is recognised (ms). A form may stay open this long. */
const REMEMBERED_MS = 24 * 3_600_000;
/** After this time without a response a submit counts as lost (ms). Creates respond within seconds. */
const PENDING_MS = 120_000;
/** How long a repeat waits for the first one's response (ms). Proxies commonly give up after 60 s. */
const WAIT_MS = 30_000;
/**
 * How often to poll (ms). The first submit may belong to another process, whose writes no watch sees.
 */
const LOOK_MS = 100;

interface Submit {
  /** `null` until the API has responded. */
  readonly run_id: string | null;
  /** The response was lost: an unknown run may exist. */
  readonly lost?: true;
  /** When it was claimed (Unix ms). A process that crashed never marks its submit as lost. */
  readonly claimed_ms?: number;
  /** Distinguishes claims. */
  readonly nonce?: string;
}

/** The state of a submit. */
export type Claim =
  /** This is the first submit: send it, then settle it with the run or release it. */
  | { readonly state: "first"; readonly key: Deno.KvKey }
  | { readonly state: "created"; readonly runId: string }
  /** It was sent and may have created a run, but no response arrived. */
  | { readonly state: "lost" }
  /** Another request is sending it now. */
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

  /** Claims a submit. The key is bound to the body: the same key with an edited body is a new submit. */
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
      // The claim may exist anyway, and a repeat would then wait for a response to a request that was
      // never sent.
      this.#release(key, claimed).catch(() => {});
      throw error;
    });
    if (result.ok) return { state: "first", key };
    // Released between our two reads.
    return await this.#look(key) ?? this.claim(account, idempotencyKey, body);
  }

  /**
   * Like {@linkcode claim}, but waits for a submit in progress. After a double click the browser shows
   * the second response, which then matches the first. Returns `pending` after 30 s or when the signal
   * aborts.
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
      // Released: this one is now the first, unless a third is quicker.
      if (found === null) return this.claim(account, idempotencyKey, body);
      if (found.state !== "pending") return found;
    }
    return claim;
  }

  /** Returns whether an earlier submit may have created a run, or will. */
  async knows(account: string, idempotencyKey: string, body: string): Promise<boolean> {
    return await this.#look(await keyOf(account, idempotencyKey, body)) !== null;
  }

  /** Returns the state of a submit, or `null` if there is none. */
  async #look(key: Deno.KvKey): Promise<Claim | null> {
    const { value } = await this.#kv.get<Submit>(key);
    if (value === null) return null;
    if (value.run_id !== null) return { state: "created", runId: value.run_id };
    const late = this.#now() - (value.claimed_ms ?? 0) > PENDING_MS;
    return { state: value.lost || late ? "lost" : "pending" };
  }

  /** Links the submit to its run. */
  async settle(key: Deno.KvKey, runId: string): Promise<void> {
    const value: Submit = { run_id: runId };
    await this.#committer.commit({
      mutations: [{ type: "set", key, value, expireIn: REMEMBERED_MS }],
    });
  }

  /** Records that the submit may have created a run: a repeat must not resend it. */
  async lose(key: Deno.KvKey): Promise<void> {
    const value: Submit = { run_id: null, lost: true };
    await this.#committer.commit({
      mutations: [{ type: "set", key, value, expireIn: REMEMBERED_MS }],
    });
  }

  /** Records that the submit created no run: a repeat may send it. */
  async giveUp(key: Deno.KvKey): Promise<void> {
    await this.#committer.commit({ mutations: [{ type: "delete", key }] });
  }

  /** Releases a claim that may or may not be stored, once the store says which. */
  async #release(key: Deno.KvKey, claimed: Submit): Promise<void> {
    await this.#committer.whenCertain();
    const { value, versionstamp } = await patient(this.#kv).get<Submit>(key);
    if (value?.nonce !== claimed.nonce) return;
    await this.#committer.patient.commit({
      checks: [{ key, versionstamp }],
      mutations: [{ type: "delete", key }],
    });
  }

  /** Deletes an account's submits. */
  async forget(account: string): Promise<void> {
    const found = await Array.fromAsync(this.#kv.list({ prefix: ["idem", account] }));
    await deleteAll(this.#committer, found.map(({ key }) => key));
  }
}

async function keyOf(account: string, idempotencyKey: string, body: string): Promise<Deno.KvKey> {
  return ["idem", account, await sha256Hex(`${idempotencyKey}\n${body}`)];
}
