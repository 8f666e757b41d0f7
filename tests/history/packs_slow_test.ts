/**
 * Packs change nothing that a search finds, and keep no word of a removed run: whatever changes, at whatever
 * moment. Compared with a scan of every run.
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { Committer } from "../../lib/store/committer.ts";
import { createLog } from "../../lib/base/log.ts";
import { memberKey, NEW_MEMBER } from "../../lib/runs/history/keys.ts";
import { NO_FILTER } from "../../lib/runs/history/mod.ts";
import { removeRun, restoreRun } from "../../lib/runs/life/removal.ts";
import type { PackPart } from "../../lib/runs/search/pack.ts";
import { Packer, packHistory } from "../../lib/runs/search/packer.ts";
import { dropPack, readPacks } from "../../lib/runs/search/packs.ts";
import { unindex } from "../../lib/runs/search/reindex.ts";
import { searchHistory } from "../../lib/runs/search/search.ts";
import { Random } from "../campaign/random.ts";
import { type Store, withStore } from "./search_store.ts";

const DAY_MS = 86_400_000;
/** Much later than any run was created. */
const LATER_MS = 40 * DAY_MS;
const PACK = { most: 8, least: 3 };

const pack = ({ kv, committer }: Store, nowMs = LATER_MS) =>
  packHistory({ kv, committer, now: () => nowMs }, "a", PACK);

/** Deletes a run for good. */
async function purge({ kv, committer }: Store, runId: string): Promise<void> {
  await removeRun({ kv, committer, now: () => 5000 }, "a", runId, { undoMs: 0 });
  const fence = await kv.get(["deleted", "a", runId]);
  assert(await unindex(kv, committer, { account: "a", runId, createdMs: createdMs(runId) }, fence));
}

async function retitle(store: Store, runId: string, title: string): Promise<void> {
  await store.kv.set(memberKey("a", runId), { ...NEW_MEMBER, title });
  await store.kv.set(["unindexed", "a", runId], createdMs(runId));
}

const createdMs = (runId: string) => Number(runId.slice("trun_".length));

/** All words in packs, listed or not. */
async function packedWords({ kv }: Store): Promise<string> {
  let words = "";
  for await (const { key, value } of kv.list<PackPart>({ prefix: ["pack"] })) {
    if (key[3] === "part") words += ` ${value.words}`;
  }
  return words;
}

/** What is found, over all pages. */
async function foundBy(
  { kv }: Store,
  query: string,
  more: Partial<Parameters<typeof searchHistory>[2]> = {},
): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | null = null, pages = 0;; pages++) {
    assert(pages < 500, `${query} does not come to an end`);
    const options = { query, cursor, limit: 4, filter: NO_FILTER, longKeys: 0, ...more };
    const page = await searchHistory(kv, "a", options);
    found.push(...page.runs.map(({ run_id }) => run_id));
    cursor = page.next;
    if (cursor === null) return found;
  }
}

const WORDS = ["ab", "abc", "abd", "b", "ba", "bab", "c", "cab", "1,234", "née", "東京都"];
const QUERIES = [
  "a",
  "ab",
  "b",
  "abc",
  "a b",
  "ba c",
  "cab",
  "1234",
  "nee",
  "東京",
  "東 a",
  "z",
  "a z",
];

/** Whether a word of the texts matches each term of a query. */
function matches(texts: readonly string[], query: string): boolean {
  const words = texts.join(" ").split(" ").flatMap((word) =>
    word === "1,234" ? ["1", "234", "1234"] : word.replace("é", "e")
  );
  return query.split(" ").every((term) =>
    words.some((word) => word.startsWith(term) || word.includes(term) && word === "東京都")
  );
}

/** A run as the test knows it. */
interface Known {
  readonly input: string;
  readonly processor: string;
  readonly title: string;
  readonly result: string | null;
}

