/** What the history stores of results, schemas and batch rows. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { joinHistory, readHistory, readSummary } from "../../lib/runs/history/mod.ts";
import { NO_FILTER } from "../../lib/runs/history/page.ts";
import type { TaskRunInput } from "../../lib/parallel/mod.ts";
import { briefOf } from "../../lib/results/mod.ts";
import { line, withHistory } from "./store.ts";
import { type Store, withStore } from "./search_store.ts";

const SCHEMA = {
  type: "object",
  properties: {
    legal_name: { type: "string" },
    founded: { type: "string" },
    employees: { type: "integer" },
  },
};
const asking = (json_schema: Record<string, unknown>) =>
  ({ task_spec: { output_schema: { type: "json", json_schema } } }) as Partial<TaskRunInput>;

const RESULT = {
  type: "json",
  content: { employees: 1312, legal_name: "Halden Robotics AS", founded: "2014-03-14" },
  basis: [
    { field: "legal_name", reasoning: "", confidence: "high" },
    { field: "employees", reasoning: "", confidence: "low" },
  ],
};

const answerOf = async (store: Store, id: string) =>
  (await readSummary(store.kv, "a", Number(id.slice(5)), id))?.answer;

Deno.test("a completed run's line shows the first fields of its result, in schema order", () =>
  withStore(async (store) => {
    const id = await store.add("Halden", asking(SCHEMA));
    await store.index();
    assertStrictEquals(await answerOf(store, id), undefined);
    await store.finishAs(id, JSON.stringify(RESULT));
    const changes = async () =>
      (await store.kv.get<Deno.KvU64>(["changes", "a"])).value?.value ?? 0n;
    const before = await changes();
    await store.index();
    assertEquals(await answerOf(store, id), [
      { name: "legal name", text: "Halden Robotics AS", confidence: "high" },
      { name: "founded", text: "14 Mar 2014", confidence: null },
      { name: "employees", text: "1,312", confidence: "low" },
    ]);
    assertStrictEquals(await changes() - before, 1n, "open lists are told of the answer");
    // Indexing the same once more changes nothing in the list.
    await store.kv.set(["unindexed", "a", id], Number(id.slice(5)));
    await store.index();
    assertStrictEquals(await changes() - before, 1n);
  }));

Deno.test("runs with the same output fields are found together, even if their schemas differ otherwise", () =>
  withStore(async (store) => {
    const { founded, ...others } = SCHEMA.properties;
    const described = { ...others, founded: { ...founded, description: "The year" } };
    const ids: string[] = [];
    for (
      const [input, schema] of [
        ["Halden", SCHEMA],
        ["Kestrel", { ...SCHEMA, properties: described }],
        ["Other", { ...SCHEMA, properties: others }],
      ] as const
    ) {
      const id = await store.add(input, asking(schema));
      await store.finishAs(id, JSON.stringify(RESULT));
      ids.push(id);
    }
    await store.index();
    const { schema } = (await readSummary(store.kv, "a", Number(ids[0]!.slice(5)), ids[0]!))!;
    assertEquals(await store.ids("", { schema: schema! }), [ids[1], ids[0]]);
    assertEquals(await store.ids("kestrel", { schema: schema! }), [ids[1]]);
    const failed = { ...NO_FILTER, status: "failed" };
    assertEquals(await store.ids("", { schema: schema!, filter: failed }), []);
    assertEquals(await store.ids("schema"), [], "the name of the fields is no word of the text");
  }));

Deno.test("batch rows are found by search and filter, but are not listed", () =>
  withStore(async (store) => {
    const own = await store.add("Halden Robotics");
    const row = await store.add("Halden Credit");
    const before = (await readSummary(store.kv, "a", Number(row.slice(5)), row))!;
    // As a batch stores it.
    for await (const { key } of store.kv.list({ prefix: [] })) {
      if (key[0] === "index" && key.at(-1) === row) await store.kv.delete(key);
    }
    await store.kv.delete(["member", "a", row]);
    const joined = joinHistory("a", { ...before, batch: { id: "tgrp_1", row: 8 } }, { nowMs: 0 });
    assertStrictEquals((await store.committer.commit(joined)).ok, true);
    await store.index();
    const { runs } = await readHistory(store.kv, "a", {});
    assertEquals(runs.map(({ run_id }) => run_id), [own]);
    const queued = { ...NO_FILTER, status: "queued" };
    for (const options of [{}, { filter: queued }]) {
      assertEquals(await store.ids("halden", options), [row, own]);
    }
    const all = await readHistory(store.kv, "a", { rows: true });
    assertEquals(all.runs.map(({ run_id }) => run_id), [row, own]);
  }));

Deno.test("a row that changes and is removed leaves no index entries", () =>
  withHistory(async (history) => {
    const row = line({ status: "running", batch: { id: "tgrp_1", row: 1 } });
    const done = { ...row, status: "completed" };
    await history.join("a", row);
    await history.change("a", row, done);
    const keys = async (name: string) =>
      (await Array.fromAsync(history.kv.list({ prefix: [name] }))).length;
    // Without filters, and by its status.
    assertEquals([await keys("index"), await keys("row_index")], [0, 2]);
    await history.leave("a", done);
    assertEquals([await keys("index"), await keys("row_index")], [0, 0]);
  }));

Deno.test("a row stored by an earlier version, with entries for every filter, leaves none", () =>
  withHistory(async (history) => {
    const own = line({ status: "running" });
    const row = { ...own, batch: { id: "tgrp_1", row: 1 } };
    const done = { ...row, status: "completed" };
    await history.join("a", own);
    for (const { key } of await Array.fromAsync(history.kv.list({ prefix: ["index"] }))) {
      await history.kv.set(["row_index", ...key.slice(1)], null);
    }
    await history.change("a", row, done);
    await history.leave("a", done);
    assertEquals(await Array.fromAsync(history.kv.list({ prefix: ["row_index"] })), []);
  }));

Deno.test("a search finds the only row with a processor behind many runs with its word", () =>
  withStore(async (store) => {
    const row = await store.add("Halden", { processor: "pro" });
    const before = (await readSummary(store.kv, "a", Number(row.slice(5)), row))!;
    for (const { key } of await Array.fromAsync(store.kv.list({ prefix: ["index"] }))) {
      await store.kv.delete(key);
    }
    await store.kv.delete(["member", "a", row]);
    const joined = joinHistory("a", { ...before, batch: { id: "tgrp_1", row: 8 } }, { nowMs: 0 });
    assertStrictEquals((await store.committer.commit(joined)).ok, true);
    for (let run = 0; run < 200; run++) await store.add(`Halden ${run}`);
    await store.index();
    const filter = { ...NO_FILTER, processor: "pro" };
    assertEquals(await store.ids("halden", { filter }), [row]);
    const others = { ...filter, status: "completed" };
    assertEquals(await store.ids("halden", { filter: others }), []);
  }));

const TEXT = "Frankfurt and Madrid added the most: 412 megawatts. Milan came third.";

for (
  const [name, output, expected] of [
    [
      "a text is its first sentence",
      { type: "text", content: `## Answer\n\n**${TEXT}**`, basis: [] },
      [{
        name: "",
        text: "Frankfurt and Madrid added the most: 412 megawatts.",
        confidence: null,
      }],
    ],
    [
      "a text of the sandbox begins after its remark and its heading",
      {
        type: "text",
        content:
          `Simulated by the Taskstream sandbox: nothing was looked up.\n\n# Which?\n\n## In short\n\n${TEXT}`,
        basis: [{ field: "output", reasoning: "", confidence: "high" }],
      },
      [{
        name: "",
        text: "Frankfurt and Madrid added the most: 412 megawatts.",
        confidence: "high",
      }],
    ],
    [
      "a result of one text is its first sentence, with its confidence",
      {
        type: "json",
        content: { answer: TEXT },
        basis: [{ field: "answer", reasoning: "", confidence: "medium" }],
      },
      [{
        name: "",
        text: "Frankfurt and Madrid added the most: 412 megawatts.",
        confidence: "medium",
      }],
    ],
    [
      "what is missing is a dash, and lists are named",
      {
        type: "json",
        content: { listed: false, ticker: null, databases: [{ name: "Tern" }, { name: "Wick" }] },
        basis: [{ field: "databases.0.name", reasoning: "", confidence: "low" }],
      },
      [
        { name: "listed", text: "No", confidence: null },
        { name: "ticker", text: "–", confidence: null },
        { name: "databases", text: "Tern, Wick", confidence: "low" },
      ],
    ],
  ] as const
) {
  Deno.test(`in a list ${name}`, () => {
    const input = { input: "x", processor: "lite" } as const;
    assertEquals(briefOf(input, structuredClone(output) as never), [...expected]);
  });
}
