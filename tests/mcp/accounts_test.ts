/** An agent sees only its own account's tasks and respects its budget. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { type TestApp, withApp } from "../app/test_app.ts";
import { agentOf, post } from "./agents.ts";

const KEY = "pk-test-key-1234";
const AT = "2026-11-20T10:00:00.000000Z";

/** A Task API that takes creates, and whose runs go on. */
class Api {
  readonly created: unknown[] = [];
  /** The bodies as they came. */
  readonly bodies: string[] = [];

  readonly fetch = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") {
      const text = await request.text();
      const body = JSON.parse(text);
      this.bodies.push(text);
      this.created.push(body);
      return Response.json(this.#run(this.created.length, body.processor), { status: 202 });
    }
    const [, digits, rest = ""] = /\/runs\/trun_0{28}(\d{4})(\/input)?$/.exec(pathname) ?? [];
    if (digits !== undefined && Number(digits) >= 1000) {
      return Response.json(
        rest === ""
          ? this.#run(Number(digits) - 1000, "pro")
          : { input: "Made elsewhere", processor: "pro" },
      );
    }
    const error = { ref_id: "r", message: "Run id not found", detail: null };
    return Response.json({ type: "error", error }, { status: 404 });
  };

  #run(n: number, processor: string) {
    return {
      run_id: `trun_${String(1000 + n).padStart(32, "0")}`,
      status: "queued",
      is_active: true,
      processor,
      created_at: AT,
      modified_at: AT,
    };
  }
}

function withApi(test: (app: TestApp, api: Api) => Promise<void>): Promise<void> {
  const api = new Api();
  return withApp((app) => test(app, api), { api: api.fetch, now: () => Date.parse(AT) + 1_000 });
}

Deno.test("no tool shows another account's tasks", () =>
  withApp(async (app) => {
    const [mine, theirs] = [
      await agentOf(app, "sandbox-mine"),
      await agentOf(app, "sandbox-theirs"),
    ];
    const { data: { id } } = await mine.call("create_task", {
      input: "A secret question",
      processor: "lite",
    });
    await mine.call("get_status", { id });
    await app.services.histories.indexer.settled();
    for (const tool of ["get_status", "get_result", "get_trace", "rerun_task"]) {
      const known = await theirs.call(tool, { id });
      const unknown = await theirs.call(tool, { id: `trun_${"0".repeat(32)}` });
      assert(known.isError, tool);
      assertStrictEquals(known.text, unknown.text);
    }
    const found = await theirs.call("search_tasks", { query: "secret" });
    assertEquals(found.data.tasks, []);
    assertEquals(await theirs.resources(), []);
    const read = await theirs.read(`task://${id}`).catch((error) => String(error));
    assertMatch(read, /no task with that ID/);
    assertStrictEquals((await mine.resources()).length, 1);
    await Promise.all([mine.close(), theirs.close()]);
  }));

Deno.test("invalid IDs get the same error as unknown ones", () =>
  withApp(async (app) => {
    const agent = await agentOf(app);
    for (const id of ["", "trun_", "../../etc", "tgrp_1", "trun_\u0000", "__proto__"]) {
      const { isError, text } = await agent.call("get_status", { id });
      assert(isError);
      assertMatch(text, /no (task|batch) with that ID/);
    }
    await agent.close();
  }));

Deno.test("a create over budget is rejected with a message, and nothing is sent", () =>
  withApi(async (app, api) => {
    const agent = await agentOf(app, KEY);
    const first = await agent.call("create_task", { input: "One", processor: "pro" });
    assertStrictEquals(first.data.cost_usd, 0.1, first.text);
    assertMatch(first.text, /It costs \$0\.10 if it completes/);
    const account = await app.services.runs.accountOf(KEY);
    await app.services.histories.budgets.set(account!, 0.15);
    const second = await agent.call("create_task", { input: "Two", processor: "pro" });
    assert(second.isError);
    assertMatch(
      second.text,
      /costs \$0\.10, and this month's budget of \$0\.15 has \$0\.00 spent and \$0\.10 reserved/,
    );
    const again = await agent.call("rerun_task", { id: first.data.id });
    assert(again.isError && again.text.includes("budget"), again.text);
    assertStrictEquals(api.created.length, 1);
    const cheap = await agent.call("create_task", { input: "Three", processor: "lite" });
    assertMatch(cheap.text, /It costs \$0\.005/);
    await agent.close();
  }));

Deno.test("a run that is stored before its create has returned counts once", () =>
  withApi(async (app) => {
    const agent = await agentOf(app, KEY);
    const { id } = await app.services.runs.ownerOf(KEY);
    const { budgets } = app.services.histories;
    await budgets.set(id, 0.25);
    const release = await budgets.hold(id, 0.1);
    assert(typeof release === "function");
    const { isError, text } = await agent.call("create_task", { input: "One", processor: "pro" });
    assert(!isError, text);
    const next = budgets.hold(id, 0.1);
    // By now it has read what is stored.
    await budgets.state(id);
    await budgets.state(id);
    release();
    assert(typeof await next === "function", "refused, although there is room for two");
    await agent.close();
  }));

