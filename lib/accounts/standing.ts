/**
 * What the API says about a key: accepted, or no longer. Owns `["standing", sha256]`.
 *
 * Only an answer that means "good key" counts as acceptance, and only the API's own refusal as one: a
 * page in HTML, a redirect, a 5xx, 408 or 429 says nothing about the key.
 */
import type { Committer } from "../kv/committer.ts";
import { sha256Hex } from "../kv/parts.ts";
import type { TaskClient } from "../parallel/client.ts";

/** What one question about a key came to; `silent`: nothing that says anything about it. */
export type Verdict = "accepted" | "refused" | "silent";

/** What is known of a key. */
export interface Standing {
  /** When the API accepted it last (Unix ms). */
  readonly accepted_ms: number | null;
  /** When the API was first seen to refuse it since then; `null` while it does not. */
  readonly refused_ms: number | null;
}

/** A key that may lie sealed: opened only where the API has to be asked. */
export interface HeldKey {
  readonly sha256: string;
  readonly open: () => Promise<string>;
}

/** What {@linkcode KeyStandings} needs of the world. */
export interface StandingContext {
  readonly kv: Deno.Kv;
  readonly committer: Pick<Committer, "commit">;
  readonly now: () => number;
  /** Whether a key is the sandbox's: then it is good, or the sandbox is switched off. */
  readonly simulated: (apiKey: string) => Verdict | null;
  /** The key's API, with a deadline of {@linkcode ASK_MS}. */
  readonly clientFor: (apiKey: string) => Pick<TaskClient, "retrieve">;
  /** Told of each key that the API has accepted. */
  readonly onAccepted: (apiKey: string) => void;
  readonly onFailure: (error: unknown) => void;
}

/** How long the API may take to say something about a key (ms): a person is waiting. */
export const ASK_MS = 10_000;
/** An acceptance is the API's present word for this long (ms). */
const FRESH_MS = 10 * 60_000;
/** An acceptance still counts for this long where the API does not answer (ms). */
const OUTAGE_MS = 24 * 3_600_000;
/** The API is not asked again about one key sooner than this, unless something new was seen (ms). */
const ASK_AGAIN_MS = 30_000;
/** A seen acceptance is written at most this often (ms): a request must not cost a commit. */
const WRITE_AFTER_MS = 2 * 60_000;
/** As long as sessions last, and a day (ms). */
const KEPT_MS = 31 * 86_400_000;
/** Keys remembered in this process at once. */
const MAX_REMEMBERED = 10_000;

const UNKNOWN: Standing = { accepted_ms: null, refused_ms: null };

/** No run has this id: asking for it tells a good key (404) from a bad one (401), at no cost. */
const PROBE_RUN_ID = "trun_00000000000000000000000000000000";

/** Asks the API about a key; an aborted question is as good as none. */
async function askAbout(
  client: Pick<TaskClient, "retrieve">,
  signal: AbortSignal,
): Promise<Verdict> {
  if (signal.aborted) return "silent";
  const answer = await client.retrieve(PROBE_RUN_ID, { signal }).catch((error) => {
    if (signal.aborted) return null;
    throw error;
  });
  if (answer === null) return "silent";
  if (answer.ok) return "accepted";
  const { kind, status, isStrange } = answer.failure;
  if (kind !== "refused") return "silent";
  if (status === 401 || status === 403) return "refused";
  // A router or a gateway that knows no such path has a 404 of its own, and did not look at the key.
  return status === 404 && !isStrange ? "accepted" : "silent";
}

/** Knows how keys stand with the API. One per process. */
export class KeyStandings {
  readonly #context: StandingContext;
  readonly #asking = new Map<string, Promise<Verdict>>();
  /** When a key was asked about last (Unix ms). */
  readonly #asked = new Map<string, number>();
  /** Keys that an answer to some other request has put in doubt. */
  readonly #doubted = new Map<string, true>();
  /** Keys that the API is being asked about. */
  readonly #questioned = new Set<string>();
  readonly #stop = new AbortController();
  readonly #background = new Set<Promise<unknown>>();

  constructor(context: StandingContext) {
    this.#context = context;
  }

  /** Asks the API now, once for all who ask at this moment, and keeps what it says. */
  async ask(apiKey: string): Promise<Verdict> {
    const simulated = this.#context.simulated(apiKey);
    if (simulated !== null) return simulated;
    const sha256 = await sha256Hex(apiKey);
    const asking = this.#asking.get(sha256) ??
      this.#ask(apiKey, sha256).finally(() => this.#asking.delete(sha256));
    this.#asking.set(sha256, asking);
    return await asking;
  }

  /** What is known of a key, without a question to the API. */
  async known(sha256: string): Promise<Standing> {
    return (await this.#context.kv.get<Standing>(standingKey(sha256))).value ?? UNKNOWN;
  }

  /**
   * What is known of a key; the API is asked where that is older than ten minutes or in doubt. With
   * `wait` its answer counts already, else it comes to the next one who asks.
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
   * Whether what the log holds may be read with a key: one that the API accepted within the last ten
   * minutes, or within the last day while the API says nothing. `silent`: nothing is known of it.
   */
  async mayRead(apiKey: string): Promise<Verdict> {
    const simulated = this.#context.simulated(apiKey);
    if (simulated !== null) return simulated;
    const sha256 = await sha256Hex(apiKey);
    const key = { sha256, open: () => Promise.resolve(apiKey) };
    const { accepted_ms, refused_ms } = await this.current(key, { wait: true });
    if (refused_ms !== null) return "refused";
    // Where it is older than ten minutes, the API was asked just now and did not answer.
    const recent = accepted_ms !== null && this.#context.now() - accepted_ms < OUTAGE_MS;
    return recent ? "accepted" : "silent";
  }

  /** An answer of the API to some request with a key. One refusal alone decides nothing: it asks again. */
  saw(apiKey: string, { status, headers }: Pick<Response, "status" | "headers">): void {
    const type = headers.get("content-type") ?? "";
    const spoke = /^(?:application\/json|text\/event-stream)\b/.test(type);
    // The question's own answer is read by whoever asked.
    if (!spoke || this.#questioned.has(apiKey) || this.#context.simulated(apiKey) !== null) return;
    if (status >= 200 && status < 300) {
      this.#track(
        sha256Hex(apiKey).then(async (sha256) => {
          this.#doubted.delete(sha256);
          this.#context.onAccepted(apiKey);
          // Nothing is kept of a key that was removed since its request was sent.
          if (await this.known(sha256) !== UNKNOWN) await this.#keep(apiKey, sha256, "accepted");
        }),
      );
    }
    if (status === 401 || status === 403) {
      this.#track(sha256Hex(apiKey).then((sha256) => remember(this.#doubted, sha256, true)));
    }
  }

  /** Resolves when nothing is under way in the background. Never rejects. */
  async idle(): Promise<void> {
    while (this.#background.size > 0) await Promise.all(this.#background);
  }

  /** Gives up what is being asked, so that a shutdown does not wait for the API. Never rejects. */
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

/** The key of what is known of an API key, by its hash; it goes with the key. */
export function standingKey(sha256: string): Deno.KvKey {
  return ["standing", sha256];
}

/** Sets an entry of a map that forgets the oldest beyond its bound. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MAX_REMEMBERED && oldest !== undefined) map.delete(oldest);
}
