/**
 * A search finds the same runs with any plan: with lists, checks or indexes, in one page or many, from
 * either end, and with few reads. Compared with a scan of every run.
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { matchesFacets, type RunSummary } from "../../lib/runs/model/mod.ts";
import { type HistoryFilter, joinHistory, NO_FILTER } from "../../lib/runs/history/mod.ts";
import { searchHistory } from "../../lib/runs/search/search.ts";
import { termsMutations } from "../../lib/runs/search/terms.ts";
import type { SearchText } from "../../lib/runs/search/text.ts";
import { termPrefix, textKey } from "../../lib/runs/mod.ts";
import { Committer } from "../../lib/store/committer.ts";
import { newSummary } from "../runs/log_tools.ts";

const RUNS = 640;
const PROCESSORS = ["lite", "base", "core", "pro"];

/** Words by how many there are of a beginning: few, more than 64, more than 128, more than 512. */
function wordsOf(n: number): string[] {
  const own = [`all${n % 600}`, `big${(n * 7) % 300}`, `few${n % 11}`];
  if (n % 9 === 0) own.push(`mid${(n * 5) % 100}`);
  if (n % 31 === 0) own.push(`rare${n % 70}`);
  return own.sort();
}

function lineOf(n: number): RunSummary {
  return {
    ...newSummary(),
    run_id: `trun_${String(n).padStart(5, "0")}`,
    // Three runs of one moment now and then: their ids order them.
    created_ms: 1_000_000 + Math.floor(n / 3) * 60_000,
    status: n % 250 === 0 ? "failed" : "completed",
    processor: PROCESSORS[n % 4]!,
  };
}

const WORDS = Array.from({ length: RUNS }, (_, n) => wordsOf(n));
const LINES = Array.from({ length: RUNS }, (_, n) => lineOf(n));

/** Runs whose texts tell their words, or do not: then their lists of terms are read. */
async function seeded(hasTexts = false): Promise<Deno.Kv> {
  const kv = await Deno.openKv(":memory:");
  const committer = new Committer(kv);
  // At the same time, so that many share a commit.
  await Promise.all(LINES.map((line, n) =>
    committer.commit({
      mutations: [
        ...joinHistory("a", line, { nowMs: line.created_ms }).mutations,
        ...termsMutations("a", line.run_id, 1, WORDS[n]!),
        ...hasTexts ? [textMutation(n)] : [],
        ...WORDS[n]!.map((word): Deno.KvMutation => ({
          type: "set",
          key: [...termPrefix("a", word), line.created_ms, line.run_id],
          value: null,
        })),
      ],
    })
  ));
  return kv;
}

/** Every tenth text has a letter that only its terms tell how to read. */
function textMutation(n: number): Deno.KvMutation {
  const input = `${WORDS[n]!.join(", ")} –${n % 10 === 0 ? " ж" : ""}`;
  const value: SearchText = { input, metadata: "", result: "" };
  return { type: "set", key: textKey("a", LINES[n]!.run_id), value };
}

const QUERIES = [
  ...["all", "big", "few", "mid", "rare", "all6", "big29", "few1 mid", "all rare", "big mid rare"],
  ...["all big few mid", "mid mid9 rare", "rare3 all", "few10 big1", "none", "rare none"],
];
const FILTERS: readonly Partial<HistoryFilter>[] = [
  {},
  { processor: "pro" },
  { status: "failed" },
  { status: "failed", processor: "lite" },
  { from_ms: 1_000_000 + 90 * 60_000, to_ms: 1_000_000 + 190 * 60_000 },
];

function expected(query: string, filter: HistoryFilter): string[] {
  const prefixes = query.split(" ");
  return LINES
    .filter((_, n) => prefixes.every((prefix) => WORDS[n]!.some((word) => word.startsWith(prefix))))
    .filter((line) => matchesFacets(line, filter))
    .filter(({ created_ms: ms }) =>
      ms >= (filter.from_ms ?? 0) && ms < (filter.to_ms ?? Number.MAX_SAFE_INTEGER)
    )
    .map(({ run_id }) => run_id)
    .reverse();
}

for (const hasTexts of [true, false]) {
  Deno.test(`every query finds, over all its pages, what a scan of every run finds, ${hasTexts ? "with" : "without"} texts`, async () => {
    const kv = await seeded(hasTexts);
    for (const query of QUERIES) {
      for (const part of FILTERS) {
        const filter = { ...NO_FILTER, ...part };
        // Without a filter, pages are small, and also made with few reads.
        const isAny = part === FILTERS[0], limit = isAny ? 25 : 100;
        for (const maxKeys of isAny ? [50_000, 3_000] : [50_000]) {
          const found: string[] = [];
          let cursor: string | null = null;
          for (let pages = 0;; pages++) {
            assert(pages < 400, `${query} does not come to an end`);
            const page = await searchHistory(kv, "a", { query, cursor, limit, filter, maxKeys });
            found.push(...page.runs.map(({ run_id }) => run_id));
            cursor = page.next;
            if (cursor === null) break;
          }
          const label = `${query} ${JSON.stringify(part)} ${maxKeys}`;
          assertEquals(found, expected(query, filter), label);
        }
      }
    }
    kv.close();
  });
}

Deno.test("pages lead back to the first page", async () => {
  const kv = await seeded();
  for (const query of ["all", "big mid", "rare", "mid"]) {
    const options = { query, limit: 10, filter: NO_FILTER };
    const pages = [];
    for (let cursor: string | null = null; pages.length < 4;) {
      const page = await searchHistory(kv, "a", { ...options, cursor });
      pages.push(page);
      cursor = page.next;
      if (cursor === null) break;
    }
    assert(pages.length > 1 && pages[0]!.runs.length === 10, query);
    for (let at = pages.length - 1; at > 0; at--) {
      const back = await searchHistory(kv, "a", { ...options, cursor: pages[at]!.prev });
      assertEquals(back.runs, pages[at - 1]!.runs, `${query}, page ${at}`);
    }
  }
  kv.close();
});

Deno.test("runs with a word of a common prefix are checked by their texts, ten in one read", async () => {
  const plain = await seeded(true);
  let lists = 0;
  const kv = new Proxy(plain, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const [selector] = args as [{ readonly start?: Deno.KvKey }];
        if (name === "list" && selector.start?.[0] === "terms") lists++;
        return Reflect.apply(value, target, args);
      };
    },
  });
  const search = { query: "big", cursor: null, limit: 25, filter: NO_FILTER };
  assertStrictEquals((await searchHistory(kv, "a", search)).runs.length, 25);
  // Of the 30 runs of one read, three have a text that does not tell.
  assertStrictEquals(lists, 3);
  plain.close();
});
