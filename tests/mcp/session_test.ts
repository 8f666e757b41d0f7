/** A whole agent session with every client of the official SDK. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ORIGIN, withApp } from "../app/test_app.ts";
import { CLIENTS, fetchOf, type TestAgent } from "./agents.ts";

const HEADERS = { authorization: "Bearer sandbox-agent" };

/** Asks until the task is over, as the tools say. */
async function untilOver(agent: TestAgent, id: unknown): Promise<Record<string, unknown>> {
  for (;;) {
    const { data, isError, text } = await agent.call("get_status", { id });
    assert(!isError, text);
    if (data.is_over === true) return data;
    assert(Number(data.check_again_in_s) > 0);
  }
}

for (const { name, connect } of CLIENTS) {
  Deno.test(`an agent creates a task, waits for it and reads its result (${name})`, async () => {
    await withApp(async (app) => {
      const agent = await connect({ fetch: fetchOf(app), headers: HEADERS });
      assertMatch(agent.protocol ?? "", name.includes("2026") ? /^2026-07-28$/ : /^2025-11-25$/);
      assertEquals(await agent.toolNames(), [
        "create_task",
        "create_batch",
        "get_status",
        "get_result",
        "get_trace",
        "search_tasks",
        "rerun_task",
      ]);

      const created = await agent.call("create_task", {
        input: "What is the tallest building in Lyon?",
        processor: "pro",
      });
      assert(!created.isError, created.text);
      const { id, url, cost_usd, simulated } = created.data;
      assertEquals([url, cost_usd, simulated], [`${ORIGIN}/tasks/${id}`, 0.1, true]);
      assert(created.text.includes("nothing is billed"));

      const over = await untilOver(agent, id);
      assertEquals([over.id, over.status, over.progress], [id, "completed", 100]);

      const result = await agent.call("get_result", { id });
      assertEquals([result.data.page, result.data.pages, result.data.untrusted], [1, 1, true]);
      assertMatch(String(result.data.markdown), /\[\^1\]: \[/);
      assert(result.text.includes(String(result.data.markdown)));
      assertMatch(result.text, /<<<untrusted (\w+)\n[^]*\nuntrusted \1>>>$/);

      const asJson = await agent.call("get_result", { id, format: "json" });
      const output = asJson.data.output as { content: unknown; basis: unknown[] };
      assert(Number(output.basis.length) > 0);

      const states = await agent.call("get_trace", { id, types: ["state"] });
      const events = states.data.events as { id: number; kind: string }[];
      assert(Number(events.length) > 0);
      assert(events.every(({ kind }) => kind === "state"));

      assertEquals((await agent.resources()).map(({ uri }) => uri), [`task://${id}`]);
      assertMatch(await agent.read(`task://${id}`), /\[\^1\]: \[/);
      assert((await agent.prompt("research", { question: "Why?" })).includes("Why?"));
      assert((await agent.prompt("review_task", { id: String(id) })).includes(String(id)));

      const again = await agent.call("rerun_task", { id, processor: "lite" });
      assertEquals([again.data.cost_usd, again.isError], [0.005, false]);
      assert(again.data.id !== id);
      await agent.close();
    });
  });
}

Deno.test("a user sees an agent's task on its page, and search finds it", async () => {
  await withApp(async (app) => {
    const [{ connect } = CLIENTS[0]!] = CLIENTS;
    const agent = await connect({
      fetch: fetchOf(app),
      headers: { "x-api-key": "sandbox-shared" },
    });
    const { data } = await agent.call("create_task", {
      input: "Heat pumps in Norway",
      processor: "lite",
    });
    await untilOver(agent, data.id);
    await app.services.histories.indexer.settled();
    const found = await agent.call("search_tasks", { query: "norw", status: "completed" });
    const [task] = found.data.tasks as { id: string; title: string }[];
    assertEquals([task?.id, task?.title], [data.id, "Heat pumps in Norway"]);
    assertEquals((await agent.call("search_tasks", { query: "sweden" })).data.tasks, []);
    await agent.close();
  });
});

const MISTAKES: readonly [tool: string, asked: Record<string, unknown>, says: RegExp][] = [
  ["create_task", {}, /input: Required: the question as text, or a JSON object/],
  ["create_task", { input: 3 }, /input: Required: the question as text, or a JSON object/],
  ["create_batch", { rows: [3] }, /A row is a JSON object, or a question as text/],
  ["get_trace", { id: "tgrp_1" }, /That is a batch, and this tool takes a task/],
  ["rerun_task", { id: "tgrp_1" }, /That is a batch, and this tool takes a task/],
];

Deno.test("error messages tell an agent how to fix its call", () =>
  withApp(async (app) => {
    const agent = await CLIENTS[0]!.connect({ fetch: fetchOf(app), headers: HEADERS });
    for (const [tool, asked, says] of MISTAKES) {
      const { isError, text } = await agent.call(tool, asked);
      assert(isError, tool);
      assertMatch(text, says);
    }
    await agent.call("create_task", { input: "Why is the sky blue?" });
    assertMatch((await agent.call("search_tasks", { query: "" })).text, /^1 task\./);
    await agent.close();
  }));
