/** An account's totals, read from a range of daily counters. Never scans runs. */
import type { DayFigures, Figures, PeriodFigures, ProcessorFigures } from "../model/mod.ts";
import { dayOf } from "./counters.ts";

const DAY_MS = 86_400_000;
const MICRO = 1_000_000;

/** The longest period (days). */
const DAYS = 30;

/** One processor's counters for one day. */
export interface DayCounter {
  readonly day_ms: number;
  readonly name: string;
  readonly processor: string;
  readonly value: number;
}

/** Returns an account's counters of the days from a time to another. An import may be from the future. */
export async function readCounters(
  kv: Deno.Kv,
  account: string,
  fromMs: number,
  toMs: number,
): Promise<DayCounter[]> {
  const selector = {
    start: ["spend", account, dayOf(fromMs)],
    end: ["spend", account, dayOf(toMs) + DAY_MS],
  };
  const counters: DayCounter[] = [];
  for await (const { key, value } of kv.list<Deno.KvU64>(selector, { batchSize: 500 })) {
    const [, , day, name, processor] = key;
    if (typeof day !== "number" || typeof name !== "string" || typeof processor !== "string") {
      continue;
    }
    if (value.value === 0n) continue;
    counters.push({ day_ms: day, name, processor, value: Number(value.value) });
  }
  return counters;
}

/** Returns figures for today, the last 7 and the last 30 days (UTC days, including today). */
export async function readFigures(kv: Deno.Kv, account: string, nowMs: number): Promise<Figures> {
  const today = dayOf(nowMs);
  const counters = await readCounters(kv, account, today - (DAYS - 1) * DAY_MS, today);
  const days = Array.from({ length: DAYS }, (_, index): DayFigures => {
    const day_ms = today - (DAYS - 1 - index) * DAY_MS;
    const { runs, spent_usd, simulated_usd } = sumUp(
      counters.filter((each) => each.day_ms === day_ms),
    );
    return { day_ms, runs, spent_usd, simulated_usd };
  });
  const since = (count: number) =>
    sumUp(counters.filter((each) => each.day_ms > today - count * DAY_MS));
  return { today: since(1), week: since(7), month: since(DAYS), days };
}

/** Computes figures from counters. Pure. */
export function sumUp(counters: readonly DayCounter[]): PeriodFigures {
  const sum = (name: string, processor?: string) =>
    counters.reduce(
      (total, each) =>
        each.name === name && (processor === undefined || each.processor === processor)
          ? total + each.value
          : total,
      0,
    );
  const names = [...new Set(counters.map(({ processor }) => processor))].toSorted();
  const processors = names.map((processor): ProcessorFigures => ({
    processor,
    completed: sum("completed", processor),
    mean_ms: mean(sum("ms", processor), sum("timed", processor)),
  }));
  const completed = sum("completed"), failed = sum("failed");
  return {
    runs: sum("runs"),
    completed,
    failed,
    success: mean(completed, completed + failed),
    spent_usd: sum("spent") / MICRO,
    deleted_usd: sum("deleted") / MICRO,
    simulated_usd: sum("simulated") / MICRO,
    unpriced: sum("unpriced"),
    processors: processors.filter((each) => each.completed > 0),
  };
}

/** Returns `null` if there is nothing to divide by. */
function mean(sum: number, count: number): number | null {
  return count === 0 ? null : sum / count;
}
