/** The result of indexing despite crashes, unreadable runs and concurrent changes. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { Committer } from "../../lib/store/committer.ts";
import { createLog } from "../../lib/base/log.ts";
import { Indexer } from "../../lib/runs/search/indexer.ts";
import { unindex } from "../../lib/runs/search/reindex.ts";
import { indexTerms } from "../../lib/runs/search/tokens.ts";
import { removeRun, restoreRun } from "../../lib/runs/life/removal.ts";
import { type Store, withStore } from "./search_store.ts";

/** Everything of a search index: terms, their lists, texts, marks. */
async function indexOf({ kv }: Store): Promise<Deno.KvKey[]> {
  const names = ["term", "terms", "text", "unindexed", "unsearchable"];
  const found = await Promise.all(
    names.map((name) => Array.fromAsync(kv.list({ prefix: [name] }))),
  );
  return found.flat().map(({ key }) => key);
}

const WORDS = (from: number) =>
  Array.from({ length: 900 }, (_, index) => `w${from + index}`).join(" ").slice(0, 3999);
/** An input of some 1,200 terms, and one of a few. */
const TEXTS: readonly Record<string, string>[] = [
  { one: WORDS(0), two: WORDS(1000) },
  { few: "w7 w12" },
];

for (const input of TEXTS) {
  Deno.test(`if indexing ${Object.keys(input)} dies at any point, the next start finds the run and leaves nothing of a removed one`, async () => {
    for (let dieAt = 1, died = true; died; dieAt++) {
      for (const removed of [true, false]) {
        await withStore(async (store) => {
          const { kv } = store;
          const id = await store.add(input);
          let commits = 0;
          const dying = {
            commit: (write: Parameters<Committer["commit"]>[0]) =>
              ++commits >= dieAt
                ? Promise.reject(new Error("the process died"))
                : store.committer.commit(write),
          } as Committer;
          const log = createLog({ level: "error", format: "text", write: () => {} });
          const indexer = new Indexer({ kv, committer: dying, now: () => 1000, log });
          indexer.wake();
          await indexer.drain();
          died = commits >= dieAt;
          if (removed) {
            const context = { kv, committer: store.committer, now: () => 5000 };
            await removeRun(context, "a", id, { undoMs: 1000 });
          }
          store.now += 3_600_000;
          await store.index();
          assertEquals(await store.ids("w7 w12"), removed ? [] : [id], `death ${dieAt}`);
          const left = await Array.fromAsync(kv.list({ prefix: ["term"] }));
          assertStrictEquals(left.length > 0, !removed);
          assertEquals(await Array.fromAsync(kv.list({ prefix: ["unindexed"] })), []);
          if (removed) assertEquals(await indexOf(store), []);
        });
      }
    }
  });
}

Deno.test("a run's terms follow its text, and old terms are removed", () =>
  withStore(async (store) => {
    const id = await store.add("question");
    await store.index();
    await store.finish(id, Array.from({ length: 1500 }, (_, index) => `r${index}`).join(" "));
    await store.index();
    assertEquals(await store.ids("r1499 question"), [id]);
    await store.finish(id, "short");
    await store.kv.set(["unindexed", "a", id], 1001);
    await store.index();
    const terms = (await indexOf(store)).filter(([name]) => name === "term").map((key) => key[2]);
    assertEquals(terms, indexTerms(["question", "short"]));
  }));

Deno.test("a term list of the second layout is used until the run is reindexed", () =>
  withStore(async (store) => {
    const id = await store.add("new words");
    await store.index();
    const lists = (await indexOf(store)).filter(([name]) => name === "terms");
    for (const key of lists) await store.kv.delete(key);
    await store.kv.set(["terms", "a", id], ["zebra", "new", "words", "apple"]);
    // Its text would reveal its words.
    await store.kv.delete(["text", "a", id]);
    for (const term of ["zebra", "apple"]) await store.kv.set(["term", "a", term, 1001, id], null);
    assertEquals(await store.ids("zeb app new wor n ne w wo z"), [id]);
    await store.kv.set(["unindexed", "a", id], 1001);
    await store.index();
    assertEquals(await store.ids("zebra"), []);
    assertEquals(await store.ids("new words"), [id]);
    const terms = (await indexOf(store)).filter(([name]) => name === "term").map((key) => key[2]);
    assertEquals(terms, ["new", "words"]);
  }));

