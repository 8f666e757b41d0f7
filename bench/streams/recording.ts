/**
 * Recording without viewers: 200 active runs at 50 events a second each in one process. Afterwards every
 * trace is read back and compared with what was sent.
 */
import { type BenchResult, PROMISE } from "../types.ts";
import { startApp } from "./measured.ts";
import { createRun, KEY, readRun } from "./runs.ts";
import { BenchUpstream } from "./upstream.ts";

const RUNS = 200, RATE = 50, SECONDS = 15;

/** Runs the measurement, some 40 s. */
export async function run(): Promise<BenchResult[]> {
  const folder = await Deno.makeTempDir();
  await using upstream = new BenchUpstream();
  try {
    await using app = await startApp(upstream.url, folder);
    const sent = new Map<string, string>();
    for (let n = 0; n < RUNS; n++) sent.set(await createRun(app.url, upstream), "");
    const before = await app.figures();
    const started = performance.now();
    const events = await sendPaced(upstream, sent);
    const sentMs = performance.now() - started;
    const { commits } = await durable(app.url, sent, () => app.figures());
    const doneMs = performance.now() - started;
    for (const runId of sent.keys()) {
      sent.set(runId, sent.get(runId) + upstream.finish(runId));
    }
    let lost = 0;
    for (const [runId, text] of sent) if (await readRun(app.url, runId) !== text) lost++;
    const made = commits - before.commits;
    const rate = Math.round(events / sentMs * 1000);
    return [
      {
        name: "recording, 200 runs: traces that differ",
        value: lost,
        unit: "traces",
        peer: PROMISE,
        spread: [lost, lost],
        target: "0",
        note: `${events} events, ${rate} a second sent; the last was durable ${
          Math.round(doneMs - sentMs)
        } ms after it was sent`,
      },
      {
        name: "recording, 200 runs: KV commits",
        value: made,
        unit: "commits",
        peer: "events",
        ratio: made / events,
        spread: [made / events, made / events],
        target: "<= 0.1",
      },
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Sends every run's events evenly over the time; returns how many. */
async function sendPaced(upstream: BenchUpstream, sent: Map<string, string>): Promise<number> {
  const runIds = [...sent.keys()];
  const total = RUNS * RATE * SECONDS;
  const started = performance.now();
  for (let n = 0; n < total;) {
    const due = Math.min(total, (performance.now() - started) / 1000 * RUNS * RATE);
    for (; n < due; n++) {
      const runId = runIds[n % RUNS] ?? "";
      const text = upstream.send(runId, "task_run.progress_msg.search", {
        message: `Query ${n}: data centres by city 2026`,
        timestamp: "2026-01-01T00:00:00.000000Z",
      });
      sent.set(runId, sent.get(runId) + text);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return total;
}

/** Resolves with what was measured when every run's last event is durable. */
async function durable<T>(
  app: string,
  sent: ReadonlyMap<string, string>,
  measure: () => Promise<T>,
): Promise<T> {
  for (const [runId, text] of sent) {
    const last = /^id: (\d+)$/gm;
    const id = [...text.matchAll(last)].at(-1)?.[1] ?? "0";
    await reached(app, runId, Number(id));
  }
  return await measure();
}

/** Resolves when a viewer who asks for the last event gets it. */
async function reached(app: string, runId: string, id: number): Promise<void> {
  const stop = new AbortController();
  const response = await fetch(`${app}/api/v1/tasks/runs/${runId}/events`, {
    headers: { "x-api-key": KEY, "last-event-id": String(id - 1) },
    signal: stop.signal,
  });
  let text = "";
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes(`id: ${id}\n`)) return;
    }
    throw new Error(`The stream of ${runId} ended before event ${id}: ${text.slice(0, 300)}`);
  } finally {
    stop.abort();
  }
}
