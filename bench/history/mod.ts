/**
 * The history at 100, 10,000 and 200,000 runs of one owner among 50 others: the first page, every
 * combination of filters, a search, a create. What is compared is one size with another, measured in
 * turns in one run, so that what else the machine does falls on all of them.
 */
import { join } from "node:path";
import { Keyring } from "../../lib/accounts/mod.ts";
import { Committer } from "../../lib/store/mod.ts";
import {
  type HistoryFilter,
  NO_FILTER,
  packHistory,
  readHistory,
  searchHistory,
  storeRun,
} from "../../lib/runs/mod.ts";
import { median, percentile, ratiosOf, spreadOf } from "../statistics.ts";
import { type BenchResult, PROMISE } from "../types.ts";
import { lineOf, OUTPUTS, OWNER, PROCESSORS, seed, STATUSES } from "./seed.ts";
import { wordOf } from "./words.ts";

/** Words of each run. Few at 200,000 runs: otherwise the seed would take an hour instead of minutes. */
const SIZES = [
  { runs: 100, words: 60 },
  { runs: 10_000, words: 60 },
  { runs: 200_000, words: 3 },
] as const;
const ROUNDS = 60;
const CREATES = 200;
const PAGE = 25;
/** Pages read at once, where a page's share of the time is what counts. */
const AT_ONCE = 8;

interface Store {
  readonly runs: number;
  readonly kv: Deno.Kv;
  readonly seedMs: number;
  readonly packMs: number;
}

/** Seeds the stores and measures them, some three minutes. */
export async function run(): Promise<BenchResult[]> {
  const folder = await Deno.makeTempDir({ prefix: "taskstream-bench-" });
  const stores: Store[] = [];
  try {
    for (const size of SIZES) {
      const kv = await Deno.openKv(join(folder, `${size.runs}.db`));
      const seedMs = await seed(kv, size);
      // As after the first search that walks far.
      const packing = { kv, committer: new Committer(kv), now: Date.now };
      const packMs = await timed(() => packHistory(packing, OWNER));
      stores.push({ runs: size.runs, kv, seedMs, packMs });
    }
    return [
      ...stores.map(({ runs, seedMs, packMs }): BenchResult => ({
        name: `history: seed ${runs.toLocaleString("en")} runs`,
        value: Math.round(seedMs),
        unit: "ms",
        peer: PROMISE,
        spread: [Math.round(seedMs), Math.round(seedMs)],
        note: `then ${Math.round(packMs)} ms for the packs of the search`,
      })),
      ...await measurePages(stores),
      ...await measureSearch(stores),
      ...await measureCreates(stores),
    ];
  } finally {
    for (const { kv } of stores) kv.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function measurePages(stores: readonly Store[]): Promise<BenchResult[]> {
  const [hundred, thousands, most] = stores;
  if (hundred === undefined || thousands === undefined || most === undefined) return [];
  const page = (store: Store, filter: HistoryFilter, limit: number, count = AT_ONCE): Task => ({
    store,
    count,
    work: () => readHistory(store.kv, OWNER, { filter, limit }),
  });
  const first = stores.map((store) => page(store, NO_FILTER, PAGE));
  const alone = stores.map((store) => page(store, NO_FILTER, PAGE, 1));
  const few: Task[][] = [], full: Task[][] = [];
  for (const filter of combinations()) {
    // The same number of lines at every size: a page is as long as the smallest store can fill it.
    const { runs } = await readHistory(hundred.kv, OWNER, { filter, limit: PAGE });
    if (runs.length === 0) throw new Error("A combination of filters finds nothing at 100 runs");
    few.push([page(most, filter, runs.length), page(hundred, filter, runs.length)]);
    full.push([page(most, filter, PAGE), page(thousands, filter, PAGE)]);
  }
  const times = await inTurns([...first, ...alone, ...few.flat(), ...full.flat()], ROUNDS);
  return [
    ...compared("history: first page of 25", first, times).map((result, at): BenchResult => ({
      ...result,
      note: `${middleMean(times.get(alone[at]!) ?? []).toFixed(2)} ms alone`,
    })),
    combined("history: filtered page at 200,000, as long as at 100", "at 100", few, times),
    combined("history: filtered page of 25 at 200,000", "at 10,000", full, times),
  ];
}

/** What all combinations take together, and the one that differs most. */
function combined(
  name: string,
  peer: string,
  pairs: readonly (readonly Task[])[],
  times: Times,
): BenchResult {
  const own = pairs.map(([large]) => middleMean(times.get(large!) ?? []));
  const others = pairs.map(([, small]) => middleMean(times.get(small!) ?? []));
  const worst = Math.max(...own.map((ms, at) => ms / others[at]!));
  return {
    name,
    value: sum(own) / own.length,
    unit: "ms",
    peer,
    ratio: sum(own) / sum(others),
    spread: spreadOf(own.map((ms, at) => ms / others[at]!)),
    target: "<= 1.3x, each",
    note: `${pairs.length} combinations; the worst one ${worst.toFixed(2)}x`,
  };
}

/** Each facet or none, with dates and without. */
function combinations(): HistoryFilter[] {
  const dates = [
    { from_ms: null, to_ms: null },
    { from_ms: lineOf(10, "").created_ms, to_ms: lineOf(95, "").created_ms },
  ];
  return [null, ...STATUSES].flatMap((status) =>
    [null, ...PROCESSORS].flatMap((processor) =>
      [null, ...OUTPUTS].flatMap((output) =>
        dates.map((range) => ({ status, processor, output, ...range }))
      )
    )
  );
}

/** Searches as people type them: common and rare words, several, beginnings, filtered, and in vain. */
const QUERIES: readonly (readonly [query: string, filter?: Partial<HistoryFilter>])[] = [
  ...[0, 1, 2, 5, 10, 50, 200, 1000, 4000, 7900].map((rank) => [wordOf(rank)] as const),
  ...[[0, 1], [1, 30], [5, 100], [40, 41], [300, 2], [900, 901], [3000, 0]].map(
    (ranks) => [ranks.map(wordOf).join(" ")] as const,
  ),
  ...[[0, 1, 2], [3, 10, 40], [100, 101, 102]].map(
    (ranks) => [ranks.map(wordOf).join(" ")] as const,
  ),
  ...["b", "st", "tra", "gro", "mea", "s", "pr"].map((beginning) => [beginning] as const),
  ["st tr", {}],
  ["zzz", {}],
  [`${wordOf(0)} zzz`, {}],
  [wordOf(1), { status: "failed" }],
  [wordOf(3), { status: "running", processor: "pro", output: "json" }],
  [`${wordOf(8)} ${wordOf(60)}`, { processor: "lite" }],
];

async function measureSearch(stores: readonly Store[]): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const store of stores) {
    const times: number[] = [], rounds: number[] = [];
    let slowest = { ms: 0, query: "" };
    for (let round = 0; round < 6; round++) {
      for (const [query, filter] of QUERIES) {
        const ms = await timed(() =>
          searchHistory(store.kv, OWNER, {
            query,
            cursor: null,
            limit: PAGE,
            filter: { ...NO_FILTER, ...filter },
          })
        );
        // The first round warms up.
        if (round === 0) continue;
        times.push(ms);
        if (ms > slowest.ms) slowest = { ms, query };
      }
      if (round > 0) rounds.push(percentile(times.slice(-QUERIES.length), 0.95));
    }
    results.push({
      name: `history: search's first 25 at ${store.runs.toLocaleString("en")}, p95`,
      value: percentile(times, 0.95),
      unit: "ms",
      peer: PROMISE,
      spread: spreadOf(rounds),
      ...(store.runs === 200_000 ? { target: "<= 40 ms" } : {}),
      note: `${QUERIES.length} queries; median ${median(times).toFixed(1)} ms, slowest ${
        slowest.ms.toFixed(0)
      } ms (${slowest.query})`,
    });
  }
  return results;
}

