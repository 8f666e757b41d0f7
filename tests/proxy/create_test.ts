import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { InFlight } from "../../lib/base/in_flight.ts";
import { handleApi, proxyContext } from "../../lib/proxy/mod.ts";
import { runJson, sdk, withProxy } from "./proxy_app.ts";

const API_KEY = "pk-test-key-1234";
const KEY = { "x-api-key": API_KEY };
const RUNS = "/api/v1/tasks/runs";

Deno.test("the request goes to the upstream byte for byte, the response to the caller, and the run into the log", () => {
  const run = runJson({ future_member: { a: 1 }, processor: "core-next" });
  const body = `{ "processor":"core-next",\n "input": {"b":1.0,"a":"☃"}, "future_option": [1] }`;
  return withProxy(async ({ app, fetch, reached }) => {
    const response = await fetch(RUNS, { method: "POST", headers: KEY, body });
    assertStrictEquals(response.status, 202);
    assertStrictEquals(await response.text(), JSON.stringify(run));
    assertEquals(reached.map(({ body }) => body), [body]);
    const account = await app.services.runs.accountOf(API_KEY);
    const page = await app.services.runs.page(account!, String(run.run_id));
    assertStrictEquals(page?.run.source, "api");
    assertStrictEquals(page?.run.simulated, false);
    assertStrictEquals(page?.run.processor, "core-next");
    assertStrictEquals(
      JSON.stringify(page?.run.input),
      body.replace(/\s+/g, ""),
      "every number as sent",
    );
  }, { api: () => Response.json(run, { status: 202 }) });
});

const ODD_BODIES: readonly [name: string, body: string][] = [
  ["text where options should be objects", '{"input":"x","processor":"lite","mcp_servers":"y"}'],
  ["a spec that is none", '{"input":"x","processor":"lite","task_spec":7}'],
  ["an input that is a list", '{"input":["x"],"processor":"lite"}'],
  ["nothing we know", "[]"],
  ["no JSON", "x"],
  ["nothing", ""],
];

for (const [name, body] of ODD_BODIES) {
  Deno.test(`an accepted request is recorded, even ${name}, because it is billed`, () => {
    const run = runJson();
    return withProxy(async ({ app, fetch }) => {
      const response = await fetch(RUNS, { method: "POST", headers: KEY, body });
      assertStrictEquals(response.status, 202);
      await response.body?.cancel();
      const account = await app.services.runs.accountOf(API_KEY);
      const { runs } = await app.services.runs.list(account!);
      assertEquals(runs.map(({ run_id }) => run_id), [run.run_id]);
      const browser = await app.browser().enterKey(API_KEY);
      assertStrictEquals((await browser.fetch(`/tasks/${run.run_id}`)).status, 200);
    }, { api: () => Response.json(run, { status: 202 }) });
  });
}

Deno.test("MCP header values are sent on and never shown", () => {
  const run = runJson();
  return withProxy(async ({ app, origin, reached }) => {
    const headers = { authorization: "Bearer very-secret" };
    await sdk(origin, API_KEY).taskRun.create({
      input: "x",
      processor: "lite",
      mcp_servers: [{ type: "url", url: "https://mcp.example/mcp", name: "m", headers }],
    });
    assertMatch(reached[0]!.body, /very-secret/);
    const browser = await app.browser().enterKey(API_KEY);
    assert(!(await browser.text(`/tasks/${run.run_id}/result.json`)).includes("very-secret"));
    assert(!app.lines.join("\n").includes("very-secret"));
  }, { api: () => Response.json(run, { status: 202 }) });
});

Deno.test("a rejected create leaves nothing, not even an account", () =>
  withProxy(async ({ app, fetch, reached }) => {
    const response = await fetch(RUNS, { method: "POST", headers: KEY, body: "{}" });
    assertStrictEquals(response.status, 402);
    assertEquals(await response.json(), { type: "error" });
    assertStrictEquals(reached.length, 1);
    assertStrictEquals(await app.services.runs.accountOf(API_KEY), null);
  }, { api: () => Response.json({ type: "error" }, { status: 402 }) }));

