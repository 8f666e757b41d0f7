import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { type ApiResult, TaskClient, type TaskClientOptions } from "../../lib/parallel/client.ts";
import { errorBody } from "../../lib/parallel/errors.ts";

const RUN = {
  run_id: "trun_1",
  interaction_id: "trun_1",
  status: "queued",
  is_active: true,
  processor: "lite",
  created_at: null,
  modified_at: null,
};
const INPUT = { input: "x", processor: "lite" };

/** A client of an upstream that gives these answers in turn, and what it was asked. */
function clientOf(
  answers: readonly (() => Response | Promise<Response>)[],
  more: Partial<TaskClientOptions> = {},
) {
  const requests: Request[] = [];
  const left = [...answers];
  const client = new TaskClient({
    baseUrl: "https://api.test/prefix/",
    apiKey: "secret-key",
    fetch: (input, init) => {
      const request = new Request(input, init);
      requests.push(request);
      return Promise.resolve(left.shift()?.() ?? new Response("", { status: 599 }));
    },
    ...more,
  });
  return { client, requests };
}

const json = (body: unknown, status = 200, headers: HeadersInit = {}) => () =>
  Response.json(body, { status, headers });

function failureOf<T>(result: ApiResult<T>) {
  assert(!result.ok);
  return result.failure;
}

Deno.test("a create posts the request unchanged, with the key in its header", async () => {
  const { client, requests } = clientOf([json(RUN, 202)]);
  const result = await client.create({ ...INPUT, metadata: { a: 1 } });
  assert(result.ok);
  assertStrictEquals(result.value.run_id, "trun_1");
  const [request] = requests;
  assertStrictEquals(request?.url, "https://api.test/prefix/v1/tasks/runs");
  assertStrictEquals(request?.method, "POST");
  assertStrictEquals(request?.headers.get("x-api-key"), "secret-key");
  assertStrictEquals(request?.headers.get("content-type"), "application/json");
  assertStrictEquals(request?.redirect, "manual");
  assertEquals(await request?.json(), { ...INPUT, metadata: { a: 1 } });
});

const FAILING: readonly (readonly [string, () => Response | Promise<Response>])[] = [
  ["a refusal", json(errorBody("Later", { refId: "r" }), 429)],
  ["a broken upstream", json({}, 503)],
  ["a broken connection", () => Promise.reject(new TypeError("connection reset"))],
  ["an answer that is no run", json({})],
];
for (const [name, answer] of FAILING) {
  Deno.test(`a create is sent once, even after ${name}`, async () => {
    const { client, requests } = clientOf([answer, json(RUN)]);
    assert(!(await client.create(INPUT)).ok);
    assertStrictEquals(requests.length, 1);
  });
}

const PATHS: readonly (readonly [string, (client: TaskClient) => Promise<unknown>, string])[] = [
  ["retrieve", (client) => client.retrieve("trun_1"), "/trun_1"],
  ["input", (client) => client.input("trun_1"), "/trun_1/input"],
  [
    "result",
    (client) => client.result("trun_1", { timeoutSeconds: 25 }),
    "/trun_1/result?timeout=25",
  ],
  [
    "a path in an id",
    (client) => client.retrieve("../../v1/keys?x#y"),
    "/%2E%2E%2F%2E%2E%2Fv1%2Fkeys%3Fx%23y",
  ],
];
for (const [name, call, path] of PATHS) {
  Deno.test(`${name} requests ${path}`, async () => {
    const { client, requests } = clientOf([json(RUN)]);
    await call(client);
    assertStrictEquals(requests[0]?.url, `https://api.test/prefix/v1/tasks/runs${path}`);
    assertStrictEquals(requests[0]?.method, "GET");
  });
}

Deno.test("the events request sends the key and asks for a stream", () => {
  const { client } = clientOf([]);
  assertEquals(client.eventsRequest("trun_1"), {
    url: "https://api.test/prefix/v1/tasks/runs/trun_1/events",
    headers: { "x-api-key": "secret-key", accept: "text/event-stream" },
  });
});

const RUNS: readonly (readonly [string, unknown, unknown])[] = [
  ["members it does not know", { ...RUN, later: [1] }, { ...RUN, later: [1] }],
  ["a status it does not know", { ...RUN, status: "paused" }, { ...RUN, status: "paused" }],
  ["nothing but id and status", { run_id: "trun_1", status: "running" }, {
    ...RUN,
    status: "running",
    processor: "",
  }],
];
for (const [name, body, expected] of RUNS) {
  Deno.test(`a run with ${name} is read`, async () => {
    const result = await clientOf([json(body)]).client.retrieve("trun_1");
    assert(result.ok);
    assertEquals(result.value, expected);
  });
}

