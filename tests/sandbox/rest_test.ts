import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { KEY, NOON, type Room, withRoom } from "./support.ts";

const JSON_TYPE = "application/json";
const REF_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const RUNS = "/v1/tasks/runs";
const NOBODY = `trun_${"0".repeat(32)}`;

async function assertRefused(response: Response, status: number, message: string | RegExp) {
  assertStrictEquals(response.status, status);
  assertStrictEquals(response.headers.get("content-type"), JSON_TYPE);
  const body = await response.json();
  assertStrictEquals(body.type, "error");
  assertMatch(body.error.ref_id, REF_ID);
  if (typeof message === "string") assertStrictEquals(body.error.message, message);
  else assertMatch(body.error.message, message);
  assert("detail" in body.error);
  return body.error.detail;
}

Deno.test("a create returns 202 with a queued run, without null members", () =>
  withRoom(async (room) => {
    const response = await room.post({
      input: "What?",
      processor: "core",
      metadata: { team: "a1" },
    });
    assertStrictEquals(response.status, 202);
    assertStrictEquals(response.headers.get("content-type"), JSON_TYPE);
    const run = await response.json();
    assertMatch(run.run_id, /^trun_[0-9a-f]{32}$/);
    assertMatch(run.created_at, /^2026-11-21T12:00:00\.000\d{3}Z$/);
    assertEquals(run, {
      run_id: run.run_id,
      interaction_id: run.run_id,
      status: "queued",
      is_active: true,
      processor: "core",
      metadata: { team: "a1" },
      created_at: run.created_at,
      modified_at: run.created_at,
    });
  }));

Deno.test("a run without metadata shows an empty object", () =>
  withRoom(async (room) => assertEquals((await room.get(await room.create())).metadata, {})));

const UNAUTHORIZED = "Unauthorized: invalid or missing credentials";
const REFUSED_KEYS: readonly (readonly [string, string | null])[] = [
  ["no key", null],
  ["an empty key", ""],
  ["a key of the real API", "pk-1234567890"],
];
for (const [name, key] of REFUSED_KEYS) {
  Deno.test(`${name} is rejected with 401 everywhere`, () =>
    withRoom(async (room) => {
      const runId = await room.create();
      await assertRefused(
        await room.post({ input: "x", processor: "lite" }, key),
        401,
        UNAUTHORIZED,
      );
      for (const path of ["", "/input", "/result", "/events"]) {
        await assertRefused(await room.ask(`${RUNS}/${runId}${path}`, { key }), 401, UNAUTHORIZED);
      }
    }));
}

Deno.test("a bearer token is not accepted as a key", () =>
  withRoom(async (room) => {
    const headers = { authorization: `Bearer ${KEY}` };
    const response = await room.ask(`${RUNS}/${NOBODY}`, { key: null, headers });
    await assertRefused(response, 401, UNAUTHORIZED);
  }));

Deno.test("the accepted keys can be chosen", () =>
  withRoom(async (room) => {
    const response = await room.post({ input: "x", processor: "lite" }, "anything");
    assertStrictEquals(response.status, 202);
    await response.body?.cancel();
  }, { acceptKey: (key) => key === "anything" }));

Deno.test("another key's run gives the same 404 as a missing one", () =>
  withRoom(async (room) => {
    const runId = await room.create();
    for (const id of [runId, NOBODY, "trun_short", "..%2f", "trun_%00"]) {
      for (const [path, message] of PARTS) {
        const response = await room.ask(`${RUNS}/${id}${path}`, { key: "sandbox-other" });
        await assertRefused(response, 404, message);
      }
    }
  }));
const PARTS = [
  ["", "Run id not found"],
  ["/input", "Run id not found"],
  ["/events", "Run id not found"],
  ["/result", "Run failed or run id not found"],
] as const;