async function measureCreates(stores: readonly Store[]): Promise<BenchResult[]> {
  const keyring = await Keyring.from(["s".repeat(32)]);
  const sealedKey = await keyring.seal("key");
  const committers = new Map(stores.map((store) => [store, new Committer(store.kv)]));
  let count = 0;
  const create = async (store: Store) => {
    const run_id = `trun_new${count++}`;
    const now = Date.UTC(2026, 10, 1) + count;
    await storeRun(
      { committer: committers.get(store)!, keyring, now: () => now },
      { id: OWNER, sealedKey },
      {
        task: {
          run_id,
          interaction_id: run_id,
          status: "queued",
          is_active: true,
          processor: "lite",
          created_at: new Date(now).toISOString(),
          modified_at: null,
        },
        input: { input: "What does a create cost?", processor: "lite" },
        source: "form",
        simulated: false,
      },
    );
  };
  const tasks = stores.map((store): Task => ({ store, count: 1, work: () => create(store) }));
  return compared("history: create", tasks, await inTurns(tasks, CREATES));
}

/** Work whose time depends on the store it is done on. */
interface Task {
  readonly store: Store;
  /** How often it is done at once. */
  readonly count: number;
  readonly work: () => Promise<unknown>;
}

/** What each task took in each round (ms). */
type Times = ReadonlyMap<Task, readonly number[]>;

/**
 * What each task takes (ms), divided by how often it was done at once. Every round does all tasks, in an
 * order of its own.
 *
 * A small read alone measures which thread wakes which: for seconds on end it takes half as long again,
 * and two copies of one store differ by a third. Several at once keep the threads awake, and copies of
 * one store agree within 2 %.
 */
async function inTurns(
  tasks: readonly Task[],
  rounds: number,
): Promise<Times> {
  const times = new Map<Task, number[]>(tasks.map((task) => [task, []]));
  const once = async ({ count, work }: Task) => {
    const started = performance.now();
    await Promise.all(Array.from({ length: count }, work));
    return (performance.now() - started) / count;
  };
  for (const task of tasks) for (let warm = 0; warm < 3; warm++) await once(task);
  for (let round = 0; round < rounds; round++) {
    for (const task of shuffled(tasks)) times.get(task)!.push(await once(task));
  }
  return times;
}

function compared(
  name: string,
  tasks: readonly Task[],
  times: Times,
): BenchResult[] {
  const smallest = times.get(tasks[0]!) ?? [];
  return tasks.map((task, at): BenchResult => {
    const own = times.get(task) ?? [], value = middleMean(own);
    const row = { name: `${name} at ${task.store.runs.toLocaleString("en")}`, value, unit: "ms" };
    if (at === 0) return { ...row, peer: PROMISE, spread: spreadOf(own) };
    return {
      ...row,
      peer: "at 100",
      ratio: value / middleMean(smallest),
      spread: spreadOf(ratiosOf(own, smallest)),
      target: "<= 1.3x",
    };
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function middleMean(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const quarter = sorted.length >> 2;
  const middle = sorted.slice(quarter, sorted.length - quarter);
  return sum(middle) / middle.length;
}

function shuffled<T>(values: readonly T[]): T[] {
  const order = values.map((value) => ({ value, at: Math.random() }));
  return order.sort((a, b) => a.at - b.at).map(({ value }) => value);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

if (import.meta.main) {
  const lines = (await run()).map((result) => JSON.stringify(result));
  Deno.stdout.writeSync(new TextEncoder().encode(lines.join("\n") + "\n"));
}
