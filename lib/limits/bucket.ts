/** The arithmetic of a token bucket, which fills evenly up to its size. Pure. */

/** Tokens per minute. */
export interface Rule {
  readonly perMinute: number;
  /** The size of the bucket. Default: the tokens of one minute. */
  readonly atOnce?: number;
}

/** A bucket as stored: its content at a point in time. */
export interface Bucket {
  readonly tokens: number;
  /** Unix ms. */
  readonly at_ms: number;
}

/** The result of taking tokens. */
export interface Taken {
  /** How many were taken: all that were wanted, all that were available, or 0. */
  readonly given: number;
  readonly bucket: Bucket;
  /** How long until the needed tokens are available (ms). 0 if they were taken. */
  readonly waitMs: number;
}

const MINUTE_MS = 60_000;

/**
 * Takes up to `wanted` whole tokens, or none if there are fewer than `needed`. A bucket that does not
 * exist yet (`null`) is full. A clock that is behind the clock of another process adds nothing.
 */
export function consume(
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

/** How long until a bucket is full and can be forgotten (ms, at least 1). */
export function fullInMs({ tokens }: Bucket, { perMinute, atOnce = perMinute }: Rule): number {
  return Math.max(1, Math.ceil((atOnce - tokens) * MINUTE_MS / perMinute));
}
