/** Reads the runs of a search from packs, several packs at a time. */
import { packPrefix, type Position, readMany } from "../history/mod.ts";
import {
  markRuns,
  type PackHead,
  type PackPart,
  type PackTable,
  partsFor,
  TABLE_RUNS,
} from "./pack.ts";
import type { PackEntry } from "./packs.ts";
import { type Budget, BudgetError, compare, type RankedPostings, type Walk } from "./postings.ts";
import type { QueryTerm } from "./tokens.ts";

/** A pack was removed while it was read: a run of its time changed. */
export class PackGoneError extends Error {
  override name = "PackGoneError";
}

/** The most packs to read at once. Starts with one, and doubles unless that takes too many parts. */
const MAX_AT_ONCE = 8;
/** About how many parts to read at once, as estimated from the last read: 2 MB. One pack is always read whole. */
const MANY_PARTS = 128;
/** How many matches' places to look up together, at first and at most. Doubles each time. */
const [MATCHES, MAX_MATCHES] = [32, 256];
/** The cost of reading a value of a pack, in keys. */
const VALUE_COST = 5;

interface Match {
  readonly pack: PackEntry;
  readonly run: number;
}

/** The runs of packs that have a word for each term of a search. */
export class PackedPostings implements RankedPostings {
  readonly term = null;
  readonly width = 1;
  readonly #kv: Deno.Kv;
  readonly #account: string;
  readonly #terms: readonly QueryTerm[];
  readonly #walk: Walk;
  readonly #budget: Budget;
  /** In walk order. */
  readonly #packs: PackEntry[];
  #atOnce = 1;
  #places = MATCHES;
  #matches: Match[] = [];
  #found: Position[] = [];
  #head = 0;
  #density = 0;
  readonly #tables = new Map<string, PackTable>();

  constructor(
    kv: Deno.Kv,
    account: string,
    { packs, terms, walk, budget }: {
      readonly packs: readonly PackEntry[];
      readonly terms: readonly QueryTerm[];
      readonly walk: Walk;
      readonly budget: Budget;
    },
  ) {
    this.#kv = kv;
    this.#account = account;
    this.#terms = terms;
    this.#walk = walk;
    this.#budget = budget;
    this.#packs = [...packs];
  }

  /** Everything before it in the walk is done. */
  reached: Position | null = null;

  get density(): number {
    return this.#density;
  }