for (const path of [RUNS, "/api/v1/tasks/groups/tgrp_1/runs"]) {
  Deno.test(`a caller who disconnects during POST ${path} changes nothing, because it is billed`, () => {
    const run = runJson();
    const arrived = Promise.withResolvers<AbortSignal>();
    const answer = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<boolean>();
    return withProxy(async ({ app, fetch }) => {
      const stop = new AbortController();
      const body = '{"input":"x","processor":"lite"}';
      const asked = fetch(path, { method: "POST", headers: KEY, body, signal: stop.signal });
      await arrived.promise;
      stop.abort();
      await assertRejects(() => asked);
      // Were the abort passed on, it would have arrived long before this second request is through.
      await (await fetch("/api/v1/tasks/groups/tgrp_2", { headers: KEY })).body?.cancel();
      answer.resolve();
      assertStrictEquals(await answered.promise, false);
      if (path !== RUNS) return;
      let account: string | null = null;
      while (account === null) account = await app.services.runs.accountOf(API_KEY);
      while ((await app.services.runs.list(account)).runs.length === 0);
    }, {
      api: async ({ method, signal }) => {
        if (method === "GET") return Response.json({});
        arrived.resolve(signal);
        await answer.promise;
        answered.resolve(signal.aborted);
        return Response.json(run, { status: 202 });
      },
    });
  });
}

Deno.test("a run that our store cannot save is still returned to its caller", () => {
  const run = runJson();
  return withProxy(async ({ app }) => {
    const context = proxyContext(app.services);
    const runs = {
      accountOf: () => Promise.resolve(null),
      adopt: () => Promise.resolve(false),
      has: () => Promise.resolve(false),
      inFlight: new InFlight({ now: Date.now, log: () => {} }),
      apiKeyOf: () => Promise.resolve(API_KEY),
      ownerOf: () => Promise.resolve({ id: "a", sealedKey: "s" }),
      stream: () => Promise.resolve({ status: "unknown" as const }),
      keep: () => Promise.reject(new Error("disk full")),
    };
    const request = new Request(`http://localhost${RUNS}`, {
      method: "POST",
      headers: KEY,
      body: '{"input":"x","processor":"lite"}',
    });
    const asked = {
      request,
      account: null,
      origin: "http://localhost",
      client: { client: "local", network: null },
    };
    const response = await handleApi({ ...context, runs }, asked);
    assertStrictEquals(response.status, 202);
    assertEquals(await response.json(), run);
    const line = app.lines.find((line) => line.includes("created but not recorded"));
    assertMatch(line ?? "", new RegExp(`error .*${run.run_id}.*disk full`));
  }, { api: () => Response.json(run, { status: 202 }) });
});

Deno.test("chats, suggestions and new groups pass through unrecorded, because they have no runs", () =>
  withProxy(async ({ app, fetch }) => {
    for (const path of ["v1/tasks/groups", "v1beta/tasks/suggest", "v1beta/chat/completions"]) {
      const response = await fetch(`/api/${path}`, { method: "POST", headers: KEY, body: "{}" });
      assertStrictEquals(response.status, 200);
      await response.body?.cancel();
    }
    assertStrictEquals(await app.services.runs.accountOf(API_KEY), null);
  }, { api: () => Response.json(runJson()) }));

Deno.test("two creates are two runs: neither counts as a repeat", () =>
  withProxy(async ({ app, origin, reached }) => {
    const client = sdk(origin, API_KEY);
    await client.taskRun.create({ input: "x", processor: "lite" });
    await client.taskRun.create({ input: "x", processor: "lite" });
    assertStrictEquals(reached.length, 2);
    const account = await app.services.runs.accountOf(API_KEY);
    assertStrictEquals((await app.services.runs.list(account!)).runs.length, 2);
    // The SDK of today names its retries nowhere; a key of its own would change this rule.
    for (const { headers } of reached) assertStrictEquals(headers.get("idempotency-key"), null);
  }, { api: () => Response.json(runJson(), { status: 202 }) }));
