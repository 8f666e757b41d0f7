/**
 * The history at 100, 10,000 and 200,000 runs of one owner among 50 others: the first page, every
 * combination of filters, a search, a create. What is compared is one size with another, measured in
 * turns in one run, so that what else the machine does falls on all of them.
 */
import { join } from "node:path";
import { Keyring } from "../../lib/accounts/keyring.ts";
import { Committer } from "../../lib/kv/committer.ts";
import { storeRun } from "../../lib/runs/create.ts";
import type { HistoryFilter } from "../../lib/runs/history.ts";
import { NO_FILTER, readHistory } from "../../lib/runs/history/page.ts";
import { searchHistory } from "../../lib/runs/history/search/search.ts";
import type { BenchResult } from "../types.ts";
import { lineOf, OUTPUTS, OWNER, PROCESSORS, seed, STATUSES } from "./seed.ts";
import { wordOf } from "./words.ts";

/** Words of each run: few at 200,000, for the seed is to take minutes and not an hour. */
const SIZES = [
  { runs: 100, words: 60 },
  { runs: 10_000, words: 60 },
  { runs: 200_000, words: 3 },
] as const;
const ROUNDS = 30;
const CREATES = 200;
const PAGE = 25;

interface Store {
  readonly runs: number;
  readonly kv: Deno.Kv;
  readonly seedMs: number;
}

/** Seeds the stores and measures them, some three minutes. */
export async function run(): Promise<BenchResult[]> {
  const folder = await Deno.makeTempDir({ prefix: "taskstream-bench-" });
  const stores: Store[] = [];
  try {
    for (const size of SIZES) {
      const kv = await Deno.openKv(join(folder, `${size.runs}.db`));
      stores.push({ runs: size.runs, kv, seedMs: await seed(kv, size) });
    }
    return [
      ...stores.map(({ runs, seedMs }): BenchResult => ({
        name: `history: seed ${runs.toLocaleString("en")} runs`,
        value: Math.round(seedMs),
        unit: "ms",
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
  const list = (filter: HistoryFilter, limit: number) => (store: Store) =>
    readHistory(store.kv, OWNER, { filter, limit });
  const results = [
    ...compared(
      "history: first page of 25",
      await inTurns(stores, ROUNDS * 4, list(NO_FILTER, PAGE)),
    ),
  ];
  // The same number of lines at every size: a page is as long as the smallest store can fill it.
  const worst = { few: 0, full: 0 };
  const all = { few: new Map<Store, number>(), full: new Map<Store, number>() };
  for (const filter of combinations()) {
    const lines = (await list(filter, PAGE)(stores[0]!)).runs.length;
    if (lines === 0) throw new Error("A combination of filters finds nothing at 100 runs");
    const few = await inTurns(stores, ROUNDS, list(filter, lines));
    worst.few = Math.max(worst.few, ratio(few, stores[2]!, stores[0]!));
    const full = await inTurns(stores.slice(1), ROUNDS, list(filter, PAGE));
    worst.full = Math.max(worst.full, ratio(full, stores[2]!, stores[1]!));
    for (const [into, times] of [[all.few, few], [all.full, full]] as const) {
      for (const [store, ms] of times) into.set(store, (into.get(store) ?? 0) + ms);
    }
  }
  const count = combinations().length;
  const note = (worst: number) => `${count} combinations; the worst one ${worst.toFixed(2)}x`;
  return [
    ...results,
    {
      name: "history: filtered page at 200,000, as long as at 100",
      value: all.few.get(stores[2]!)! / count,
      unit: "ms",
      peer: "at 100",
      ratio: ratio(all.few, stores[2]!, stores[0]!),
      target: "<= 1.3x",
      note: note(worst.few),
    },
    {
      name: "history: filtered page of 25 at 200,000",
      value: all.full.get(stores[2]!)! / count,
      unit: "ms",
      peer: "at 10,000",
      ratio: ratio(all.full, stores[2]!, stores[1]!),
      target: "<= 1.3x",
      note: note(worst.full),
    },
  ];
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
    const times: number[] = [];
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
    }
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
    results.push({
      name: `history: search's first 25 at ${store.runs.toLocaleString("en")}, p95`,
      value: at(0.95),
      unit: "ms",
      ...(store.runs === 10_000 ? { target: "< 100 ms" } : {}),
      note: `${QUERIES.length} queries; median ${at(0.5).toFixed(1)} ms, slowest ${
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
  return compared("history: create", await inTurns(stores, CREATES, create));
}

/** Median times of each store (ms), measured in turns. */
async function inTurns(
  stores: readonly Store[],
  rounds: number,
  work: (store: Store) => Promise<unknown>,
): Promise<Map<Store, number>> {
  const times = new Map<Store, number[]>(stores.map((store) => [store, []]));
  for (const store of stores) for (let warm = 0; warm < 3; warm++) await work(store);
  for (let round = 0; round < rounds; round++) {
    for (const store of stores) times.get(store)!.push(await timed(() => work(store)));
  }
  return new Map([...times].map(([store, own]) => [store, median(own)]));
}

function compared(name: string, times: ReadonlyMap<Store, number>): BenchResult[] {
  const [small] = times.keys();
  return [...times].map(([store, value]) => ({
    name: `${name} at ${store.runs.toLocaleString("en")}`,
    value,
    unit: "ms",
    ...(small === undefined || store === small ? {} : {
      peer: "at 100",
      ratio: value / times.get(small)!,
      target: "<= 1.3x",
    }),
  }));
}

function ratio(times: ReadonlyMap<Store, number>, large: Store, small: Store): number {
  return times.get(large)! / times.get(small)!;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

if (import.meta.main) {
  const lines = (await run()).map((result) => JSON.stringify(result));
  Deno.stdout.writeSync(new TextEncoder().encode(lines.join("\n") + "\n"));
}
