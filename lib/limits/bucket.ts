/** The arithmetic of a token bucket: it fills evenly and holds so many. Pure. */

/** How many a minute. */
export interface Rule {
  readonly perMinute: number;
  /** How many at once after a rest; as many as a minute brings where it is not said. */
  readonly atOnce?: number;
}

/** A bucket as stored: what was in it at some time. */
export interface Bucket {
  readonly tokens: number;
  /** Unix ms. */
  readonly at_ms: number;
}

/** What came of reaching into a bucket. */
export interface Taken {
  /** How many were given: what was asked for, what was there, or 0. */
  readonly given: number;
  readonly bucket: Bucket;
  /** When there will be as many as were needed (ms from now); 0 where they were given. */
  readonly waitMs: number;
}

const MINUTE_MS = 60_000;

/**
 * Takes up to `wanted` whole tokens, and none where there are fewer than `needed`. A bucket that does
 * not exist yet (`null`) is full. A clock that runs behind another process's adds nothing.
 */
export function take(
  stored: Bucket | null,
  { perMinute, atOnce = perMinute }: Rule,
  { needed, wanted, now }: { needed: number; wanted: number; now: number },
): Taken {
  const from = stored ?? { tokens: atOnce, at_ms: now };
  const at_ms = Math.max(now, from.at_ms);
  const tokens = Math.min(
    atOnce,
    from.tokens + (at_ms - from.at_ms) * perMinute / MINUTE_MS,
  );
  const given = tokens < needed ? 0 : Math.min(wanted, Math.floor(tokens));
  const missing = given === 0 ? Math.min(needed, atOnce) - tokens : 0;
  return {
    given,
    bucket: { tokens: tokens - given, at_ms },
    waitMs: Math.max(0, Math.ceil(missing * MINUTE_MS / perMinute)),
  };
}

/** How long until a bucket is full and need not be remembered (ms, at least 1). */
export function fullInMs({ tokens }: Bucket, { perMinute, atOnce = perMinute }: Rule): number {
  return Math.max(1, Math.ceil((atOnce - tokens) * MINUTE_MS / perMinute));
}
