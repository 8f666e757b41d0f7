import assert from "node:assert/strict";
import { Keyring } from "../../lib/accounts/keyring.ts";
import { Committer } from "../../lib/kv/committer.ts";
import { createLog } from "../../lib/log.ts";
import type { TaskRunInput } from "../../lib/parallel/types.ts";
import { storeRun } from "../../lib/runs/create.ts";
import { NO_FILTER } from "../../lib/runs/history/page.ts";
import { Indexer } from "../../lib/runs/history/search/indexer.ts";
import { searchHistory } from "../../lib/runs/history/search/search.ts";
import { excerptOf } from "../../lib/runs/history/search/excerpt.ts";
import { indexTerms, queryTerms } from "../../lib/runs/history/search/tokens.ts";
import { removeRun, restoreRun } from "../../lib/runs/removal.ts";
import type { SearchPage } from "../../lib/runs/model.ts";

const TERMS: readonly [text: string, terms: string[]][] = [
  ["The Market, in 2026!", ["the", "market", "in", "2026"]],
  ["Crème BRÛLÉE naïve Ångström", ["creme", "brulee", "naive", "angstrom"]],
  ["ＡＢＣ ﬁne", ["abc", "fine"]],
  ["市場規模", ["市場", "場規", "規模", "模"]],
  ["がか", ["がか", "か"]],
  ["AI市場2026", ["ai", "市場", "場", "2026"]],
  ["시장 규모", ["시장", "규모"]],
  ["don't re-run", ["don", "t", "re", "run"]],
  ["x".repeat(40), ["x".repeat(24)]],
  ["…—!", []],
];

for (const [text, terms] of TERMS) {
  Deno.test(`the terms of ${JSON.stringify(text.slice(0, 30))} are ${terms.join(" ").slice(0, 40)}`, () => {
    assert.deepEqual(indexTerms([text], 100), terms);
  });
}

Deno.test("a query of characters without spaces asks for its pairs, a single one for itself", () => {
  assert.deepEqual(queryTerms("市場規模"), ["市場", "場規", "規模"]);
  assert.deepEqual(queryTerms("市"), ["市"]);
  assert.equal(queryTerms("a b c d e f g h i j").length, 8);
});

Deno.test("an excerpt shows the passage where most of the words stand together, and marks them", () => {
  const text = {
    input: "heat pumps",
    metadata: "",
    result: `${"x ".repeat(100)}Heat is moved by the pump’s compressor, and by nothing else.`,
  };
  const excerpt = excerptOf(text, ["compress", "heat"])!;
  assert.equal(excerpt.place, "result");
  assert.deepEqual(excerpt.pieces.filter(({ hit }) => hit).map(({ text }) => text), [
    "Heat",
    "compress",
  ]);
  assert.ok(text.result.includes(excerpt.pieces.slice(1).map(({ text }) => text).join("")));
  assert.equal(excerptOf(text, ["absent"]), null);
  const cjk = excerptOf({ input: "世界の市場規模", metadata: "", result: "" }, ["市場", "場規"])!;
  assert.deepEqual(cjk.pieces.filter(({ hit }) => hit).map(({ text }) => text).join(""), "市場規");
});

/** A store with runs in it and an indexer. */
class Store {
  readonly committer: Committer;
  readonly indexer: Indexer;
  readonly lines: string[] = [];
  #keyring = Keyring.from(["s".repeat(32)]);
  #clock = 1000;

  constructor(readonly kv: Deno.Kv) {
    this.committer = new Committer(kv);
    const log = createLog({
      level: "debug",
      format: "text",
      write: (line) => void this.lines.push(line),
    });
    this.indexer = new Indexer({ kv, committer: this.committer, log });
  }

