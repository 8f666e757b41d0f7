/**
 * Memory over ten thousand runs: each is created through the proxy, recorded, streamed to a viewer and
 * finished, some at a time, in one process. What the process holds after the 1,000th is compared with
 * what it holds after the 10,000th, both after a collection.
 */
import { spreadOf } from "../statistics.ts";
import type { BenchResult } from "../types.ts";
import { type Figures, type Measured, startApp } from "./measured.ts";
import { createRun, readRun } from "./runs.ts";
import { BenchUpstream } from "./upstream.ts";

const RUNS = 10_000, FIRST = 1_000, AT_ONCE = 24, EVENTS = 5;

/** Runs the measurement, some 100 s. */
export async function run(): Promise<BenchResult[]> {
  const folder = await Deno.makeTempDir();
  await using upstream = new BenchUpstream();
  try {
    await using app = await startApp(upstream.url, folder);
    const held: { runs: number; figures: Figures }[] = [];
    for (const runs of [FIRST, 2_500, 5_000, 7_500, RUNS]) {
      await stream(app, upstream, runs - (held.at(-1)?.runs ?? 0));
      held.push({ runs, figures: await app.figures() });
    }
    return [row("resident", held, (figures) => figures.rss), row("heap", held, ({ heap }) => heap)];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Streams so many runs from their creation to their end. */
async function stream(app: Measured, upstream: BenchUpstream, runs: number): Promise<void> {
  let left = runs;
  const worker = async () => {
    while (left-- > 0) await streamOne(app.url, upstream);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function streamOne(app: string, upstream: BenchUpstream): Promise<void> {
  const runId = await createRun(app, upstream);
  const seen = readRun(app, runId);
  let sent = "";
  for (let n = 0; n < EVENTS; n++) {
    sent += upstream.send(runId, "task_run.progress_msg.search", {
      message: `Query ${n}: ${"data centres by city 2026 ".repeat(8)}`,
      timestamp: "2026-01-01T00:00:00.000000Z",
    });
  }
  sent += upstream.finish(runId);
  if (await seen !== sent) throw new Error("A viewer got something else than was sent");
}

function row(
  what: string,
  held: readonly { runs: number; figures: Figures }[],
  of: (figures: Figures) => number,
): BenchResult {
  const mib = held.map(({ figures }) => of(figures) / (1 << 20));
  const first = mib[0] ?? NaN, last = mib.at(-1) ?? NaN;
  return {
    name: `memory after 10,000 runs: ${what}`,
    value: Math.round(last * 10) / 10,
    unit: "MiB",
    peer: "after 1,000",
    ratio: last / first,
    spread: spreadOf(mib.slice(1).map((each) => each / first)),
    target: "<= 1.1",
    note: `after ${held.map(({ runs }, at) => `${runs}: ${mib[at]?.toFixed(1)}`).join(", ")}`,
  };
}