const INVALID = "Unprocessable content: request validation error";
const BAD_BODIES: readonly (readonly [string, unknown, string])[] = [
  ["no JSON", "{", ""],
  ["no object", "[]", ""],
  ["no input", { processor: "lite" }, "input"],
  ["a number for input", { input: 1, processor: "lite" }, "input"],
  ["no processor", { input: "x" }, "processor"],
  [
    "a schema whose root is no object",
    spec({ type: "array", items: { type: "string" } }),
    "task_spec.output_schema.json_schema.type",
  ],
  [
    "a long metadata value",
    { input: "x", processor: "lite", metadata: { a: "x".repeat(513) } },
    "metadata.a",
  ],
  [
    "a day that does not exist",
    { input: "x", processor: "lite", source_policy: { after_date: "2026-02-30" } },
    "source_policy.after_date",
  ],
];
function spec(json_schema: unknown) {
  return { input: "x", processor: "lite", task_spec: { output_schema: { json_schema } } };
}
for (const [name, body, field] of BAD_BODIES) {
  Deno.test(`a create with ${name} gives a 422 that names the field`, () =>
    withRoom(async (room) => {
      const detail = await assertRefused(await room.post(body), 422, INVALID);
      const fields = detail.errors.map(({ loc }: { loc: string[] }) => loc.join("."));
      assert(fields.includes(["body", field].filter(Boolean).join(".")), fields.join());
    }));
}

Deno.test("an unknown processor gives 403 if everything else is valid", () =>
  withRoom(async (room) => {
    const message = "Forbidden: invalid processor in request";
    await assertRefused(await room.post({ input: "x", processor: "mega" }), 403, message);
    await assertRefused(await room.post({ processor: "mega" }), 422, INVALID);
  }));

Deno.test("a body beyond half a megabyte is rejected before it is read", () =>
  withRoom(async (room) => {
    const body = { input: "x", processor: "lite", more: "y".repeat(600_000) };
    await assertRefused(await room.post(body), 413, /larger than/);
  }));

for (const status of [402, 429, 500, 503]) {
  Deno.test(`metadata.sandbox ${status} rejects the create with that status`, () =>
    withRoom(async (room) => {
      for (const sandbox of [status, String(status)]) {
        const response = await room.post({ input: "x", processor: "lite", metadata: { sandbox } });
        assertStrictEquals(response.headers.get("retry-after"), status === 429 ? "2" : null);
        await assertRefused(response, status, /\w/);
      }
    }));
}

Deno.test("unsupported endpoints give a 404 that says so", () =>
  withRoom(async (room) => {
    for (
      const path of [
        "/v1/tasks/groups/tgrp_1/runs/trun_1/result",
        "/v1/tasks/suggest",
        "/chat/completions",
        "/v1/search",
      ]
    ) {
      await assertRefused(await room.ask(path), 404, /sandbox does not simulate GET/);
    }
    await assertRefused(await room.ask("/"), 404, /Not found/);
    await assertRefused(await room.ask(`${RUNS}/${NOBODY}/cancel`), 404, /does not simulate/);
  }));

Deno.test("a wrong method gives a 405 that names the right one", () =>
  withRoom(async (room) => {
    const list = await room.ask(RUNS);
    assertStrictEquals(list.headers.get("allow"), "POST");
    await assertRefused(list, 405, /use POST/);
    const remove = await room.ask(`${RUNS}/${NOBODY}`, { method: "DELETE" });
    assertStrictEquals(remove.headers.get("allow"), "GET");
    await assertRefused(remove, 405, /use GET/);
  }));

Deno.test("no response allows another origin's browser to read it", () =>
  withRoom(async (room) => {
    const response = await room.ask(RUNS, { headers: { origin: "https://elsewhere.example" } });
    assertEquals([...response.headers.keys()].filter((name) => name.startsWith("access-")), []);
    await response.body?.cancel();
  }));

Deno.test("a run goes from queued to running to completed by the clock alone", () =>
  withRoom(async (room) => {
    const runId = await room.create();
    const seen = [];
    for (const ms of [0, 1_000, 6_000, 86_400_000]) {
      room.clock.ms = NOON + ms;
      const { status, is_active } = await room.get(runId);
      seen.push([status, is_active]);
    }
    assertEquals(seen, [["queued", true], ["running", true], ["completed", false], [
      "completed",
      false,
    ]]);
    const run = await room.get(runId);
    assert(Date.parse(String(run.modified_at)) < NOON + 6_000);
  }));

