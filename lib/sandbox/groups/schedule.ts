/** Computes when the runs of one request start and end: each waits for a slot, then works. */
import { nextTurn } from "../../base/mod.ts";
import { Random } from "../random.ts";
import { lifeOf } from "../timeline.ts";
import type { RowLife } from "./lives.ts";
import type { Slots } from "./slots.ts";
import type { Row } from "./store.ts";

/** With `shuffle`, an end is reported later by up to this fraction of the run's time. */
const SHUFFLED_SHARE = 0.5;

/** A run's times (µs), relative to the millisecond of its creation. */
export interface Span {
  readonly runId: string;
  readonly createdUs: number;
  readonly runningUs: number;
  readonly endUs: number;
  readonly ending: RowLife["ending"];
}

/** Computes the spans of many runs, yielding to other work. */
export async function spansOf(rows: readonly Row[], speed: number): Promise<Span[]> {
  const spans: Span[] = [];
  for (const [index, { runId, input, fails, warnings }] of rows.entries()) {
    const life = lifeOf({
      runId,
      input,
      fails,
      warnings,
      speed,
      createdMs: 0,
      follows: null,
      followsUnknown: false,
      resumedUs: null,
    });
    const { createdUs, runningUs, ending: { us: endUs, status: ending } } = life;
    spans.push({ runId, createdUs, runningUs, endUs, ending });
    if (index % 100 === 99) await nextTurn();
  }
  return spans;
}

/** Gives a run a slot, and computes its times. */
export function liveIn(
  slots: readonly Slots[],
  { runId, createdUs, runningUs, endUs, ending }: Span,
  { appliedMs, shuffles }: { readonly appliedMs: number; readonly shuffles: boolean },
): RowLife {
  const from = appliedMs * 1000;
  const freeUs = Math.max(...slots.map(({ nextUs }) => nextUs), 0);
  const waitUs = Math.max(0, freeUs - from - createdUs);
  const over = from + waitUs + endUs;
  for (const slot of slots) slot.take(over);
  const share = shuffles ? SHUFFLED_SHARE * new Random(runId).fork("told").next() : 0;
  return {
    runId,
    waitUs,
    ending,
    runningUs: from + waitUs + runningUs,
    endUs: over,
    reportedUs: over + Math.round(share * (endUs - createdUs)),
  };
}
