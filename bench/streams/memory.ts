/**
 * Memory over ten thousand runs: each is created through the proxy, recorded, streamed to a viewer and
 * finished, some at a time, in one process. What the process holds after the 1,000th is compared with
 * what it holds after the 10,000th, both after a collection. Then what it holds for each run that it
 * records, and for each viewer of one; and what a process holds that has just started.
 */
import { spreadOf } from "../statistics.ts";
import { type BenchResult, PROMISE } from "../types.ts";
import { type Figures, type Measured, startApp } from "./measured.ts";
import { createRun, KEY, readRun } from "./runs.ts";
import { BenchUpstream } from "./upstream.ts";
import { RawViewers } from "./viewers.ts";

const RUNS = 10_000, FIRST = 1_000, AT_ONCE = 24, EVENTS = 5;
/** Recordings that are measured beside as many others, and viewers of each. */
const RECORDINGS = 500, VIEWERS = 4;
/** Ceilings, with room for the differences between processes. */
const IDLE_MIB = 100, RECORDING_KIB = 90, VIEWER_KIB = 90;

const decoder = new TextDecoder();

/** Runs the measurement, some 100 s. */
export async function run(): Promise<BenchResult[]> {
  const folder = await Deno.makeTempDir();
  await using upstream = new BenchUpstream();
  try {
    await using app = await startApp(upstream.url, folder);
    const idle = await app.figures();
    const held: { runs: number; figures: Figures }[] = [];
    for (const runs of [FIRST, 2_500, 5_000, 7_500, RUNS]) {
      await stream(app, upstream, runs - (held.at(-1)?.runs ?? 0));
      held.push({ runs, figures: await app.figures() });
    }
    return [
      row("resident", held, (figures) => figures.rss),
      row("heap", held, ({ heap }) => heap),
      bounded("memory of an idle server: resident", idle.rss / (1 << 20), "MiB", IDLE_MIB),
      ...await openStreams(app, upstream),
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Streams this many runs from their creation to their end. */
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

/** The memory for each recording without a viewer, and for each viewer. */
async function openStreams(app: Measured, upstream: BenchUpstream): Promise<BenchResult[]> {
  // The first recordings use memory that earlier runs left free, so they are not measured.
  for (let n = 0; n < RECORDINGS; n++) await createRun(app.url, upstream);
  const before = await app.figures();
  const runIds: string[] = [];
  for (let n = 0; n < RECORDINGS; n++) runIds.push(await createRun(app.url, upstream));
  const recording = await app.figures();
  let events = 0;
  using viewers = new RawViewers((_, bytes) => {
    events += decoder.decode(bytes).split("\n\n").length - 1;
  });
  await viewers.connectAll(RECORDINGS * VIEWERS, (n) => {
    const runId = runIds[n % RECORDINGS] ?? "";
    return viewers.connect(`${app.url}/api/v1/tasks/runs/${runId}/events`, { "x-api-key": KEY });
  });
  const event = { message: "Query", timestamp: null };
  for (const runId of runIds) upstream.send(runId, "task_run.progress_msg.search", event);
  for (let tries = 0; events < RECORDINGS * VIEWERS; tries++) {
    if (tries > 2_000) throw new Error("Some viewers got no event");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const watched = await app.figures();
  const kib = (from: Figures, to: Figures, count: number) => (to.rss - from.rss) / 1024 / count;
  return [
    bounded("memory of a recording", kib(before, recording, RECORDINGS), "KiB", RECORDING_KIB),
    bounded(
      "memory of a live viewer",
      kib(recording, watched, RECORDINGS * VIEWERS),
      "KiB",
      VIEWER_KIB,
    ),
  ];
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

function bounded(name: string, value: number, unit: string, ceiling: number): BenchResult {
  const rounded = Math.round(value * 10) / 10;
  return {
    name,
    value: rounded,
    unit,
    peer: PROMISE,
    spread: [rounded, rounded],
    target: `<= ${ceiling} ${unit}`,
    ceiling,
  };
}