const LATENCIES: readonly (readonly [string, number])[] = [
  ["lite", 5],
  ["lite-fast", 2.5],
  ["base", 8],
  ["core", 12],
  ["core2x", 18],
  ["pro", 25],
  ["pro-fast", 12.5],
  ["ultra", 40],
  ["ultra8x", 100],
];
for (const [processor, seconds] of LATENCIES) {
  Deno.test(`${processor} takes about ${seconds} s, and a tenth of it at speed 10`, async () => {
    for (const speed of [1, 10]) {
      await withRoom(async (room) => {
        const runId = await room.create({ processor });
        await room.get(`${runId}/result`);
        const took = (room.clock.ms - NOON) / 1000 * speed;
        assert(took > seconds * 0.9 && took < seconds * 1.1, `${took} s`);
      }, { speed });
    }
  });
}

Deno.test("the request is returned as sent, without MCP headers", () =>
  withRoom(async (room) => {
    const body = {
      input: { city: "Graz" },
      processor: "base",
      metadata: { n: 1, ok: true },
      task_spec: { output_schema: "one sentence" },
      mcp_servers: [{
        name: "docs",
        url: "https://mcp.test.com",
        headers: { authorization: "SECRET" },
      }],
      later_addition: [1],
    };
    const runId = await room.create(body);
    const { mcp_servers, ...rest } = await room.get(`${runId}/input`);
    const { mcp_servers: _, ...sent } = body;
    assertEquals(rest, sent);
    assertEquals(mcp_servers, [{ name: "docs", url: "https://mcp.test.com" }]);
    for await (const { value } of room.kv.list({ prefix: [] })) {
      const bytes = value instanceof Uint8Array
        ? new TextDecoder().decode(value)
        : JSON.stringify(value);
      assert(!bytes.includes("SECRET") && !bytes.includes(KEY), "a secret lies in KV");
    }
  }));

Deno.test("the result blocks until the run has completed", () =>
  withRoom(async (room) => {
    const runId = await room.create();
    const { run, output } = await room.get<
      { run: Record<string, unknown>; output: { type: string } }
    >(
      `${runId}/result`,
    );
    assertStrictEquals(run.status, "completed");
    assertStrictEquals(run.run_id, runId);
    assertStrictEquals(output.type, "json");
    assert(room.clock.ms > NOON + 4_000);
  }));

Deno.test("the result returns 408 if its timeout ends before the run", () =>
  withRoom(async (room) => {
    const runId = await room.create({ processor: "pro" });
    for (const timeout of [0, 3]) {
      const start = room.clock.ms;
      const response = await room.ask(`${RUNS}/${runId}/result?timeout=${timeout}`);
      await assertRefused(response, 408, "Request timed out; run still active");
      assertStrictEquals(room.clock.ms - start, timeout * 1000);
    }
  }));

for (const timeout of ["soon", "-1", "1.5"]) {
  Deno.test(`a result timeout of ${timeout} gives 422`, () =>
    withRoom(async (room) => {
      const response = await room.ask(`${RUNS}/${await room.create()}/result?timeout=${timeout}`);
      await assertRefused(response, 422, "Request validation error");
    }));
}

const ENDINGS = [["fail", "failed"], ["action_required", "action_required"]] as const;
for (const [sandbox, status] of ENDINGS) {
  Deno.test(`a run that ended as ${status} has no result: 404`, () =>
    withRoom(async (room) => {
      const runId = await room.create({ metadata: { sandbox } });
      const response = await room.ask(`${RUNS}/${runId}/result`);
      await assertRefused(response, 404, "Run failed or run id not found");
      const run = await room.get<
        Record<string, unknown> & { error?: { ref_id: string; message: string } }
      >(runId);
      assertStrictEquals(run.status, status);
      assertStrictEquals(run.is_active, false);
      if (status === "failed") {
        assertMatch(run.error?.ref_id ?? "", REF_ID);
        assertMatch(run.error?.message ?? "", /^Task execution failed/);
      } else {
        assert(!("error" in run));
      }
    }));
}

async function warningsOf(room: Room, body: Record<string, unknown>) {
  const run = await room.get<{ warnings?: { type: string; message: string }[] }>(
    await room.create(body),
  );
  return run.warnings ?? [];
}