const RESULTS: readonly (readonly [string, unknown, unknown])[] = [
  ["text", { type: "text", content: "x", basis: [] }, { type: "text", content: "x", basis: [] }],
  ["JSON as an object", { type: "json", content: { a: 1 }, basis: [] }, {
    type: "json",
    content: { a: 1 },
    basis: [],
  }],
  ["JSON as text", { type: "json", content: '{"a":1}', basis: [] }, {
    type: "json",
    content: { a: 1 },
    basis: [],
  }],
  ["an empty confidence and no citations", {
    type: "text",
    content: "x",
    basis: [{ field: "output", reasoning: "r", confidence: "" }, { field: 1 }, null],
  }, {
    type: "text",
    content: "x",
    basis: [{ field: "output", reasoning: "r", confidence: null, citations: [] }],
  }],
  ["tool calls and more", { type: "text", content: "x", basis: [], mcp_tool_calls: [], later: 1 }, {
    type: "text",
    content: "x",
    basis: [],
    mcp_tool_calls: [],
    later: 1,
  }],
];
for (const [name, output, expected] of RESULTS) {
  Deno.test(`a result with ${name} is read`, async () => {
    const { client } = clientOf([json({ run: RUN, output })]);
    const result = await client.result("trun_1", { timeoutSeconds: 1 });
    assert(result.ok);
    assertEquals(result.value.output, expected);
  });
}

const MALFORMED: readonly (readonly [string, () => Response])[] = [
  ["no JSON", () => new Response("<html>")],
  ["a list", json([])],
  ["a run without an id", json({ status: "queued" })],
  [
    "a redirect",
    () => new Response(null, { status: 302, headers: { location: "https://evil.test/" } }),
  ],
  ["an error page of a proxy", () => new Response("Forbidden", { status: 403 })],
];
for (const [name, answer] of MALFORMED) {
  Deno.test(`a response that is ${name} is a failure, not a cast`, async () => {
    const { client, requests } = clientOf([answer]);
    const failure = failureOf(await client.retrieve("trun_1"));
    assertStrictEquals(failure.kind, "malformed");
    assertStrictEquals(requests.length, 1);
  });
}

Deno.test("a result without content is malformed", async () => {
  const { client } = clientOf([json({ run: RUN, output: { type: "json", content: 1 } })]);
  assertStrictEquals(
    failureOf(await client.result("trun_1", { timeoutSeconds: 1 })).kind,
    "malformed",
  );
});

Deno.test("a rejection keeps the API's message, reference, detail and requested wait", async () => {
  const body = errorBody("Slow down", { refId: "ref-1", detail: { a: 1 } });
  const { client } = clientOf([json(body, 429, { "retry-after": "7" })]);
  assertEquals(failureOf(await client.create(INPUT)), {
    kind: "refused",
    status: 429,
    refId: "ref-1",
    message: "Slow down",
    detail: { a: 1 },
    retryAfterSeconds: 7,
  });
});

Deno.test("a server error without a body is a rejection with its status", async () => {
  const failure = failureOf(
    await clientOf([() => new Response("bad gateway", { status: 502 })]).client.retrieve("x"),
  );
  assertEquals([failure.kind, failure.status], ["refused", 502]);
});

Deno.test("an unreachable upstream is a failure without a status", async () => {
  const { client } = clientOf([() => Promise.reject(new TypeError("connection refused"))]);
  const failure = failureOf(await client.retrieve("trun_1"));
  assertEquals([failure.kind, failure.status], ["unreachable", null]);
  assertMatch(failure.message, /connection refused/);
  assert(!JSON.stringify(failure).includes("secret-key"));
});

/** Fetches that answer only by giving up. */
const hanging = (): Pick<TaskClientOptions, "fetch"> => ({
  fetch: (_, init) =>
    new Promise((_, reject) => {
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
    }),
});

Deno.test("silence beyond the limit is a timeout; a result may take its own time on top", async () => {
  const limits: number[] = [];
  const cleared: unknown[] = [];
  const timers = {
    setTimeout: (run: () => void, ms: number) => {
      queueMicrotask(run);
      return limits.push(ms);
    },
    clearTimeout: (id: unknown) => void cleared.push(id),
  };
  const { client } = clientOf([], { ...hanging(), timers, timeoutMs: 2_000 });
  const failure = failureOf(await client.create(INPUT));
  assertEquals([failure.kind, failure.status], ["timeout", null]);
  assertMatch(failure.message, /within 2 s/);
  await client.result("trun_1", { timeoutSeconds: 25 });
  assertEquals(limits, [2_000, 27_000]);
  assertEquals(cleared, [1, 2]);
});

Deno.test("an abort rejects with its reason, before and during a request", async () => {
  const { client } = clientOf([], hanging());
  const reason = new Error("enough");
  assertStrictEquals(
    await assertRejects(() => client.retrieve("x", { signal: AbortSignal.abort(reason) })),
    reason,
  );
  const stop = new AbortController();
  const waiting = client.result("x", { timeoutSeconds: 5, signal: stop.signal });
  stop.abort(reason);
  assertStrictEquals(await assertRejects(() => waiting), reason);
});
