/** Positions on the timeline as fractions of its width, and round times for its axis. Pure. */
import type { SourcesAt, Span } from "../../lib/runs/model/mod.ts";

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 4, 6, 12, 24].map((n) => n * HOUR),
];

/** Maximum number of marks, so labels do not touch on a phone. */
const MAX_TICKS = 4;

/** The times labelled on the axis (ms), including 0. */
export function ticksOf(lengthMs: number): number[] {
  const fitting = STEPS.find((step) => lengthMs / step <= MAX_TICKS);
  const step = fitting ?? Math.ceil(lengthMs / MAX_TICKS / (24 * HOUR)) * 24 * HOUR;
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, at) => at * step);
}

/** Spans closer than this fraction of the width look like one. */
const APART = 0.003;
/** Narrower spans would be invisible. */
const NARROWEST = 0.004;

/** A position on the axis; both values are fractions of its width. */
export interface Stretch {
  readonly at: number;
  readonly width: number;
}

/** The spans of one lane. Joins close ones: never more than the eye can distinguish. */
export function stretchesOf(spans: readonly Span[], lengthMs: number): Stretch[] {
  const stretches: { at: number; width: number }[] = [];
  for (const { fromMs, toMs } of spans) {
    const at = share(fromMs, lengthMs), end = share(toMs, lengthMs);
    const last = stretches.at(-1);
    if (last !== undefined && at - (last.at + last.width) < APART) {
      last.width = Math.max(last.width, end - last.at);
    } else stretches.push({ at, width: end - at });
  }
  return stretches.map(({ at, width }) => {
    const seen = Math.max(width, NARROWEST);
    return { at: Math.min(at, 1 - seen), width: seen };
  });
}

/** The highest count of sources reported. */
export function highest(sources: readonly SourcesAt[]): number {
  return sources.reduce(
    (most, { considered, read }) => Math.max(most, considered ?? 0, read ?? 0),
    0,
  );
}

/** The fraction of the whole, 0 to 1. */
export function share(ms: number, lengthMs: number): number {
  return lengthMs <= 0 ? 0 : Math.min(1, Math.max(0, ms / lengthMs));
}
