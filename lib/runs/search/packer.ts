/**
 * Builds packs of the older runs of an account, so that a search that walks far back reads few large values.
 * Starts after a search had to walk far, and delays nothing: without packs, a search finds the same runs.
 */
import type { Committer } from "../../store/mod.ts";
import { type Log, reasonOf } from "../../base/mod.ts";
import { historyPrefix, packPrefix, type Position, positionOf } from "../history/mod.ts";
import { firstOf, PACK_RUNS, PackBuilder, type PackHead } from "./pack.ts";
import { dropPack, type PackEntry, type Packs, packsMutation, readPacks } from "./packs.ts";
import { readTerms } from "./terms.ts";

/** The dependencies for building packs. */
export interface PackerContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  readonly log: Log;
  readonly packs?: PackOptions;
}

/** Younger runs still change, so their terms stay in keys alone (ms). */
const AGE_MS = 86_400_000;
/** The fewest runs of a stretch that gets a pack: fewer keys are read as fast. */
const LEAST_RUNS = 1_024;
/** The most packs of an account: their list is one value. */
const MAX_PACKS = 400;
/** After this time, a builder that has not finished counts as dead (ms). */
const BUILD_MS = 600_000;
/** The shortest time between two passes over an account (ms). */
const PAUSE_MS = 600_000;
/** The most accounts whose last pass is remembered. */
const MAX_REMEMBERED = 1_000;
/** How many runs' terms to read at once, and values per commit: less than 200 KB. */
const [AT_ONCE, VALUES] = [16, 12];

/** Builds packs for accounts on request, one account at a time. One per process. */
export class Packer {
  readonly #context: PackerContext;
  readonly #wanted = new Set<string>();
  readonly #passes = new Map<string, number>();
  readonly #close = new AbortController();
  #running: Promise<void> | null = null;

  constructor(context: PackerContext) {
    this.#context = context;
  }