Deno.test("an unreadable run is retried three times, hours apart, then set aside and reported", () =>
  withStore(async (store) => {
    const [broken, sound] = [await store.add("broken things"), await store.add("sound things")];
    await store.finish(broken, "x".repeat(100_000));
    await store.kv.delete(["output", broken, 1, 1]);
    let reads = 0;
    const count = () => store.lines.filter((line) => line.includes(broken)).length;
    // However often it is woken.
    const wakeOften = async () => {
      for (let wake = 0; wake < 20; wake++) {
        await store.index();
        reads++;
      }
    };
    await wakeOften();
    assertStrictEquals(count(), 1);
    assertEquals(await store.ids("sound"), [sound], "others are found");
    for (const [later, tries] of [[59_000, 1], [2_000, 2], [590_000, 2], [20_000, 3], [1e9, 3]]) {
      store.now += later!;
      await wakeOften();
      assertStrictEquals(count(), tries, `${reads} wakes`);
    }
    assertMatch(store.lines.join("\n"), /cannot be searched and was set aside/);
    assertEquals((await indexOf(store)).filter(([name]) => name === "unindexed"), []);
    const [aside] = (await indexOf(store)).filter(([name]) => name === "unsearchable");
    assertEquals(aside, ["unsearchable", "a", broken]);
    // What changes is tried again.
    await store.finish(broken, "mended");
    await store.kv.set(["unindexed", "a", broken], 1001);
    await store.index();
    assertEquals(await store.ids("mended"), [broken]);
    assertEquals((await indexOf(store)).filter(([name]) => name === "unsearchable"), []);
  }));

Deno.test("characters with a thousand marks are indexed and found, and a search for one returns", () =>
  withStore(async (store) => {
    const marked = (letter: string, mark: string) => letter + mark.repeat(1000);
    for (const [letter, mark] of [["ก", "\u0e34"], ["ក", "\u17c6"], ["က", "\u102d"]] as const) {
      const input = `${letter}${marked(letter, mark)}${letter}`;
      const ids = [await store.add(input), await store.add(`${input} second`)];
      await store.index();
      assertEquals((await store.ids(input)).toSorted(), ids.toSorted());
      assertEquals(await store.ids(`${marked(letter, mark)} second`), [ids[1]]);
    }
    assertEquals((await indexOf(store)).filter(([name]) => name === "unindexed"), []);
  }));

Deno.test("runs whose terms cannot be written are set aside and hold up no others", () =>
  withStore(async (store) => {
    const bad = new Set<unknown>();
    for (let run = 0; run < 20; run++) bad.add(await store.add(`bad ${run}`));
    const sound = await store.add("sound things", {}, "b");
    const failing = {
      commit: (write: Parameters<Committer["commit"]>[0]) =>
        write.mutations.some(({ key }) => key[0] === "term" && bad.has(key.at(-1)))
          ? Promise.reject(new TypeError("Key too large for write"))
          : store.committer.commit(write),
    } as Committer;
    const { kv, lines } = store;
    const log = createLog({
      level: "error",
      format: "text",
      write: (line) => void lines.push(line),
    });
    const indexer = new Indexer({ kv, committer: failing, now: () => store.now, log });
    indexer.wake();
    await indexer.settled();
    const marks = () => Array.fromAsync(kv.list({ prefix: ["unindexed"] }));
    assertStrictEquals((await marks()).length, 20);
    assert(!(await marks()).some(({ key }) => key[2] === sound));
    for (const laterMs of [60_000, 600_000]) {
      store.now += laterMs;
      indexer.wake();
      await indexer.settled();
    }
    await indexer.drain();
    assertEquals(await marks(), []);
    const aside = await Array.fromAsync(kv.list({ prefix: ["unsearchable"] }));
    assertEquals(new Set(aside.map(({ key }) => key[2])), bad);
  }));

/** Arrays, or objects, around a word. */
const nested = (depth: number, kind: "[" | "{") =>
  kind === "["
    ? `${"[".repeat(depth)}"deepword"${"]".repeat(depth)}`
    : `${'{"a":'.repeat(depth)}"deepword"${"}".repeat(depth)}`;

for (const depth of [3_000, 100_000]) {
  for (const kind of ["[", "{"] as const) {
    Deno.test(`${depth} nested ${kind} in the store are indexed like anything else`, () =>
      withStore(async (store) => {
        const deep = await store.add("deep");
        const record = (await store.kv.get<{ input: Uint8Array }>(["run", deep])).value!;
        const input = `{"input":${nested(depth, kind)},"processor":"lite"}`;
        await store.replaceInput(deep, record, input);
        await store.finishAs(deep, `{"type":"json","content":${nested(depth, kind)},"basis":[]}`);
        const sound = await store.add("sound");
        await store.index();
        assertEquals(await store.ids("sound"), [sound]);
        assertEquals(store.lines, []);
        assertEquals((await indexOf(store)).filter(([name]) => name === "unindexed"), []);
        assert(depth > 3_000 || kind === "{" || (await store.ids("deepword")).includes(deep));
      }));
  }
}