Deno.test("tasks created concurrently cannot exceed the budget together", () =>
  withApi(async (app, api) => {
    const agent = await agentOf(app, KEY);
    const { id } = await app.services.runs.ownerOf(KEY);
    await app.services.histories.budgets.set(id, 0.55);
    const answers = await Promise.all(
      Array.from(
        { length: 12 },
        (_, n) => agent.call("create_task", { input: `Question ${n}`, processor: "pro" }),
      ),
    );
    assertStrictEquals(answers.filter(({ isError }) => !isError).length, 5);
    assertStrictEquals(api.created.length, 5);
    // What was allowed is counted by its run from now on, once.
    const cheap = await agent.call("create_task", { input: "Cheap", processor: "core2x" });
    assert(!cheap.isError, cheap.text);
    await agent.close();
  }));

Deno.test("max_cost_usd is respected, even if the price is unknown", () =>
  withApi(async (app, api) => {
    const agent = await agentOf(app, KEY);
    for (const [processor, words] of [["ultra", /costs \$0\.30/], ["new-one", /no known price/]]) {
      const { isError, text } = await agent.call("create_task", {
        input: "Why?",
        processor,
        max_cost_usd: 0.2,
      });
      assert(isError);
      assertMatch(text, words as RegExp);
    }
    assertStrictEquals(api.created.length, 0);
    await agent.close();
  }));

Deno.test("the API receives the request that the agent described", () =>
  withApi(async (app, api) => {
    const agent = await agentOf(app, KEY);
    const schema = {
      type: "object",
      properties: { ceo: { type: "string", description: "Name" } },
      required: ["ceo"],
      additionalProperties: false,
    };
    await agent.call("create_task", {
      input: { company: "Acme" },
      output_schema: schema,
      source_policy: { include_domains: ["acme.example"] },
      processor: "core",
    });
    await agent.call("create_task", { input: "Why?", output_schema: "A short report" });
    await agent.call("create_task", { input: "Why?", output_schema: { type: "text" } });
    assertEquals(api.created, [
      {
        input: { company: "Acme" },
        processor: "core",
        task_spec: { output_schema: { type: "json", json_schema: schema } },
        source_policy: { include_domains: ["acme.example"] },
        enable_events: true,
      },
      {
        input: "Why?",
        processor: "pro",
        task_spec: { output_schema: { type: "text", description: "A short report" } },
        enable_events: true,
      },
      {
        input: "Why?",
        processor: "pro",
        task_spec: { output_schema: { type: "text" } },
        enable_events: true,
      },
    ]);
    await agent.close();
  }));

Deno.test("a request that the API would reject is reported before anything is sent", () =>
  withApi(async (app, api) => {
    const agent = await agentOf(app, KEY);
    for (
      const [asked, words] of [
        [{ input: " " }, /Nothing was created\. input: Say what to find out/],
        [
          { input: "?", output_schema: { type: "object", properties: { a: { format: "uri" } } } },
          /format/,
        ],
        [{ input: "?", source_policy: { after_date: "yesterday" } }, /source_policy\.after_date/],
        [{ input: 5 }, /input/],
      ] as const
    ) {
      const { isError, text } = await agent.call("create_task", asked);
      assert(isError);
      assertMatch(text, words);
    }
    assertStrictEquals(api.created.length, 0);
    await agent.close();
  }));

Deno.test("numbers of any size and spelling, and names made of digits, reach the API unchanged", () =>
  withApi(async (app, api) => {
    const input = '{"id":12345678901234567890,"price":1e400,"2024":1.0,"2023":{"b":-0,"0":2E0},' +
      '"__proto__":0.1000000000000000055}';
    const schema = '{"type":"object","properties":{"n":{"type":"number","const":1.50}},' +
      '"required":["n"],"additionalProperties":false}';
    // The protocol's own numbers are read as such, however they are written.
    const call = '{"jsonrpc":"2.0","id":1.0,"method":"tools/call","params":{"name":"create_task",' +
      `"arguments":{"max_cost_usd":1.50,"input":${input},"output_schema":${schema}}}}`;
    const response = await post(app, call, { "x-api-key": KEY });
    assertMatch(await response.text(), /"id":1[,}]/);
    const [body = ""] = api.bodies;
    assert(body.includes(`"input":${input}`), body);
    assert(body.includes(`"json_schema":${schema}`), body);
  }));

Deno.test("the values of an agent's rows keep their spelling", () =>
  withApp(async (app) => {
    const agent = await agentOf(app, "sandbox-agent");
    const rows = [
      '{"n":1.0,"m":-0,"d":{"x":1e3}}',
      '{"n":12345678901234567890,"m":0.10,"d":[1.0]}',
    ];
    const call = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_batch",' +
      `"arguments":{"rows":[${rows.join()}],"processor":"lite"}}}`;
    const text = await (await post(app, call, { "x-api-key": "sandbox-agent" })).text();
    const [id] = /tgrp_\w+/.exec(text) ?? [];
    const { data } = await agent.call("get_result", { id, format: "json" });
    const kept = String(data.json).split("\n").map((line) =>
      line.replace(/,"output":.*|,"status":.*/, "}")
    );
    assertEquals(kept.slice(0, 2), rows);
    await agent.close();
  }));

Deno.test("a task created elsewhere with the same key is found by its ID", () =>
  withApi(async (app) => {
    const agent = await agentOf(app, KEY);
    const id = `trun_${"1001".padStart(32, "0")}`;
    const { data, isError, text } = await agent.call("get_status", { id, wait_s: 0 });
    assert(!isError, text);
    assertEquals([data.id, data.status, data.is_over], [id, "queued", false]);
    await agent.close();
  }));