Deno.test("an input that does not match its schema is accepted with a warning", () =>
  withRoom(async (room) => {
    const input_schema = {
      type: "json",
      json_schema: {
        type: "object",
        properties: { year: { type: "integer" } },
        required: ["year"],
      },
    };
    const task_spec = { output_schema: { type: "auto" }, input_schema };
    const [warning] = await warningsOf(room, { input: { year: "1889" }, task_spec });
    assertStrictEquals(warning?.type, "input_validation_warning");
    assertEquals(await warningsOf(room, { input: { year: 1889 }, task_spec }), []);
  }));

Deno.test("an unknown fault and an unknown previous run give a warning", () =>
  withRoom(async (room) => {
    const [fault] = await warningsOf(room, { metadata: { sandbox: "cut, explode" } });
    assertMatch(fault?.message ?? "", /"explode" is not a fault/);
    const [follows] = await warningsOf(room, { previous_interaction_id: NOBODY });
    assertMatch(follows?.message ?? "", /is not a run of this sandbox/);
    const known = await room.create();
    assertEquals(await warningsOf(room, { previous_interaction_id: known }), []);
  }));

Deno.test("an unreachable MCP server gives a warning with redacted header values", () =>
  withRoom(async (room) => {
    const mcp_servers = [
      { name: "gone", url: "https://dummy_mcp_server", headers: { "x-api-key": "SECRET" } },
      { name: "pubmed", url: "https://mcp.pubmed.com", allowed_tools: ["search_articles"] },
    ];
    const runId = await room.create({ mcp_servers, enable_events: true });
    const { run, output } = await room.get<{
      run: { warnings: { message: string }[] };
      output: { mcp_tool_calls: Record<string, string>[] };
    }>(`${runId}/result`);
    assertMatch(
      run.warnings[0]?.message ?? "",
      /^Error listing tools from MCP server gone: 502 .*Headers: \{"x-api-key":"REDACTED"\}/,
    );
    const [call] = output.mcp_tool_calls;
    assertStrictEquals(call?.server_name, "pubmed");
    assertStrictEquals(call?.tool_name, "search_articles");
    assertStrictEquals(call?.error, "");
  }));

Deno.test("a request larger than one KV value is returned whole", () =>
  withRoom(async (room) => {
    const input = "ä".repeat(24_000);
    const include_domains = Array.from({ length: 200 }, (_, i) =>
      `${"a".repeat(60)}.${"b".repeat(60)}.d${i}.com`);
    const runId = await room.create({ input, source_policy: { include_domains } });
    const sent = await room.get<{ input: string; source_policy: unknown }>(`${runId}/input`);
    assertStrictEquals(sent.input, input);
    assertEquals(sent.source_policy, { include_domains });
    await room.get(`${runId}/result`);
  }));

Deno.test("closing the sandbox or its caller ends a waiting result", () =>
  withRoom(async (room) => {
    room.clock.stop();
    const runId = await room.create();
    const stop = new AbortController();
    const given = room.ask(`${RUNS}/${runId}/result`, { signal: stop.signal });
    const kept = room.ask(`${RUNS}/${runId}/result`);
    const outcomes = Promise.allSettled([given, kept]);
    await room.clock.untilWaiting(2);
    stop.abort();
    await room.clock.untilWaiting(1);
    room.sandbox.close();
    const [left, told] = await outcomes;
    assertStrictEquals(left.status, "rejected");
    assert(told.status === "fulfilled");
    await assertRefused(told.value, 503, /closing/);
    assertStrictEquals(room.clock.waiting, 0);
  }));

Deno.test("a run's input comes back with its numbers and names as they were sent", () =>
  withRoom(async (room) => {
    const input = '{"10":1.0,"9":1e2,"id":12345678901234567890}';
    const body = `{"input":${input},"processor":"lite","metadata":{"share":0.50}}`;
    const sent = await room.ask(RUNS, { method: "POST", body });
    const { run_id } = await sent.json();
    const text = await (await room.ask(`${RUNS}/${run_id}/input`)).text();
    assert(text.includes(input), text);
    assert(text.includes('{"share":0.50}'), text);
  }));
