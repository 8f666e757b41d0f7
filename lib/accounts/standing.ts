/**
 * Tracks whether the API accepts a key. Owns `["standing", sha256]`.
 *
 * Only a response that implies a valid key counts as acceptance, and only a refusal by the API itself counts as
 * refusal. An HTML page, a redirect, a 5xx, 408 or 429 proves nothing about the key.
 */
import { type Committer, sha256Hex } from "../store/mod.ts";
import type { TaskClient } from "../parallel/mod.ts";

/** The result of asking the API about a key. `silent`: its response proves nothing about the key. */
export type Verdict = "accepted" | "refused" | "silent";

/** What is known about a key. */
export interface Standing {
  /** When the API last accepted it (Unix ms). */
  readonly accepted_ms: number | null;
  /** When the API was first seen to refuse it after that; `null` if it was not. */
  readonly refused_ms: number | null;
}

/** A key that may be sealed. It is opened only to ask the API. */
export interface HeldKey {
  readonly sha256: string;
  readonly open: () => Promise<string>;
}

/** The dependencies of {@linkcode KeyStandings}. */
export interface StandingContext {
  readonly kv: Deno.Kv;
  readonly committer: Pick<Committer, "commit">;
  readonly now: () => number;
  /** The verdict on a sandbox key, which depends on whether the sandbox is on; `null` for other keys. */
  readonly simulated: (apiKey: string) => Verdict | null;
  /** The API client of a key, with a deadline of {@linkcode ASK_MS}. */
  readonly clientFor: (apiKey: string) => Pick<TaskClient, "retrieve">;
  /** Called with each key that the API has accepted. */
  readonly onAccepted: (apiKey: string) => void;
  readonly onFailure: (error: unknown) => void;
}

/** The longest wait for the API (ms): a person is waiting. */
export const ASK_MS = 10_000;
/** How long an acceptance is current (ms). */
const FRESH_MS = 10 * 60_000;
/** How long an acceptance counts while the API does not respond (ms). */
const OUTAGE_MS = 24 * 3_600_000;
/** The shortest time between two questions about a key without new evidence (ms). */
const ASK_AGAIN_MS = 30_000;
/** The shortest time between two writes of an acceptance (ms): a request must not cost a commit. */
const WRITE_AFTER_MS = 2 * 60_000;
/** The lifetime of a session and one day more (ms). */
const KEPT_MS = 31 * 86_400_000;
/** How long after a key's removal responses to its requests are ignored (ms). */
const FORGOTTEN_MS = 60_000;
/** The most keys that one process remembers. */
const MAX_REMEMBERED = 10_000;

const UNKNOWN: Standing = { accepted_ms: null, refused_ms: null };

/** No run has this id. Reading it distinguishes a valid key (404) from an invalid one (401) at no cost. */
const PROBE_RUN_ID = "trun_00000000000000000000000000000000";

/** Asks the API about a key. An aborted request counts as `silent`. */
async function askAbout(
  client: Pick<TaskClient, "retrieve">,
  signal: AbortSignal,
): Promise<Verdict> {
  if (signal.aborted) return "silent";
  const response = await client.retrieve(PROBE_RUN_ID, { signal }).catch((error) => {
    if (signal.aborted) return null;
    throw error;
  });
  if (response === null) return "silent";
  if (response.ok) return "accepted";
  const { kind, status, isFromGateway } = response.failure;
  if (kind !== "refused") return "silent";
  if (status === 401 || status === 403) return "refused";
  // A router or gateway may send its own 404 without having checked the key.
  return status === 404 && !isFromGateway ? "accepted" : "silent";
}

/** Tracks the standing of keys. One per process. */
export class KeyStandings {
  readonly #context: StandingContext;
  readonly #asking = new Map<string, Promise<Verdict>>();
  /** When the API was last asked about a key (Unix ms). */
  readonly #asked = new Map<string, number>();
  /** Keys that the API refused in response to another request. */
  readonly #doubted = new Map<string, true>();
  /** Keys that the API is being asked about. */
  readonly #questioned = new Set<string>();
  /** When keys were removed (Unix ms). */
  readonly #forgotten = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #background = new Set<Promise<unknown>>();

  constructor(context: StandingContext) {
    this.#context = context;
  }

  /** Asks the API now and stores the answer. Concurrent callers share one request. */
  async ask(apiKey: string): Promise<Verdict> {
    const simulated = this.#context.simulated(apiKey);
    if (simulated !== null) return simulated;
    const sha256 = await sha256Hex(apiKey);
    const asking = this.#asking.get(sha256) ??
      this.#ask(apiKey, sha256).finally(() => this.#asking.delete(sha256));
    this.#asking.set(sha256, asking);
    return await asking;
  }