for (let seed = 1; seed <= 4; seed++) {
  Deno.test(`whatever changes, a search with packs finds what a scan finds: seed ${seed}`, () =>
    withStore(async (store) => {
      const random = new Random(seed);
      const text = () =>
        Array.from({ length: random.between(1, 3) }, () => random.pick(WORDS)).join(" ");
      const { kv } = store, context = { kv, committer: store.committer, now: () => 5000 };
      let runs = new Map<string, Known>(), packed = 0;
      let backup = { runs, entries: [] as Deno.KvEntry<unknown>[] };
      const changes: Record<string, () => Promise<unknown>> = {
        add: async () => {
          const input = text(), processor = random.pick(["lite", "base"]);
          const id = await store.add(input, { processor });
          runs.set(id, { input, processor, title: "", result: null });
        },
        finish: async () => {
          const [id, run] = random.pick([...runs]), result = text();
          if (run.result !== null) return;
          await store.finish(id, result);
          runs.set(id, { ...run, result });
        },
        retitle: async () => {
          const [id, run] = random.pick([...runs]), title = text();
          await retitle(store, id, title);
          runs.set(id, { ...run, title });
        },
        purge: async () => {
          const [id] = random.pick([...runs]);
          await purge(store, id);
          runs.delete(id);
        },
        undo: async () => {
          const [id] = random.pick([...runs]);
          await removeRun(context, "a", id, { undoMs: 1000 });
          if (random.chance(0.5)) await pack(store);
          await restoreRun(context, "a", id, { undoMs: 1000 });
        },
        backup: async () => {
          const entries = await Array.fromAsync(kv.list<unknown>({ prefix: [] }));
          backup = { runs: new Map(runs), entries };
        },
        restore: async () => {
          if (backup.entries.length === 0) return;
          for await (const { key } of kv.list({ prefix: [] })) await kv.delete(key);
          for (const { key, value } of backup.entries) await kv.set(key, value);
          runs = new Map(backup.runs);
        },
        pack: () => pack(store),
      };
      for (let n = 0; n < 30; n++) await changes["add"]!();
      for (let step = 0; step < 60 && runs.size > 0; step++) {
        const name = random.pick([...Object.keys(changes), "add", "pack", "pack"]);
        await changes[name]!();
        await store.index();
        packed = Math.max(packed, (await readPacks(kv, "a")).packs.length);
        for (const query of [random.pick(QUERIES), random.pick(QUERIES)]) {
          const fits = (want: (run: Known, id: string) => boolean) =>
            [...runs].filter(([id, run]) =>
              matches([run.input, run.title, run.result ?? ""], query) && want(run, id)
            ).map(([id]) => id).sort().reverse();
          const label = `step ${step}, ${name}, ${query}`;
          assertEquals(await foundBy(store, query), fits(() => true), label);
          const filter = { ...NO_FILTER, processor: "base" };
          const based = fits(({ processor }) => processor === "base");
          assertEquals(
            await foundBy(store, query, { filter, longKeys: random.pick([0, 40]), maxKeys: 600 }),
            based,
            label,
          );
          const from_ms = random.between(1000, 1030), to_ms = from_ms + 20;
          const dated = fits((_, id) => createdMs(id) >= from_ms && createdMs(id) < to_ms);
          const dates = { ...NO_FILTER, from_ms, to_ms };
          assertEquals(await foundBy(store, query, { filter: dates }), dated, label);
        }
      }
      assert(packed > 2, `${packed} packs`);
    }));
}

/** A store with some indexed runs, each with a word of its own. */
async function filled(store: Store): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < 20; n++) ids.push(await store.add(`common own${n}x`));
  await store.index();
  return ids;
}

/** A committer that does something else before one of its commits. */
function overtaken(committer: Committer, at: number, act: () => Promise<void>) {
  const made = { commits: 0 };
  const commit = async (write: Parameters<Committer["commit"]>[0]) => {
    if (++made.commits === at) await act();
    return await committer.commit(write);
  };
  return { made, committer: { commit } as Committer };
}

for (const kind of ["purge", "retitle"] as const) {
  Deno.test(`a ${kind} at any moment of packing leaves no old word, and nothing unfound`, async () => {
    for (let at = 1, happened = true; happened; at++) {
      await withStore(async (store) => {
        const { kv } = store;
        const ids = await filled(store);
        const id = ids[5]!;
        await retitle(store, id, "secret");
        await store.index();
        const { made, committer } = overtaken(store.committer, at, async () => {
          if (kind === "purge") await purge(store, id);
          else await retitle(store, id, "open");
          await store.index();
          assert(!(await packedWords(store)).includes("secret"), `at commit ${at}`);
        });
        await packHistory({ kv, committer, now: () => LATER_MS }, "a", PACK);
        happened = made.commits >= at;
        if (!happened) return;
        assert(!(await packedWords(store)).includes("secret"), `after commit ${at}`);
        assertEquals(await foundBy(store, "secret"), []);
        if (kind === "purge") ids.splice(5, 1);
        assertEquals(await foundBy(store, "common"), ids.toReversed());
        if (kind === "retitle") assertEquals(await foundBy(store, "open"), [id]);
      });
    }
  });
}