  /** Call when a search walked far. */
  want(account: string): void {
    const { now } = this.#context;
    const lastMs = this.#passes.get(account) ?? -Infinity;
    if (this.#close.signal.aborted || now() < lastMs + PAUSE_MS) return;
    if (this.#passes.size >= MAX_REMEMBERED) this.#passes.clear();
    this.#passes.set(account, now());
    this.#wanted.add(account);
    this.#running ??= this.#run().finally(() => this.#running = null);
  }

  /** Resolves when all requested packs are built. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Stops building. The next builder takes over. */
  async drain(): Promise<void> {
    this.#close.abort();
    await this.settled();
  }

  async #run(): Promise<void> {
    for (const account of this.#wanted) {
      this.#wanted.delete(account);
      if (this.#close.signal.aborted) return;
      try {
        const { packs } = this.#context;
        await packHistory(this.#context, account, { ...packs, signal: this.#close.signal });
      } catch (error) {
        this.#context.log("error", "packing failed", { reason: reasonOf(error) });
      }
    }
  }
}

/** How to build packs. */
export interface PackOptions {
  /** Abort to stop before the next pack. */
  readonly signal?: AbortSignal;
  /** The most runs of a pack, and the fewest of a stretch that gets one. */
  readonly most?: number;
  readonly least?: number;
}

/** Builds all packs that an account can have. */
export async function packHistory(
  { kv, committer, now }: Pick<PackerContext, "kv" | "committer" | "now">,
  account: string,
  { signal, most = PACK_RUNS, least = LEAST_RUNS }: PackOptions = {},
): Promise<void> {
  await cleanUp(kv, committer, account, now());
  const endMs = now() - AGE_MS;
  for (let fromMs = Number.MIN_SAFE_INTEGER; fromMs < endMs && !signal?.aborted;) {
    const { packs, check } = await readPacks(kv, account);
    if (packs.length >= MAX_PACKS) return;
    const next = packs.find(({ to_ms }) => to_ms > fromMs);
    if (next !== undefined && next.from_ms <= fromMs) {
      fromMs = next.to_ms;
      continue;
    }
    const gap = { from_ms: fromMs, to_ms: Math.min(endMs, next?.from_ms ?? endMs) };
    const runs = await runsOf(kv, account, gap, most + 1);
    const firstMs = runs[0]?.created_ms, restMs = runs[most]?.created_ms;
    // More runs in one moment than a pack holds stay keys alone.
    fromMs = restMs === undefined ? gap.to_ms : restMs === firstMs ? restMs + 1 : restMs;
    if (runs.length < least || restMs === firstMs) continue;
    const stretch = { from_ms: gap.from_ms, to_ms: fromMs };
    const id = crypto.randomUUID();
    const entry: PackEntry = { id, ...stretch, state: "building", until_ms: now() + BUILD_MS };
    const mutations = [packsMutation(account, [...packs, entry])];
    if (!(await committer.commit({ checks: [check], mutations })).ok) {
      fromMs = gap.from_ms;
      continue;
    }
    // From here on, a run of this time that changes takes the entry off the list.
    const toMs = await build(kv, committer, account, entry, most);
    if (toMs === null) await dropPack(kv, committer, account, id);
    else fromMs = toMs;
  }
}

/** Removes packs that other builders left unfinished. */
async function cleanUp(
  kv: Deno.Kv,
  committer: Committer,
  account: string,
  nowMs: number,
): Promise<void> {
  for (const { id, state, until_ms = 0 } of (await readPacks(kv, account)).packs) {
    const isLeft = state === "dropped" || (state === "building" && until_ms < nowMs);
    if (isLeft) await dropPack(kv, committer, account, id);
  }
}

/** Builds a pack of a stretch's oldest runs. Returns its end (Unix ms), or `null` if there is none. */
async function build(
  kv: Deno.Kv,
  committer: Committer,
  account: string,
  entry: PackEntry,
  most: number,
): Promise<number | null> {
  // Read again: some may have been added before the pack was listed.
  const positions = await runsOf(kv, account, entry, most + 1);
  const builder = new PackBuilder(most);
  let to_ms = entry.to_ms;
  fill: for (let from = 0; from < positions.length; from += AT_ONCE) {
    const some = positions.slice(from, from + AT_ONCE);
    const read = await Promise.all(some.map(({ run_id }) => readTerms(kv, account, run_id)));
    for (const [at, position] of some.entries()) {
      if (builder.add(position, read[at]!.terms)) continue;
      to_ms = position.created_ms;
      break fill;
    }
  }
  builder.cut(to_ms);
  // So many runs have one creation time that no pack within the limits can end before or after them.
  if (builder.size === 0) return null;
  let values: Deno.KvMutation[] = [];
  const write = async (name: string, number: number, value: unknown): Promise<boolean> => {
    values.push({ type: "set", key: [...packPrefix(account, entry.id), name, number], value });
    if (values.length < VALUES && name !== "head") return true;
    const some = values;
    values = [];
    // Each commit lets the process do other things, too.
    return await commitListed(kv, committer, account, entry.id, () => some);
  };
  const firsts: string[] = [];
  for (const part of builder.parts()) {
    if (!await write("part", firsts.push(firstOf(part)) - 1, part)) return null;
  }
  for (const [number, table] of [...builder.tables()].entries()) {
    if (!await write("table", number, table)) return null;
  }
  const head: PackHead = { runs: builder.size, firsts };
  if (!await write("head", 0, head)) return null;
  const isReady = await commitListed(kv, committer, account, entry.id, (packs) => {
    const others = packs.filter(({ id }) => id !== entry.id);
    const ready = { id: entry.id, from_ms: entry.from_ms, to_ms, state: "ready" } as const;
    return [packsMutation(account, [...others, ready])];
  });
  return isReady ? to_ms : null;
}

/** Commits if the pack is still being built. Returns `false` if a run of its time changed. */
async function commitListed(
  kv: Deno.Kv,
  committer: Committer,
  account: string,
  id: string,
  mutations: (packs: Packs) => readonly Deno.KvMutation[],
): Promise<boolean> {
  for (;;) {
    const { packs, check } = await readPacks(kv, account);
    if (packs.find((pack) => pack.id === id)?.state !== "building") return false;
    // Another pack of the account may have changed.
    const write = { checks: [check], mutations: mutations(packs) };
    if ((await committer.commit(write)).ok) return true;
  }
}

/** Returns the oldest runs of a stretch of an account's history. */
async function runsOf(
  kv: Deno.Kv,
  account: string,
  { from_ms, to_ms }: Pick<PackEntry, "from_ms" | "to_ms">,
  limit: number,
): Promise<Position[]> {
  const prefix = historyPrefix(account);
  const selector = { start: [...prefix, from_ms], end: [...prefix, to_ms] };
  const entries = kv.list(selector, { limit, batchSize: 500 });
  return await Array.fromAsync(entries, ({ key }) => positionOf(key));
}