  async add(
    input: string | Record<string, unknown>,
    more: Partial<TaskRunInput> = {},
    account = "a",
  ): Promise<string> {
    const keyring = await this.#keyring;
    const run_id = `trun_${++this.#clock}`;
    const task = {
      run_id,
      interaction_id: run_id,
      status: "queued" as const,
      is_active: true,
      processor: more.processor ?? "lite",
      created_at: new Date(this.#clock).toISOString(),
      modified_at: null,
    };
    await storeRun(
      { committer: this.committer, keyring, now: () => this.#clock },
      { id: account, sealedKey: await keyring.seal("key") },
      {
        task,
        input: { input, processor: "lite", ...more },
        source: "form",
        simulated: true,
      },
    );
    return run_id;
  }

  async index(): Promise<void> {
    this.indexer.wake();
    await this.indexer.settled();
  }

  async search(
    query: string,
    options: Partial<Parameters<typeof searchHistory>[2]> = {},
  ): Promise<SearchPage> {
    const all = { query, cursor: null, limit: 25, filter: NO_FILTER, ...options };
    return (await searchHistory(this.kv, "a", all))!;
  }

  async ids(query: string, options?: Parameters<Store["search"]>[1]): Promise<string[]> {
    return (await this.search(query, options)).runs.map(({ run_id }) => run_id);
  }
}

async function withStore(test: (store: Store) => Promise<void>): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  const store = new Store(kv);
  try {
    await test(store);
  } finally {
    await store.indexer.drain();
    kv.close();
  }
}

Deno.test("a search finds the beginnings of words, whatever their case and accents, newest first", () =>
  withStore(async (store) => {
    const first = await store.add("The market for Crème brûlée");
    const second = await store.add("Markets of the world", { metadata: { team: "Blue" } });
    await store.add("Nothing of interest");
    await store.add("The market of somebody else", {}, "b");
    await store.index();
    assert.deepEqual(await store.ids("MARK"), [second, first]);
    assert.deepEqual(await store.ids("creme mar"), [first]);
    assert.deepEqual(await store.ids("blue"), [second]);
    assert.deepEqual(await store.ids("team: blue, world"), [second]);
    assert.deepEqual(await store.ids("market absent"), []);
    assert.equal(
      await searchHistory(store.kv, "a", {
        query: "…!",
        cursor: null,
        limit: 5,
        filter: NO_FILTER,
      }),
      null,
    );
  }));

Deno.test("several words, facets and dates narrow a search down together, over pages both ways", () =>
  withStore(async (store) => {
    const expected: string[] = [];
    for (let index = 0; index < 120; index++) {
      const processor = index % 3 === 0 ? "pro" : "lite";
      const id = await store.add(
        `alpha${index % 2 ? " beta" : ""} gamma${index}`,
        { processor },
      );
      if (index % 2 && processor === "pro") expected.unshift(id);
    }
    await store.index();
    const filter = { ...NO_FILTER, processor: "pro", from_ms: 1001, to_ms: 1100 };
    const within = expected.filter((id) => Number(id.slice(5)) < 1100);
    const pages: SearchPage[] = [];
    for (let cursor: string | null = null, first = true; first || cursor !== null;) {
      first = false;
      const page: SearchPage = await store.search("beta alpha gam", { filter, cursor, limit: 4 });
      pages.push(page);
      cursor = page.next;
    }
    const ids = (page: SearchPage) => page.runs.map(({ run_id }) => run_id);
    assert.deepEqual(pages.flatMap(ids), within);
    for (let index = pages.length - 1; index > 0; index--) {
      const options = { filter, cursor: pages[index]!.prev, limit: 4 };
      assert.deepEqual(ids(await store.search("beta alpha gam", options)), ids(pages[index - 1]!));
    }
    assert.equal((await store.search("gamma7")).excerpts[expected[0]!], undefined);
    const [excerpt] = Object.values((await store.search("gamma7")).excerpts);
    assert.deepEqual(excerpt?.pieces.filter(({ hit }) => hit), [{ text: "gamma7", hit: true }]);
  }));

Deno.test("a beginning that more than 64 words have is found all the same", () =>
  withStore(async (store) => {
    const ids: string[] = [];
    for (let index = 0; index < 100; index++) {
      ids.unshift(await store.add(`word${index} ${index % 10 === 0 ? "rare" : ""}`));
    }
    await store.index();
    assert.deepEqual(await store.ids("wor", { limit: 200 }), ids);
    assert.deepEqual((await store.ids("wor rare")).length, 10);
    assert.deepEqual(await store.ids("wor absent"), []);
  }));

Deno.test("a search that has read enough says so and goes on where it stopped", () =>
  withStore(async (store) => {
    const ids: string[] = [];
    for (let index = 0; index < 300; index++) {
      const id = await store.add(index % 2 ? "odd" : index === 0 ? "even odd" : "even");
      if (index === 0) ids.push(id);
    }
    await store.index();
    const first = await store.search("odd even", { maxKeys: 60 });
    assert.equal(first.partial, true);
    assert.deepEqual(first.runs, []);
    let page = first, pages = 1;
    for (; page.next !== null; pages++) {
      page = await store.search("odd even", { maxKeys: 60, cursor: page.next });
    }
    assert.ok(pages > 3, `${pages} pages`);
    assert.deepEqual(page.runs.map(({ run_id }) => run_id), ids);
  }));

Deno.test("a removed run is not found, its terms go, and an undo brings them back", () =>
  withStore(async (store) => {
    const id = await store.add("unforgettable things");
    await store.index();
    const context = { kv: store.kv, committer: store.committer, now: () => 5000 };
    await removeRun(context, "a", id, { undoMs: 1000 });
    assert.deepEqual(await store.ids("unforget"), []);
    await store.index();
    for (const name of ["term", "terms", "text", "unindexed"]) {
      assert.deepEqual(await Array.fromAsync(store.kv.list({ prefix: [name] })), [], name);
    }
    assert.equal(await restoreRun(context, "a", id, { undoMs: 10_000 }), "restored");
    await store.index();
    assert.deepEqual(await store.ids("unforget"), [id]);
  }));

Deno.test("wherever indexing dies, the next start finds the run, and leaves nothing of a removed one", async () => {
  const words = (from: number) =>
    Array.from({ length: 900 }, (_, index) => `w${from + index}`).join(" ").slice(0, 3999);
  for (let dieAt = 1; dieAt <= 6; dieAt++) {
    await withStore(async (store) => {
      const id = await store.add({ one: words(0), two: words(1000) });
      let commits = 0;
      const dying = {
        commit: (write: Parameters<Committer["commit"]>[0]) =>
          ++commits >= dieAt
            ? Promise.reject(new Error("the process died"))
            : store.committer.commit(write),
      } as Committer;
      const { kv } = store;
      const log = createLog({ level: "error", format: "text", write: () => {} });
      const indexer = new Indexer({ kv, committer: dying, log });
      indexer.wake();
      await indexer.drain();
      const removed = dieAt % 2 === 0;
      if (removed) {
        const context = { kv, committer: store.committer, now: () => 5000 };
        await removeRun(context, "a", id, { undoMs: 1000 });
      }
      await store.index();
      assert.deepEqual(await store.ids("w7 w12"), removed ? [] : [id], `death ${dieAt}`);
      const left = await Array.fromAsync(kv.list({ prefix: ["term"] }));
      assert.equal(left.length > 0, !removed);
      assert.deepEqual(await Array.fromAsync(kv.list({ prefix: ["unindexed"] })), []);
    });
  }
});