Deno.test("a packer that dies at any moment leaves no word of a removed run, and the next one goes on", async () => {
  for (let at = 1, died = true; died; at++) {
    await withStore(async (store) => {
      const { kv } = store;
      const ids = await filled(store);
      const dying = overtaken(store.committer, at, () => Promise.reject(new Error("died")));
      died = await packHistory({ kv, committer: dying.committer, now: () => LATER_MS }, "a", PACK)
        .then(() => false, () => true);
      for (const n of [2, 17]) await purge(store, ids[n]!);
      assert(!/own(2|17)x/.test(await packedWords(store)), `death ${at}`);
      const left = ids.filter((_, n) => n !== 2 && n !== 17);
      assertEquals(await foundBy(store, "common"), left.toReversed(), `death ${at}`);
      await pack(store, LATER_MS + DAY_MS);
      const { packs } = await readPacks(kv, "a");
      assert(packs.length > 1 && packs.every(({ state }) => state === "ready"), `death ${at}`);
      const listed = new Set(packs.map((entry) => entry.id));
      for await (const { key } of kv.list({ prefix: ["pack"] })) assert(listed.has(String(key[2])));
      assertEquals(await foundBy(store, "common"), left.toReversed(), `death ${at}`);
    });
  }
});

Deno.test("removing all runs of an account removes its packs", () =>
  withStore(async (store) => {
    const ids = await filled(store);
    await pack(store);
    assert((await packedWords(store)).includes("own7x"));
    for (const id of ids) await purge(store, id);
    for (const name of ["pack", "packs", "term", "terms", "text"]) {
      assertEquals(await Array.fromAsync(store.kv.list({ prefix: [name] })), [], name);
    }
  }));

Deno.test("a search reads keys where a pack is removed while it reads it", async () => {
  for (let at = 1, happened = true; happened; at++) {
    await withStore(async (store) => {
      const { kv, committer } = store;
      const ids = await filled(store);
      await pack(store);
      let reads = 0;
      const reading = new Proxy(kv, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== "function") return value;
          return async (...args: unknown[]) => {
            const [keys] = args as [readonly Deno.KvKey[]];
            if (keys[0]?.[0] === "pack" && ++reads === at) {
              const { packs } = await readPacks(target, "a");
              for (const { id } of packs) await dropPack(target, committer, "a", id);
            }
            return await Reflect.apply(value, target, args) as unknown;
          };
        },
      });
      // Of KV's methods, lists are no promises.
      const mixed = new Proxy(reading, {
        get: (target, name) => name === "getMany" ? target.getMany : Reflect.get(kv, name).bind(kv),
      });
      const options = { query: "common", cursor: null, limit: 25, filter: NO_FILTER, longKeys: 0 };
      const page = await searchHistory(mixed, "a", options);
      assertEquals(page.runs.map(({ run_id }) => run_id), ids.toReversed(), `read ${at}`);
      assertStrictEquals(page.partial, false);
      happened = reads >= at;
    });
  }
});

Deno.test("younger runs, and few, have no pack; a search that walks far asks for packs", () =>
  withStore(async (store) => {
    await filled(store);
    await pack(store, DAY_MS);
    assertEquals((await readPacks(store.kv, "a")).packs, []);
    await packHistory({ ...store, now: () => LATER_MS }, "a", { most: 8, least: 21 });
    assertEquals((await readPacks(store.kv, "a")).packs, []);
    let asked = 0;
    const onLong = () => void asked++;
    await foundBy(store, "common", { onLong, longKeys: 100 });
    assertStrictEquals(asked, 0);
    await foundBy(store, "common", { onLong, limit: 25 });
    assertStrictEquals(asked, 1);
  }));

Deno.test("packs are built once in ten minutes for an account that asks, and not after a stop", () =>
  withStore(async (store) => {
    const { kv, committer, lines } = store;
    const ids = await filled(store);
    let nowMs = LATER_MS;
    const log = createLog({
      level: "debug",
      format: "text",
      write: (line) => void lines.push(line),
    });
    const packer = new Packer({ kv, committer, now: () => nowMs, log, packs: PACK });
    const built = async () => {
      for (const account of ["b", "a", "a"]) packer.want(account);
      await packer.settled();
      return (await readPacks(kv, "a")).packs.map(({ id }) => id);
    };
    const first = await built();
    assertStrictEquals(first.length, 3);
    await purge(store, ids[0]!);
    const left = first.slice(1);
    assertEquals(await built(), left);
    nowMs += 600_000;
    const again = await built();
    assertStrictEquals(again.length, 3);
    assertEquals(again.slice(1), left);
    await purge(store, ids[1]!);
    nowMs += 600_000;
    await packer.drain();
    assertEquals(await built(), left);
    assertEquals(lines, []);
  }));
