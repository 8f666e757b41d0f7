/** How long the sweep takes to erase 10,000 deleted runs with all that they hold, on a local file. */
import { join } from "node:path";
import { TestApp, type TestBrowser } from "../../tests/app/test_app.ts";
import { type BenchResult, PROMISE } from "../types.ts";

const RUNS = 10_000;
const LIMIT_MINUTES = 5;
/** The undo of a deletion ends after ten minutes. */
const PAST_UNDO_MS = 11 * 60_000;
/** A page of the list, which one request deletes. */
const PAGE = 100;

/** Imports the runs, deletes them, and sweeps once after the undo time. */
export async function purge(): Promise<BenchResult> {
  const folder = await Deno.makeTempDir({ prefix: "taskstream-bench-" });
  let ahead = 0;
  const app = await TestApp.start({
    config: {
      kvPath: join(folder, "purge.db"),
      sessionSecrets: ["a secret of at least thirty-two characters"],
    },
    now: () => Date.now() + ahead,
  });
  try {
    const browser = await app.browser().enterSandbox();
    await take(browser);
    await drop(browser);
    const left = async () => /([\d,]+) deleted tasks/.exec(await browser.text("/tasks"))?.[1];
    const before = await left();
    ahead = PAST_UNDO_MS;
    const started = performance.now();
    await app.services.sweep();
    const seconds = (performance.now() - started) / 1000;
    return {
      name: `purge: ${RUNS.toLocaleString("en")} runs of 10 events`,
      value: Number(seconds.toFixed(1)),
      unit: "s",
      peer: PROMISE,
      spread: [seconds, seconds],
      target: `< ${LIMIT_MINUTES * 60} s`,
      note: `one sweep; the list told of ${before ?? 0} before it and of ${
        await left() ?? 0
      } after`,
    };
  } finally {
    await app.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function take(browser: TestBrowser): Promise<void> {
  const response = await browser.fetch("/tasks/transfer", {
    method: "POST",
    body: ReadableStream.from(history()).pipeThrough(new TextEncoderStream()),
    headers: { "content-type": "application/x-ndjson" },
  });
  if (!/10,000 imported/.test(await response.text())) throw new Error("Not all were imported");
}

function* history(): Generator<string> {
  yield `${JSON.stringify({ taskstream: "history", version: 1 })}\n`;
  for (let n = 0; n < RUNS; n++) yield `${JSON.stringify({ run: runOf(n) })}\n`;
  yield `${JSON.stringify({ end: { runs: RUNS } })}\n`;
}

function runOf(n: number) {
  const run_id = `trun_${n}`;
  const created_ms = Date.UTC(2026, 0, 1) + n * 60_000;
  return {
    run_id,
    interaction_id: run_id,
    processor: "lite",
    status: "completed",
    created_ms,
    ended_ms: created_ms + 30_000,
    input: { input: `Which company is number ${n} in Lyon?`, processor: "lite" },
    output: { type: "text", content: `Company ${n} of the street of the ${n}th of May`, basis: [] },
    events: Array.from({ length: 10 }, (_, at) => ({
      id: at + 1,
      received_ms: created_ms + at * 1000,
      type: "task_run.progress_msg.plan",
      data: JSON.stringify({ message: `Step ${at} of ${n}` }),
    })),
  };
}

async function drop(browser: TestBrowser): Promise<void> {
  for (let first = 0; first < RUNS; first += PAGE) {
    const form = new URLSearchParams({ action: "delete" });
    for (let n = first; n < first + PAGE; n++) form.append("id", `trun_${n}`);
    const response = await browser.fetch("/tasks/selected", { method: "POST", body: form });
    await response.body?.cancel();
    if (response.status !== 303) throw new Error(`Deleting answered ${response.status}`);
  }
}
