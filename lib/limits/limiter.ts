/**
 * Limits that all processes of an instance share: one token bucket in KV per subject. This module owns
 * `["limit", name, subject]`.
 *
 * A process takes one second's worth of tokens from the shared bucket and hands them out from memory. So
 * 6,000 requests a minute cost 60 commits, and a limit of 60 or less is counted one by one. Tokens are taken
 * before they are used, so all processes together never exceed the bucket. If a subject stops, the rest of
 * its portion is lost, but the bucket has filled up again by then.
 */
import type { Committer } from "../store/mod.ts";
import { type Bucket, consume, fullInMs, type Rule } from "./bucket.ts";

/** Whether the request is admitted. If not, when to try again. */
export type Admission =
  | { readonly ok: true }
  | {
    readonly ok: false;
    /** Whole seconds, at least 1: the value of Retry-After (RFC 9110, section 10.2.3). */
    readonly retryAfterSeconds: number;
    /** The request needs more tokens than the bucket holds. Split it: waiting does not help. */
    readonly tooMany: boolean;
  };

/** The dependencies of a limiter. */
export interface LimiterContext {
  readonly kv: Deno.Kv;
  readonly committer: Pick<Committer, "commit">;
  readonly now: () => number;
  /** Called when the store failed. This process then counts alone. */
  readonly onFailure?: (error: unknown) => void;
  /** The most subjects remembered in this process. The least recently used one is forgotten first. */
  readonly maxSubjects?: number;
}

/** A subject's portion in this process. */
interface Portion {
  tokens: number;
  /** There are no tokens before this time (Unix ms), so a refusal needs no read of the store. */
  emptyUntil: number;
  /** The portion being fetched, so that a burst fetches one. */
  fetching: Promise<void> | null;
  /** The bucket of this process, used while the store does not answer. */
  own: Bucket | null;
}

const PORTIONS_A_MINUTE = 60;
const MAX_SUBJECTS = 10_000;
/** After a conflict with another commit the next try waits a random time, longer each time (ms). */
const MAX_TRIES = 12;
const CONTENTION_MS = 4;
/** The wait for a request that lost too many conflicts (ms). */
const CONTENDED_WAIT_MS = 1_000;

/** A limit per minute for each subject. */
export class Limiter {
  readonly #context: LimiterContext;
  readonly #name: string;
  readonly #rule: Rule;
  readonly #portionSize: number;
  readonly #portions = new Map<string, Portion>();

  constructor(context: LimiterContext, name: string, rule: Rule) {
    this.#context = context;
    this.#name = name;
    this.#rule = rule;
    this.#portionSize = Math.max(1, Math.floor(rule.perMinute / PORTIONS_A_MINUTE));
  }

  /** Tokens per minute. */
  get perMinute(): number {
    return this.#rule.perMinute;
  }

  /** The most tokens that one request can take. */
  get atOnce(): number {
    return this.#rule.atOnce ?? this.#rule.perMinute;
  }

  /**
   * Takes `count` tokens of a subject, all or none. Never rejects: while the store does not answer, each
   * process uses its own bucket.
   */
  async consume(subject: string, count = 1): Promise<Admission> {
    const portion = this.#portionOf(subject);
    for (;;) {
      if (portion.tokens >= count) {
        portion.tokens -= count;
        return ADMITTED;
      }
      const waitMs = portion.emptyUntil - this.#context.now();
      // Several tokens take longer: read the wait from the store.
      if (waitMs > 0 && count === 1) return refusal(waitMs, false);
      if (count > this.atOnce) return refusal(60_000, true);
      if (portion.fetching !== null) {
        await portion.fetching;
        continue;
      }
      let wait = 0;
      const fetching = this.#fetch(subject, portion, count).then((ms) => {
        wait = ms;
      });
      portion.fetching = fetching.finally(() => portion.fetching = null);
      await portion.fetching;
      if (wait > 0) return refusal(wait, false);
    }
  }

  /** Returns an unused token to the portion of this process. */
  refund(subject: string): void {
    const portion = this.#portionOf(subject);
    portion.tokens++;
    portion.emptyUntil = 0;
  }

  /** Fetches a portion of at least `count`. Resolves with the wait (ms) if there is none. */
  async #fetch(subject: string, portion: Portion, count: number): Promise<number> {
    const { kv, now, committer, onFailure } = this.#context;
    const key = ["limit", this.#name, subject];
    try {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const found = await kv.get<Bucket>(key);
        const needed = count - portion.tokens;
        const wanted = Math.max(needed, this.#portionSize);
        const taken = consume(found.value, this.#rule, { needed, wanted, now: now() });
        if (taken.given === 0) {
          portion.own = null;
          portion.emptyUntil = now() + (count === 1 ? taken.waitMs : 0);
          return taken.waitMs;
        }
        const { ok } = await committer.commit({
          checks: [{ key, versionstamp: found.versionstamp }],
          mutations: [{
            type: "set",
            key,
            value: taken.bucket,
            expireIn: fullInMs(taken.bucket, this.#rule),
          }],
        });
        if (ok) {
          portion.own = null;
          portion.tokens += taken.given;
          return 0;
        }
        const ms = Math.random() * CONTENTION_MS * (tries + 1);
        await new Promise((resolve) => setTimeout(resolve, ms));
      }
      return CONTENDED_WAIT_MS;
    } catch (error) {
      onFailure?.(error);
      // Retry one by one: the store may recover at any moment, and it counts for all processes.
      const needed = count - portion.tokens;
      const taken = consume(portion.own, this.#rule, { needed, wanted: needed, now: now() });
      portion.own = taken.bucket;
      portion.tokens += taken.given;
      return taken.given === 0 ? taken.waitMs : 0;
    }
  }

  #portionOf(subject: string): Portion {
    const known = this.#portions.get(subject);
    if (known !== undefined) {
      // A Map keeps insertion order, so the first entry is the least recently used one.
      this.#portions.delete(subject);
      this.#portions.set(subject, known);
      return known;
    }
    const fresh: Portion = { tokens: 0, emptyUntil: 0, fetching: null, own: null };
    this.#portions.set(subject, fresh);
    if (this.#portions.size > (this.#context.maxSubjects ?? MAX_SUBJECTS)) {
      const [oldest] = this.#portions.keys();
      if (oldest !== undefined) this.#portions.delete(oldest);
    }
    return fresh;
  }
}

const ADMITTED: Admission = { ok: true };

function refusal(waitMs: number, tooMany: boolean): Admission {
  return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)), tooMany };
}
