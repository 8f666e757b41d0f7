/**
 * Stores with a long history of one owner among 50 others, written with the program's own mutations,
 * in commits as large as KV takes.
 */
import { Committer } from "../../lib/store/mod.ts";
import {
  indexTerms,
  joinHistory,
  termPrefix,
  termsMutations,
  textKey,
} from "../../lib/runs/mod.ts";
import type { OutputType, RunSummary } from "../../lib/runs/model/mod.ts";
import { words } from "./words.ts";

export const OWNER = "owner";
export const STATUSES = ["completed", "failed", "running"] as const;
export const PROCESSORS = ["lite", "base", "core", "pro"] as const;
export const OUTPUTS = ["auto", "text", "json"] as const;

const OTHERS = 50, RUNS_OF_OTHERS = 20;
const START_MS = Date.UTC(2025, 0, 1);
const HOUR_MS = 3_600_000;
/** Writes of one commit: KV takes 1,000. */
const MAX_MUTATIONS = 850;

/** How much text each run has (words): the beginning is its input, the rest its result. */
export interface SeedOptions {
  readonly runs: number;
  readonly words: number;
}

/** Fills a store; resolves with how long that took (ms). */
export async function seed(kv: Deno.Kv, options: SeedOptions): Promise<number> {
  const started = performance.now();
  const committer = new Committer(kv);
  let mutations: Deno.KvMutation[] = [];
  const flush = async () => {
    await committer.commit({ mutations: summed(mutations) });
    mutations = [];
  };
  const add = async (account: string, index: number) => {
    const own = runMutations(account, index, options.words);
    if (mutations.length + own.length > MAX_MUTATIONS) await flush();
    mutations.push(...own);
  };
  for (let other = 0; other < OTHERS; other++) {
    for (let index = 0; index < RUNS_OF_OTHERS; index++) await add(`other${other}`, index);
  }
  for (let index = 0; index < options.runs; index++) await add(OWNER, index);
  await flush();
  return performance.now() - started;
}

/** The line of a run: every combination of facets comes round. */
export function lineOf(index: number, title: string): RunSummary {
  const created_ms = START_MS + index * HOUR_MS / 20;
  const status = STATUSES[index % 3]!;
  return {
    run_id: `trun_${index.toString(16).padStart(32, "0")}`,
    title,
    status,
    processor: PROCESSORS[Math.floor(index / 3) % 4]!,
    price_usd: 0.01,
    output_type: OUTPUTS[Math.floor(index / 12) % 3]! as OutputType,
    progress: null,
    sources_considered: 40,
    sources_read: 12,
    created_ms,
    ended_ms: status === "running" ? null : created_ms + 20_000,
    simulated: false,
  };
}

/** One sum a counter: a commit adds to few of them many times. */
function summed(mutations: readonly Deno.KvMutation[]): Deno.KvMutation[] {
  const sums = new Map<string, { key: Deno.KvKey; value: bigint }>();
  const rest: Deno.KvMutation[] = [];
  for (const mutation of mutations) {
    if (mutation.type !== "sum") {
      rest.push(mutation);
      continue;
    }
    const name = mutation.key.join("\0");
    const value = (sums.get(name)?.value ?? 0n) + mutation.value.value;
    sums.set(name, { key: mutation.key, value });
  }
  return [
    ...rest,
    ...[...sums.values()].map(({ key, value }) =>
      ({ type: "sum", key, value: new Deno.KvU64(value) }) as const
    ),
  ];
}

function runMutations(account: string, index: number, count: number): Deno.KvMutation[] {
  const text = words(index, count);
  const input = text.slice(0, 10).join(" "), result = text.slice(10).join(" ");
  const run = lineOf(index, input);
  const terms = indexTerms([input, result]);
  return [
    // What passes by itself: the marks of what is done here, and the changes of an hour.
    ...joinHistory(account, run, { nowMs: run.created_ms }).mutations.filter(({ key }) =>
      key[0] !== "unindexed" && key[0] !== "change"
    ),
    ...terms.map((term): Deno.KvMutation => ({
      type: "set",
      key: [...termPrefix(account, term), run.created_ms, run.run_id],
      value: null,
    })),
    ...termsMutations(account, run.run_id, 1, terms),
    { type: "set", key: textKey(account, run.run_id), value: { input, metadata: "", result } },
  ];
}
