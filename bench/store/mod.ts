/**
 * What a store that is far away costs a page: the same app on a local file, and on a KV Connect server
 * 0, 5 and 20 ms away, and how soon it says that the store is gone.
 */
import { join } from "node:path";
import { TestApp, type TestBrowser } from "../../tests/app/test_app.ts";
import { KvConnectServer } from "../../tests/store/connect/server.ts";
import type { BenchResult, Suite } from "../types.ts";

const PAGES = ["/", "/tasks", "run", "result.json"] as const;
const DISTANCES_MS = [0, 5, 20];
const ROUNDS = 25;
const SECRETS = ["a secret of at least thirty-two characters"];

/** Medians of a page's time and of a create's (ms), and the spread of the former. */
interface Times {
  readonly pages: ReadonlyMap<string, Spread>;
  readonly create: Spread;
}

interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

async function measure(kvPath: string): Promise<Times> {
  const app = await TestApp.start({ config: { kvPath, sessionSecrets: SECRETS } });
  try {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask();
    await browser.events(runId);
    const path = (page: string) =>
      page === "run"
        ? `/tasks/${runId}`
        : page === "result.json"
        ? `/tasks/${runId}/result.json`
        : page;
    const pages = new Map<string, Spread>();
    for (const page of PAGES) pages.set(page, await timed(() => browser.text(path(page))));
    return { pages, create: await timed(() => created(browser)) };
  } finally {
    await app.close();
  }
}

async function created(browser: TestBrowser): Promise<void> {
  await browser.createTask({ input: "What is the population of Lyon?" });
}

async function timed(ask: () => Promise<unknown>): Promise<Spread> {
  // The first few find caches cold, and code that is not compiled.
  for (let round = 0; round < 3; round++) await ask();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await ask();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { median: times[ROUNDS >> 1]!, min: times[0]!, max: times.at(-1)! };
}

/** How long a page takes to say that the store is gone: the first one, and one a second later (ms). */
async function outage(server: KvConnectServer): Promise<readonly number[]> {
  const app = await TestApp.start({ config: { kvPath: server.url, sessionSecrets: SECRETS } });
  try {
    const browser = await app.browser().enterSandbox();
    server.down();
    const times: number[] = [];
    for (let n = 0; n < 2; n++) {
      const started = performance.now();
      const { status } = await browser.fetch("/tasks");
      if (status !== 503) throw new Error(`A store that is gone was answered with ${status}`);
      times.push(performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    return times;
  } finally {
    server.up();
    await app.close();
  }
}

export const run: Suite["run"] = async () => {
  const folder = await Deno.makeTempDir();
  await using server = new KvConnectServer();
  try {
    const file = await measure(join(folder, "kv.db"));
    const results: BenchResult[] = [];
    for (const distance of DISTANCES_MS) {
      server.change({ latencyMs: distance });
      const far = await measure(server.url);
      for (const page of PAGES) {
        const { median, min, max } = far.pages.get(page)!;
        results.push({
          name: `${page}, store ${distance} ms away`,
          value: median,
          unit: "ms",
          peer: "local file",
          ratio: median / file.pages.get(page)!.median,
          note: `${min.toFixed(1)} to ${max.toFixed(1)} ms`,
          ...distance === 20 ? { target: `at most ${page === "/tasks" ? 5 : 4} round trips` } : {},
        });
      }
      const { median, min, max } = far.create;
      results.push({
        name: `create, store ${distance} ms away`,
        value: median,
        unit: "ms",
        peer: "local file",
        ratio: median / file.create.median,
        note: `${min.toFixed(1)} to ${max.toFixed(1)} ms`,
      });
    }
    server.change({ latencyMs: 0 });
    const [first = NaN, later = NaN] = await outage(server);
    results.push({
      name: "503 when the store is gone, first page",
      value: first,
      unit: "ms",
      target: "2,000 ms",
    }, { name: "503 when the store is gone, later pages", value: later, unit: "ms" });
    return results;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};
