/** Long traces: the first HTML of a run of 20,000 events, and a live page that has shown as many. */
import { chromium } from "playwright-core";
import { TestApp, type TestBrowser } from "../../tests/app/test_app.ts";
import { CHROMIUM_FLAGS, findChromium } from "../../tests/browser_launch.ts";
import { onScriptedRun } from "../../tests/browser/scripted_run.ts";
import { VALID_RUN } from "../../tests/history/valid_run.ts";
import { spreadOf } from "../statistics.ts";
import { type BenchResult, PROMISE } from "../types.ts";

const SHORT = 100, LONG = 20_000;
const ROUNDS = 40, WARM = 10;
/** Some hours ago: a sandbox account keeps no older runs. */
const START_MS = Date.now() - 4 * 60 * 60 * 1_000;

/** A round of research, as the API reports it. */
const ROUND = ["search", "search", "search", "extract", "extract", "extract", "result"];

function eventOf(at: number) {
  const kind = ROUND[at % ROUND.length]!;
  const message = kind === "extract"
    ? `Extract: https://site${at % 90}.example/reports/2026/${at}`
    : kind === "search"
    ? `${at % ROUND.length === 0 ? "Objective" : "Query"}: the figures of part ${at}`
    : `Part ${at} is confirmed by two registers; a third one differs by a tenth.`;
  const received_ms = START_MS + at * 500;
  const timestamp = new Date(received_ms).toISOString();
  const type = `task_run.progress_msg.${kind}`;
  return { id: at + 1, received_ms, type, data: JSON.stringify({ type, message, timestamp }) };
}

async function importRun(browser: TestBrowser, events: number): Promise<string> {
  const run_id = `trun_${events}`;
  const run = {
    ...VALID_RUN,
    run_id,
    created_ms: START_MS,
    ended_ms: START_MS + events * 500,
    output: { type: "text", content: "The answer in a sentence.", basis: [] },
    events: Array.from({ length: events }, (_, at) => eventOf(at)),
  };
  const lines = [{ taskstream: "history", version: 1 }, { run }, { end: { runs: 1 } }];
  const response = await browser.fetch("/tasks/transfer", {
    method: "POST",
    body: lines.map((line) => JSON.stringify(line)).join("\n"),
    headers: { "content-type": "application/x-ndjson" },
  });
  if (!/1 imported/.test(await response.text())) throw new Error("The run was not imported");
  return `/tasks/${run_id}`;
}

export async function traces(): Promise<BenchResult[]> {
  return [...await firstHtml(), ...await liveFrames()];
}

/** The first HTML of a long run against that of a short one, in turns. */
async function firstHtml(): Promise<BenchResult[]> {
  const app = await TestApp.start();
  try {
    const browser = await app.browser().enterSandbox();
    const paths = [await importRun(browser, SHORT), await importRun(browser, LONG)] as const;
    const times: [number[], number[]] = [[], []];
    let bytes = 0;
    for (let round = 0; round < WARM + ROUNDS; round++) {
      for (const [at, path] of paths.entries()) {
        const started = performance.now();
        const html = await browser.text(path);
        const took = performance.now() - started;
        if (round >= WARM) times[at as 0 | 1].push(took);
        if (at === 1) bytes = new TextEncoder().encode(html).byteLength;
      }
    }
    const [short, long] = times.map((each) => each.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0);
    const ratios = times[1].map((ms, at) => ms / (times[0][at] ?? ms)).sort((a, b) => a - b);
    return [{
      name: `trace: first HTML of a run of ${LONG.toLocaleString("en")} events`,
      value: Number((long ?? 0).toFixed(2)),
      unit: "ms",
      peer: `${SHORT} events, ${short?.toFixed(2)} ms`,
      ratio: Number(((long ?? 0) / (short ?? 1)).toFixed(2)),
      spread: spreadOf(ratios),
      target: "ratio <= 1.3",
      note: `medians of ${ROUNDS} in turns; ratio of a round ${
        ratios[ROUNDS >> 2]?.toFixed(2)
      } to ${ratios[ROUNDS - (ROUNDS >> 2)]?.toFixed(2)} (quartiles)`,
    }, {
      name: `trace: bytes of that HTML`,
      value: Math.round(bytes / 1000),
      unit: "kB",
      peer: PROMISE,
      spread: [Math.round(bytes / 1000), Math.round(bytes / 1000)],
      target: "<= 250 kB",
    }];
  } finally {
    await app.close();
  }
}

/** Frames of a live page that follows its newest event, with 20,000 on it. */
async function liveFrames(): Promise<BenchResult[]> {
  const executablePath = findChromium();
  if (executablePath === null) return [];
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  const results: BenchResult[] = [];
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await onScriptedRun(page, async (run) => {
      for (const shown of [SHORT, LONG]) {
        const words = Array.from({ length: shown }, (_, n) => `Thought ${n}: compare and count`);
        run.say(...words);
        await page.waitForFunction(
          (least) => Number(document.getElementById("trace")?.dataset.upTo) >= least,
          shown,
          { timeout: 300_000 },
        );
        const watched = page.evaluate(() =>
          new Promise<number[]>((resolve) => {
            const frames: number[] = [];
            let last = performance.now();
            const frame = (now: number) => {
              frames.push(now - last);
              last = now;
              if (frames.length < 300) requestAnimationFrame(frame);
              else resolve(frames.sort((a, b) => a - b));
            };
            requestAnimationFrame(frame);
          })
        );
        let isOver = false;
        const frames = watched.finally(() => isOver = true);
        for (let n = 0; !isOver; n++) {
          run.say(`One more ${n}`);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        const sorted = await frames;
        const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
        results.push({
          name: `trace: frames of a live page with ${shown.toLocaleString("en")} events, p95`,
          value: Number(at(0.95).toFixed(1)),
          unit: "ms",
          peer: PROMISE,
          spread: [at(0.9), at(0.99)],
          target: "60 frames a second: 16.7 ms",
          note: `10 events a second; median ${at(0.5).toFixed(1)}, longest ${
            at(0.999).toFixed(1)
          } ms; Chromium without a GPU`,
        });
      }
    });
  } finally {
    await browser.close();
  }
  return results;
}