  async peek(): Promise<Position | null> {
    for (;;) {
      const next = this.#found[this.#head];
      if (next !== undefined) return next;
      if (this.#matches.length > 0) await this.#place();
      else if (this.#packs.length > 0) await this.#read();
      else return null;
    }
  }

  skip(): void {
    this.#head++;
  }

  seek(to: Position): void {
    for (;; this.#head++) {
      const next = this.#found[this.#head];
      if (next === undefined) break;
      if (compare(next, to, this.#walk) >= 0) return;
    }
    const isBefore = ({ from_ms, to_ms }: PackEntry) =>
      this.#walk.older ? from_ms > to.created_ms : to_ms <= to.created_ms;
    this.#matches = this.#matches.filter(({ pack }) => !isBefore(pack));
    while (this.#packs[0] !== undefined && isBefore(this.#packs[0])) this.#packs.shift();
    this.#from = to;
  }

  /** Skip found runs before this position. */
  #from: Position | null = null;

  /** Finds the matches of the next packs. */
  async #read(): Promise<void> {
    const packs = this.#packs.slice(0, this.#atOnce);
    const heads = await this.#values<PackHead>(packs.map((pack) => this.#key(pack, "head", 0)));
    const wanted = packs.flatMap((pack, at) => {
      const byTerm = this.#terms.map((term) => partsFor(heads[at]!, term));
      // One term has no word here.
      if (byTerm.some((parts) => parts.length === 0)) return [];
      return [...new Set(byTerm.flat())].map((number) => ({ pack, number }));
    });
    const read = await this.#values<PackPart>(
      wanted.map(({ pack, number }) => this.#key(pack, "part", number)),
    );
    const matches = packs.flatMap((pack, at): Match[] => {
      const parts = read.filter((_, index) => wanted[index]!.pack === pack);
      const runs = runsWithAll(parts, this.#terms, heads[at]!.runs);
      if (this.#walk.older) runs.reverse();
      return runs.map((run) => ({ pack, run }));
    });
    this.#matches = matches;
    const first = packs[0]!, last = packs.at(-1)!;
    const spanMs = Math.max(first.to_ms, last.to_ms) - Math.min(first.from_ms, last.from_ms);
    this.#density = matches.length / spanMs;
    this.#packs.splice(0, packs.length);
    const most = Math.floor(MANY_PARTS * packs.length / Math.max(1, wanted.length));
    this.#atOnce = Math.max(1, Math.min(MAX_AT_ONCE, 2 * this.#atOnce, most));
    if (matches.length > 0) return;
    this.reached = this.#walk.older
      ? { created_ms: last.from_ms - 1, run_id: "zzzz" }
      : { created_ms: last.to_ms, run_id: "" };
  }

  /** Looks up the places of the next matches. */
  async #place(): Promise<void> {
    const some = this.#matches.slice(0, this.#places);
    this.#places = Math.min(MAX_MATCHES, 2 * this.#places);
    const nameOf = ({ pack, run }: Match) => `${pack.id} ${Math.floor(run / TABLE_RUNS)}`;
    const missing = new Map(some.map((match) => [nameOf(match), match]));
    for (const name of this.#tables.keys()) {
      // The walk does not return to them.
      if (!missing.has(name)) this.#tables.delete(name);
      missing.delete(name);
    }
    const tables = await this.#values<PackTable>(
      [...missing.values()].map(({ pack, run }) =>
        this.#key(pack, "table", Math.floor(run / TABLE_RUNS))
      ),
    );
    [...missing.keys()].forEach((name, at) => this.#tables.set(name, tables[at]!));
    this.#matches.splice(0, some.length);
    const ids = new Map<string, readonly string[]>();
    const places = some.map((match): Position => {
      const name = nameOf(match), table = this.#tables.get(name)!;
      const own = ids.get(name) ?? table.ids.split(" ");
      ids.set(name, own);
      const at = match.run % TABLE_RUNS;
      return { created_ms: table.created[at]!, run_id: own[at]! };
    });
    const { after, from_ms, to_ms } = this.#walk;
    this.#found = places.filter((place) =>
      place.created_ms >= from_ms && place.created_ms < to_ms &&
      (after === null || compare(place, after, this.#walk) > 0) &&
      (this.#from === null || compare(place, this.#from, this.#walk) >= 0)
    );
    this.#head = 0;
  }

  #key(pack: PackEntry, name: string, number: number): Deno.KvKey {
    return [...packPrefix(this.#account, pack.id), name, number];
  }

  async #values<T>(keys: readonly Deno.KvKey[]): Promise<T[]> {
    if (keys.length === 0) return [];
    if (this.#budget.keys <= 0) throw new BudgetError("A search has read as much as it may");
    this.#budget.keys -= keys.length * VALUE_COST;
    return (await readMany<T>(this.#kv, keys)).map((value) => {
      if (value === null) throw new PackGoneError("A pack was removed while it was read");
      return value;
    });
  }
}

/** The numbers of the runs that have a word for each term. */
function runsWithAll(
  parts: readonly PackPart[],
  terms: readonly QueryTerm[],
  count: number,
): number[] {
  if (parts.length === 0) return [];
  const [first, ...others] = terms.map((term) => {
    const marks = new Uint8Array(count);
    for (const part of parts) markRuns(part, term, marks);
    return marks;
  });
  const runs: number[] = [];
  first?.forEach((mark, run) => {
    if (mark === 1 && others.every((marks) => marks[run] === 1)) runs.push(run);
  });
  return runs;
}