  /** The stored standing of a key. Does not ask the API. */
  async known(sha256: string): Promise<Standing> {
    return (await this.#context.kv.get<Standing>(standingKey(sha256))).value ?? UNKNOWN;
  }

  /**
   * The standing of a key. Asks the API if it is older than ten minutes or in doubt. With `wait` the result
   * includes that answer, else the next call does.
   */
  async current(key: HeldKey, { wait }: { readonly wait: boolean }): Promise<Standing> {
    const standing = await this.known(key.sha256);
    const { accepted_ms, refused_ms } = standing;
    const now = this.#context.now();
    const doubted = this.#doubted.has(key.sha256);
    const fresh = accepted_ms !== null && refused_ms === null && now - accepted_ms < FRESH_MS;
    if (fresh && !doubted) return standing;
    const asked = this.#asked.get(key.sha256);
    if (!doubted && asked !== undefined && now - asked < ASK_AGAIN_MS) return standing;
    const asking = key.open().then((apiKey) => this.ask(apiKey));
    if (!wait && !doubted) {
      this.#track(asking);
      return standing;
    }
    await asking;
    return await this.known(key.sha256);
  }

  /**
   * Whether a key may read the log: the API accepted it within the last ten minutes, or within the last day
   * while the API does not answer. `silent`: nothing is known about the key.
   */
  async mayRead(apiKey: string): Promise<Verdict> {
    const simulated = this.#context.simulated(apiKey);
    if (simulated !== null) return simulated;
    const sha256 = await sha256Hex(apiKey);
    const key = { sha256, open: () => Promise.resolve(apiKey) };
    const { accepted_ms, refused_ms } = await this.current(key, { wait: true });
    if (refused_ms !== null) return "refused";
    // If it is older than ten minutes, the API was asked just now and did not answer.
    const recent = accepted_ms !== null && this.#context.now() - accepted_ms < OUTAGE_MS;
    return recent ? "accepted" : "silent";
  }

  /** Notes an API response to any request with a key. A refusal is not final: the API is asked again. */
  noteResponse(apiKey: string, { status, headers }: Pick<Response, "status" | "headers">): void {
    const type = headers.get("content-type") ?? "";
    const spoke = /^(?:application\/json|text\/event-stream)\b/.test(type);
    // The response to our own check is handled where the check was started.
    if (!spoke || this.#questioned.has(apiKey) || this.#context.simulated(apiKey) !== null) return;
    if (status >= 200 && status < 300) {
      this.#track(
        sha256Hex(apiKey).then(async (sha256) => {
          this.#doubted.delete(sha256);
          this.#context.onAccepted(apiKey);
          // Keep nothing of a key that was removed while its request was on its way.
          const forgottenMs = this.#forgotten.get(sha256) ?? -Infinity;
          if (this.#context.now() - forgottenMs < FORGOTTEN_MS) return;
          await this.#keep(apiKey, sha256, "accepted");
        }),
      );
    }
    if (status === 401 || status === 403) {
      this.#track(sha256Hex(apiKey).then((sha256) => remember(this.#doubted, sha256, true)));
    }
  }

  /** Notes that a key was removed, so that later responses to its requests are not stored. */
  forgotten(sha256: string): void {
    remember(this.#forgotten, sha256, this.#context.now());
  }

  /** Resolves when no background work is left. Never rejects. */
  async idle(): Promise<void> {
    while (this.#background.size > 0) await Promise.all(this.#background);
  }

  /** Aborts open questions, so that a shutdown does not wait for the API. Never rejects. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.idle();
  }

  async #ask(apiKey: string, sha256: string): Promise<Verdict> {
    this.#questioned.add(apiKey);
    const verdict = await askAbout(this.#context.clientFor(apiKey), this.#stop.signal)
      .finally(() => this.#questioned.delete(apiKey));
    remember(this.#asked, sha256, this.#context.now());
    this.#doubted.delete(sha256);
    if (verdict !== "silent") await this.#keep(apiKey, sha256, verdict);
    return verdict;
  }

  async #keep(apiKey: string, sha256: string, verdict: "accepted" | "refused"): Promise<void> {
    const { kv, committer, now, onAccepted } = this.#context;
    if (verdict === "accepted") onAccepted(apiKey);
    for (;;) {
      const found = await kv.get<Standing>(standingKey(sha256));
      const { accepted_ms, refused_ms } = found.value ?? UNKNOWN;
      if (verdict === "refused" && refused_ms !== null) return;
      const written = accepted_ms !== null && now() - accepted_ms < WRITE_AFTER_MS;
      if (verdict === "accepted" && refused_ms === null && written) return;
      const value: Standing = verdict === "accepted"
        ? { accepted_ms: now(), refused_ms: null }
        : { accepted_ms, refused_ms: now() };
      const { ok } = await committer.commit({
        checks: [found],
        mutations: [{ type: "set", key: found.key, value, expireIn: KEPT_MS }],
      });
      if (ok) return;
    }
  }

  #track(work: Promise<unknown>): void {
    const tracked = work.catch(this.#context.onFailure).finally(() =>
      this.#background.delete(tracked)
    );
    this.#background.add(tracked);
  }
}

/** The KV key for the standing of an API key with this hash. It is deleted with the API key. */
export function standingKey(sha256: string): Deno.KvKey {
  return ["standing", sha256];
}

/** Sets an entry of a bounded map, which drops its oldest entry. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MAX_REMEMBERED && oldest !== undefined) map.delete(oldest);
}
