/** A batch's page in Chromium while rows change: how long its main thread is blocked. */
import { chromium, type Page } from "playwright-core";
import { CHROMIUM_FLAGS, findChromium } from "../../tests/browser_launch.ts";
import { spreadOf } from "../statistics.ts";
import { type BenchResult, PROMISE } from "../types.ts";

const UPDATES_PER_SECOND = 50, SECONDS = 5, ROUNDS = 5, SHOWN_ROWS = 100;

/** The measurements of one round. */
interface Round {
  /** Tasks of more than 50 ms. */
  readonly long: number;
  /** The longest time between two frames (ms). */
  readonly frameMs: number;
}

/**
 * Shows a batch of many rows, whose first page changes row by row: each update is a new result, with another
 * status, price and cells. Returns nothing without Chromium.
 */
export async function liveUpdates(
  { url, cookie, rows }: { readonly url: string; readonly cookie: string; readonly rows: string },
): Promise<BenchResult[]> {
  const executablePath = findChromium();
  if (executablePath === null) return [];
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage({ extraHTTPHeaders: { cookie } });
    await page.addInitScript(feedStream);
    await page.goto(url);
    await page.waitForFunction(() => Reflect.get(globalThis, "feed"));
    const cdp = await page.context().newCDPSession(page);
    // By the thread's own clock, so that other load does not count.
    await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    const busyMs = async () => {
      const { metrics } = await cdp.send("Performance.getMetrics");
      return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN);
    };
    const before = await busyMs();
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await play(page, round));
    const long = rounds.map((round) => round.long);
    const frames = rounds.map(({ frameMs }) => frameMs);
    const updates = UPDATES_PER_SECOND * SECONDS;
    const eachMs = (await busyMs() - before) / (ROUNDS * updates);
    return [{
      name: `batches: tasks over 50 ms, ${UPDATES_PER_SECOND} row updates a second of ${rows} rows`,
      value: long.reduce((sum, each) => sum + each, 0),
      unit: `in ${ROUNDS} rounds of ${updates} updates`,
      peer: PROMISE,
      spread: [Math.min(...long), Math.max(...long)],
      target: "none",
      note: `${eachMs.toFixed(1)} ms of the page's main thread an update; longest frame ` +
        `${spreadOf(frames).map(Math.round).join(" to ")} ms`,
    }];
  } finally {
    await browser.close();
  }
}

/** Replaces the page's event stream with one that the benchmark writes. */
function feedStream(): void {
  const real = fetch;
  globalThis.fetch = (input, init) => {
    if (!String(input).endsWith("/events")) return real(input, init);
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        const encoder = new TextEncoder();
        const feed = (text: string) => controller.enqueue(encoder.encode(text));
        Object.assign(globalThis, { feed });
      },
    });
    const headers = { "content-type": "text/event-stream" };
    return Promise.resolve(new Response(body, { headers }));
  };
}

/** Sends one update after the other and waits until the last one is shown. */
function play(page: Page, round: number): Promise<Round> {
  const asked = {
    round,
    updates: UPDATES_PER_SECOND * SECONDS,
    everyMs: 1000 / UPDATES_PER_SECOND,
  };
  return page.evaluate(async ({ round, updates, everyMs, shown }) => {
    const feed: (text: string) => void = Reflect.get(globalThis, "feed");
    let long = 0, frameMs = 0, before = performance.now(), isOver = false;
    const observer = new PerformanceObserver((list) => long += list.getEntries().length);
    observer.observe({ type: "longtask" });
    const frame = (now: number) => {
      frameMs = Math.max(frameMs, now - before);
      before = now;
      if (!isOver) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    const start = performance.now();
    const last = `${round}-${updates - 1}`;
    for (let n = 0; n < updates; n++) {
      const dueMs = start + n * everyMs - performance.now();
      if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
      const id = 1_000_000 + round * updates + n;
      const change = {
        row: 1 + n % shown,
        attempt: 2 + round * Math.ceil(updates / shown) + Math.floor(n / shown),
        status: "completed",
        run_id: `trun_${id}`,
        cost_usd: 0.005,
        cells: [
          { text: String(1900 + n % 100), confidence: n % 3 === 0 ? "low" : "high" },
          { text: `Lyon ${round}-${n}`, confidence: "medium" },
        ],
      };
      const data = { id, at_ms: Date.now(), type: "rows", data: { rows: [change] } };
      feed(`id: ${id}\nevent: rows\ndata: ${JSON.stringify(data)}\n\n`);
    }
    const row = document.getElementById(`r${1 + (updates - 1) % shown}`);
    while (!row?.textContent?.includes(last)) await new Promise(requestAnimationFrame);
    isOver = true;
    long += observer.takeRecords().length;
    observer.disconnect();
    return { long, frameMs };
  }, { ...asked, shown: SHOWN_ROWS });
}
