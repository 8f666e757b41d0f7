/**
 * The cost of a distant store for pages: the same app on a local file, and on a KV Connect server 0, 5 and
 * 20 ms away. Also how soon a page says that the store does not answer.
 */
import { join } from "node:path";
import { TestApp, type TestBrowser } from "../../tests/app/test_app.ts";
import { KvConnectServer } from "../../tests/store/connect/server.ts";
import { median, spreadOf } from "../statistics.ts";
import { type BenchResult, PROMISE, type Suite } from "../types.ts";

const PAGES = ["/", "/tasks", "run", "result.json"] as const;
const DISTANCES_MS = [0, 5, 20];
const ROUNDS = 25;
const SECRETS = ["a secret of at least thirty-two characters"];

/** What each page and a create took, round by round (ms). */
interface Times {
  readonly pages: ReadonlyMap<string, readonly number[]>;
  readonly create: readonly number[];
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
    const pages = new Map<string, readonly number[]>();
    for (const page of PAGES) pages.set(page, await timed(() => browser.text(path(page))));
    return { pages, create: await timed(() => created(browser)) };
  } finally {
    await app.close();
  }
}

async function created(browser: TestBrowser): Promise<void> {
  await browser.createTask({ input: "What is the population of Lyon?" });
}

async function timed(ask: () => Promise<unknown>): Promise<number[]> {
  // The first few find caches cold, and code that is not compiled.
  for (let round = 0; round < 3; round++) await ask();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await ask();
    times.push(performance.now() - started);
  }
  return times;
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

/** The file and the server are measured one after the other, so the spread is that of our side alone. */
function compared(name: string, far: readonly number[], file: readonly number[]): BenchResult {
  const near = median(file);
  return {
    name,
    value: median(far),
    unit: "ms",
    peer: "local file",
    ratio: median(far) / near,
    spread: spreadOf(far.map((ms) => ms / near)),
    note: `${Math.min(...far).toFixed(1)} to ${Math.max(...far).toFixed(1)} ms`,
  };
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
        results.push({
          ...compared(
            `${page}, store ${distance} ms away`,
            far.pages.get(page) ?? [],
            file.pages.get(page) ?? [],
          ),
          ...distance === 20 && { target: "at most 4 round trips" },
        });
      }
      results.push(compared(`create, store ${distance} ms away`, far.create, file.create));
    }
    server.change({ latencyMs: 0 });
    const [first = NaN, later = NaN] = await outage(server);
    results.push({
      name: "503 when the store is gone, first page",
      value: first,
      unit: "ms",
      peer: PROMISE,
      spread: [first, first],
      target: "< 2,000 ms",
    }, {
      name: "503 when the store is gone, later pages",
      value: later,
      unit: "ms",
      peer: "the first page",
      ratio: later / first,
      spread: [later / first, later / first],
    });
    return results;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};