Deno.test("a restored run stays searchable", () =>
  withStore(async (store) => {
    const { kv, committer } = store;
    const id = await store.add("comes back");
    const context = { kv, committer, now: () => 5000 };
    await removeRun(context, "a", id, { undoMs: 0 });
    const fence = await kv.get(["deleted", "a", id]);
    await restoreRun(context, "a", id, { undoMs: 0 });
    assertStrictEquals(
      await unindex(kv, committer, { account: "a", runId: id, createdMs: 1001 }, fence),
      false,
    );
    await store.index();
    assertEquals(await store.ids("comes"), [id]);
  }));

Deno.test("removing a run from search stops its indexer and leaves no terms", async () => {
  // At every commit of the indexer, another process removes and unindexes the run.
  for (let at = 1, happened = true; happened; at++) {
    await withStore(async (store) => {
      const { kv, committer } = store;
      const id = await store.add(TEXTS[0]!);
      const createdMs = 1001;
      let commits = 0;
      const overtaken = {
        commit: async (write: Parameters<Committer["commit"]>[0]) => {
          if (++commits === at) {
            await removeRun({ kv, committer, now: () => 5000 }, "a", id, { undoMs: 0 });
            const fence = await kv.get(["deleted", "a", id]);
            assert(await unindex(kv, committer, { account: "a", runId: id, createdMs }, fence));
            assertEquals(await indexOf(store), [], `at commit ${at}`);
          }
          return await committer.commit(write);
        },
      } as Committer;
      const log = createLog({ level: "error", format: "text", write: () => {} });
      const indexer = new Indexer({ kv, committer: overtaken, now: () => 1000, log });
      indexer.wake();
      await indexer.drain();
      happened = commits >= at;
      if (happened) assertEquals(await indexOf(store), [], `after commit ${at}`);
    });
  }
});

/** Timers that end when a test says so. */
class Held {
  readonly #waiting = new Map<number, () => void>();
  #last = 0;

  setTimeout = (run: () => void): number => {
    this.#waiting.set(++this.#last, run);
    return this.#last;
  };
  clearTimeout = (id: unknown): void => void this.#waiting.delete(id as number);

  /** Resolves once there is a wait. */
  async some(): Promise<void> {
    while (this.#waiting.size === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Ends the next wait. */
  async end(): Promise<void> {
    await this.some();
    const [[id, run]] = [...this.#waiting] as [[number, () => void]];
    this.#waiting.delete(id);
    run();
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }
}

/** The number of times that runs were indexed: each writes a list of the next generation. */
async function timesIndexed({ kv }: Store): Promise<number[]> {
  const lists = await Array.fromAsync(kv.list({ prefix: ["terms"] }));
  return [...new Set(lists.map(({ key }) => Number(key[3])))];
}

Deno.test("runs that change in large numbers are indexed once, after the last change", () => {
  const timers = new Held();
  return withStore(async (store) => {
    const ids: string[] = [];
    for (let run = 0; run < 20; run++) ids.push(await store.add(`question ${run}`));
    store.indexer.wake();
    await timers.some();
    // A change during a wait makes the indexer wait again.
    for (const id of ids) {
      await store.finish(id, "answer");
      store.indexer.wake();
    }
    await timers.end();
    assertEquals(await timesIndexed(store), []);
    await timers.end();
    await store.indexer.settled();
    assertEquals(await timesIndexed(store), [1]);
    assertStrictEquals((await store.ids("question answer")).length, 20);
  }, timers);
});

Deno.test("runs are indexed in the end although others keep changing", () => {
  const timers = new Held();
  return withStore(async (store) => {
    for (let run = 0; run < 20; run++) await store.add(`question ${run}`);
    store.indexer.wake();
    for (let waits = 0; waits < 10; waits++) {
      await timers.some();
      store.indexer.wake();
      await timers.end();
    }
    while ((await store.ids("question")).length < 20) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }, timers);
});

Deno.test("a few runs are indexed without a wait, and a stop ends a wait", () => {
  const timers = new Held();
  return withStore(async (store) => {
    for (let run = 0; run < 8; run++) await store.add(`question ${run}`);
    await store.index();
    assertStrictEquals((await store.ids("question")).length, 8);
    for (let run = 0; run < 20; run++) await store.add(`question ${run}`);
    store.indexer.wake();
    await timers.some();
    await store.indexer.drain();
    assertStrictEquals(timers.isEmpty, true);
    assertStrictEquals((await store.ids("question")).length, 8);
  }, timers);
});

Deno.test("a row's own metadata is found, but not what a batch adds to it", () =>
  withStore(async (store) => {
    const metadata = { row: "r17", attempt: 1, campaign: "spring" };
    const row = await store.add("question", { metadata }, "a", { id: "tgrp_1", row: 17 });
    const run = await store.add("question", { metadata });
    await store.index();
    const [found] = await Array.fromAsync(store.kv.list<string[]>({ prefix: ["terms", "a", row] }));
    assertEquals(found?.value, ["campaign", "question", "spring"]);
    assertEquals(await store.ids("r17 attempt"), [run]);
  }));
