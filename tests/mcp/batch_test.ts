/** Agents and batches: create tasks from a table of rows, wait, and read results with sources. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { ORIGIN, withApp } from "../app/test_app.ts";
import { agentOf, CLIENTS, fetchOf, type TestAgent } from "./agents.ts";

const KEY = "sandbox-agent-batches";
const HEADERS = { authorization: `Bearer ${KEY}` };
const FAST = { config: { sandboxSpeed: 1_000 } };
const SCHEMA = {
  type: "object",
  properties: { founded: { type: "integer" }, city: { type: "string" } },
  required: ["founded", "city"],
  additionalProperties: false,
};

async function untilOver(agent: TestAgent, id: unknown) {
  for (;;) {
    const { data, isError, text } = await agent.call("get_status", { id });
    assert(!isError, text);
    if (data.is_over === true) return data;
  }
}

for (const { name, connect } of CLIENTS) {
  Deno.test(`an agent creates a batch, waits for it and reads its rows (${name})`, () =>
    withApp(async (app) => {
      const agent = await connect({ fetch: fetchOf(app), headers: HEADERS });
      const companies = Array.from({ length: 30 }, (_, at) => ({ company: `Acme | ${at + 1}` }));
      const created = await agent.call("create_batch", {
        rows: companies,
        instructions: "When and where was {{company}} founded?",
        processor: "lite",
        output_schema: SCHEMA,
      });
      assert(!created.isError, created.text);
      const { id, url, cost_usd, status } = created.data;
      assertMatch(String(id), /^tgrp_/);
      assertEquals([url, status], [`${ORIGIN}/batches/${id}`, "running"]);
      assertStrictEquals(Math.round(Number(cost_usd) * 1000), 150);
      const over = await untilOver(agent, id);
      assertEquals([over.status, over.progress, over.rows, over.counts], [
        "done",
        100,
        30,
        { completed: 30 },
      ]);
      const first = await agent.call("get_result", { id });
      assertEquals([first.data.page, first.data.pages, first.data.untrusted], [1, 2, true]);
      const lines = String(first.data.markdown).split("\n");
      assertStrictEquals(lines.length, 27);
      assertMatch(lines[0]!, /^\| company \| founded \| city \| status \|/);
      assertMatch(lines[2]!, /^\| Acme \\\| 1 \| /);
      const json = await agent.call("get_result", { id, page: 2, format: "json" });
      const rows = String(json.data.json).trim().split("\n").map((line) => JSON.parse(line));
      assertEquals([rows.length, rows[4].company], [5, "Acme | 30"]);
      assert(
        "city sources" in rows[0] && "city confidence" in rows[0],
        Object.keys(rows[0]).join(),
      );
      assert((await agent.call("get_result", { id, page: 3 })).isError);
      assert((await agent.read(`batch://${id}`)).includes("Call get_result for the others"));
      assert((await agent.resources()).some(({ uri }) => uri === `batch://${id}`));
      // What each row asked is the instruction with its values.
      const run = await agent.call("get_result", { id: rows[4].run_id });
      assert(run.text.includes("When and where was Acme \\| 30 founded?"), run.text.slice(0, 500));
      await agent.close();
    }, FAST));
}

const REFUSED: readonly (readonly [asked: Record<string, unknown>, says: RegExp])[] = [
  [{ rows: [] }, /rows/i],
  [{ rows: ["One"], max_cost_usd: 0.001, processor: "lite" }, /costs \$0\.005 per task/],
  [
    { rows: ["One", "Two", "Three"], max_cost_usd: 0.014, processor: "lite" },
    /\$0\.015 for 3, and max_cost_usd/,
  ],
  [{ rows: [{ a: 1 }], instructions: "Who is {{nobody}}?" }, /nobody/],
  [{ rows: [{ a: "x" }, { a: "" }] }, /1 row has no values/],
];

for (const [asked, says] of REFUSED) {
  Deno.test(`an invalid batch is rejected and nothing is created: ${JSON.stringify(asked)}`, () =>
    withApp(async (app) => {
      const agent = await agentOf(app, KEY);
      const { isError, text } = await agent.call("create_batch", asked);
      assert(isError);
      assertMatch(text, says);
      const owner = await app.services.runs.ownerOf(KEY);
      assertEquals((await app.services.batches.list(owner.id)).batches, []);
      await agent.close();
    }, FAST));
}

Deno.test("text rows are sent unchanged, and another key's batch is unknown", () =>
  withApp(async (app) => {
    const agent = await agentOf(app, KEY);
    const { data } = await agent.call("create_batch", {
      rows: ["Why?", "How?"],
      processor: "lite",
    });
    await untilOver(agent, data.id);
    const owner = await app.services.runs.ownerOf(KEY);
    const { runs } = await app.services.runs.list(owner.id, { rows: true });
    const inputs = await Promise.all(
      runs.map(async ({ run_id }) =>
        (await app.services.runs.request(owner.id, run_id))?.run.input.input
      ),
    );
    assertEquals(inputs.sort(), ["How?", "Why?"]);
    const other = await agentOf(app, "sandbox-agent-stranger");
    for (const tool of ["get_status", "get_result"]) {
      const { isError, text } = await other.call(tool, { id: data.id });
      assert(isError);
      assertMatch(text, /no batch with that ID/);
    }
    await agent.close();
    await other.close();
  }, FAST));

Deno.test("a table of 10,000 rows fits one call", () =>
  withApp(async (app) => {
    const agent = await agentOf(app, KEY);
    const rows = Array.from({ length: 10_000 }, (_, at) => ({
      id: `c${at}`,
      name: "Acme",
      city: "Oslo",
      site: "acme.no",
      rank: at,
      since: 1990,
    }));
    const { isError, text } = await agent.call("create_batch", {
      rows,
      instructions: "Who leads {{name}}?",
      processor: "lite",
      max_cost_usd: 1,
    });
    assert(isError);
    assertMatch(text, /^Nothing was created: .* \$50\.00 for 10000/);
  }));
