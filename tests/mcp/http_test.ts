/** What the MCP server requires of a request, and its responses when it rejects one. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { ORIGIN, type TestApp, withApp } from "../app/test_app.ts";
import { agentOf, CLIENTS, fetchOf, LIST, post } from "./agents.ts";

const GOOD = "pk-the-one-good-key";

/** A Task API that knows one key, and refuses every create. */
function api(request: Request): Response {
  const known = request.headers.get("x-api-key") === GOOD;
  const message = known ? "Run id not found" : "Unauthorized: invalid or missing credentials";
  const error = { ref_id: "r", message, detail: null };
  return Response.json({ type: "error", error }, { status: known ? 404 : 401 });
}

const METADATA = `${ORIGIN}/.well-known/oauth-protected-resource/mcp`;

const REFUSED: readonly (readonly [what: string, headers: HeadersInit])[] = [
  ["no key", {}],
  ["an empty key", { "x-api-key": "" }],
  ["a key with a space", { "x-api-key": "two words" }],
  ["another scheme", { authorization: "Basic c2VjcmV0" }],
  ["a scheme alone", { authorization: "Bearer" }],
  ["a cookie", { cookie: "taskstream=whatever" }],
];

for (const [what, headers] of REFUSED) {
  for (const method of ["POST", "GET", "DELETE"]) {
    Deno.test(`${method} with ${what} gets a challenge that says where to get a key`, () =>
      withApp(async (app) => {
        const body = method === "POST" ? LIST : undefined;
        const response = await app.handle(
          new Request(`${ORIGIN}/mcp`, { method, body, headers }),
        );
        assertStrictEquals(response.status, 401);
        assertStrictEquals(
          response.headers.get("www-authenticate"),
          `Bearer scope="key:read", resource_metadata="${METADATA}"`,
        );
        assertMatch((await response.json()).error.message, /API key/);
      }));
  }
}

Deno.test("a session cookie gives no access", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const response = await browser.fetch("/mcp", { method: "POST", body: LIST });
    assertStrictEquals(response.status, 401);
  }));

Deno.test("a key that the API rejects gets 401 with invalid_token", () =>
  withApp(async (app) => {
    const wrong = await post(app, LIST, { authorization: "Bearer pk-some-wrong-key" });
    assertStrictEquals(wrong.status, 401);
    assertMatch(wrong.headers.get("www-authenticate") ?? "", /^Bearer error="invalid_token", /);
    for (const header of [["authorization", `Bearer ${GOOD}`], ["x-api-key", GOOD]] as const) {
      const right = await post(app, LIST, [[...header]]);
      assertStrictEquals(right.status, 200);
      await right.body?.cancel();
    }
    const log = app.lines.join("\n");
    assert(!log.includes(GOOD) && !log.includes("pk-some-wrong-key"), log);
  }, { api }));

Deno.test("attempts with new keys are limited per address before the API is asked", () => {
  const asked = new Set<string | null>();
  return withApp(async (app) => {
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) {
      statuses.push((await post(app, LIST, { authorization: `Bearer pk-guess-${n}` })).status);
    }
    assertEquals(statuses, [401, 401, 401, 429, 429]);
    assertStrictEquals(asked.size, 3);
    // A good key is not held up by guesses once it is known.
  }, {
    api: (request) => (asked.add(request.headers.get("x-api-key")), api(request)),
    config: { signinLimitPerMinute: 3 },
  });
});

Deno.test("if the API does not confirm a new key, the server returns 503", () =>
  withApp(async (app) => {
    const response = await post(app, LIST, { "x-api-key": GOOD });
    assertStrictEquals(response.status, 503);
    assertStrictEquals(response.headers.get("retry-after"), "5");
  }));

Deno.test("sandbox keys are rejected if the sandbox is off", () =>
  withApp(async (app) => {
    assertStrictEquals((await post(app, LIST)).status, 401);
  }, { config: { sandboxEnabled: false } }));

const ORIGINS: readonly (readonly [origin: string | null, allowed: string[], status: number])[] = [
  [null, [], 200],
  [ORIGIN, [], 200],
  ["https://evil.example", [], 403],
  ["null", [], 403],
  ["http://localhost:8001", [], 403],
  ["https://good.example", ["https://good.example"], 200],
  ["https://evil.example", ["https://good.example"], 403],
  ["https://any.example", ["*"], 200],
];

for (const [origin, corsOrigins, status] of ORIGINS) {
  Deno.test(`Origin ${origin} with CORS_ORIGINS ${corsOrigins} gets ${status}`, () =>
    withApp(async (app) => {
      const headers = { "x-api-key": "sandbox-a", ...origin === null ? {} : { origin } };
      const response = await post(app, LIST, headers);
      assertStrictEquals(response.status, status);
      await response.body?.cancel();
      const readable = response.headers.get("access-control-allow-origin");
      assertStrictEquals(readable !== null, corsOrigins.length > 0 && status === 200);
    }, { config: { corsOrigins } }));
}

Deno.test("a foreign domain that resolves to this server is not an allowed origin", () =>
  withApp(async (app) => {
    for (const [host, status] of [["evil.example:8000", 403], ["127.0.0.1:8000", 200]] as const) {
      const headers = {
        "x-api-key": "sandbox-a",
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        origin: `http://${host}`,
      };
      const request = new Request(`http://${host}/mcp`, { method: "POST", body: LIST, headers });
      const response = await app.handle(request);
      assertStrictEquals(response.status, status);
      await response.body?.cancel();
    }
  }));

Deno.test("the preflight lets a page of an allowed origin send its key", () =>
  withApp(async (app) => {
    const headers = { origin: "https://good.example", "access-control-request-method": "POST" };
    const response = await app.handle(
      new Request(`${ORIGIN}/mcp`, { method: "OPTIONS", headers }),
    );
    assertStrictEquals(response.status, 204);
    assertStrictEquals(response.headers.get("access-control-allow-headers"), "*, authorization");
  }, { config: { corsOrigins: ["https://good.example"] } }));

const BODIES: readonly (readonly [what: string, body: string, status: number])[] = [
  ["too large", JSON.stringify({ a: "x".repeat(1024 * 1024) }), 413],
  ["no JSON", "{", 400],
  ["empty", "", 400],
  ["an object of too many names", `{${Array.from({ length: 5_001 }, (_, n) => `"k${n}":1`)}}`, 400],
  [
    "too many values where no tool is called",
    `{"method":"ping","params":[${"1,".repeat(10_000)}1]}`,
    400,
  ],
  ["too deep", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, 400],
  ["a batch", `[${LIST}]`, 400],
  ["no message", '{"hello":1}', 400],
];

for (const [what, body, status] of BODIES) {
  Deno.test(`a body that is ${what} gets ${status}`, () =>
    withApp(async (app) => {
      const response = await post(app, body);
      assertStrictEquals(response.status, status);
      assertStrictEquals((await response.json()).jsonrpc, "2.0");
    }));
}

Deno.test("a list with a cursor is an error, because no list has a second page", () =>
  withApp(async (app) => {
    for (const list of ["tools", "prompts", "resources", "resources/templates"]) {
      for (const cursor of ["bogus", "", "older.1.trun_a", 5, null]) {
        const method = `${list}/list`;
        const asked = { jsonrpc: "2.0", id: "one", method, params: { cursor } };
        const response = await post(app, JSON.stringify(asked));
        const message = "Invalid cursor. This list has a single page: leave the cursor out.";
        assertStrictEquals(response.status, 200);
        assertEquals(await response.json(), {
          jsonrpc: "2.0",
          id: "one",
          error: { code: -32602, message },
        });
      }
    }
  }));

for (const { name, connect } of CLIENTS) {
  Deno.test(`${name} gets the error of a cursor that is not the server's`, () =>
    withApp(async (app) => {
      const agent = await connect({ fetch: fetchOf(app), headers: { "x-api-key": "sandbox-a" } });
      const error = await assertRejects(() => agent.toolNames("bogus"), Error, "Invalid cursor");
      assertStrictEquals("code" in error && error.code, -32602);
      assert((await agent.toolNames()).length > 0);
      await agent.close();
    }));
}

Deno.test("a message with a name twice in one object is refused, because only one would count", () =>
  withApp(async (app) => {
    const call = (input: string) =>
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_task","arguments":${input}}}`;
    const repeated = [
      call('{"input":"a","input":"b"}'),
      call('{"input":"a","\\u0069nput":"b"}'),
      call('{"input":"a","output_schema":{"type":"object","type":"string"}}'),
      LIST.replace("{", '{"method":"ping",'),
    ];
    for (const body of repeated) {
      const response = await post(app, body, { "x-api-key": "sandbox-repeats" });
      assertStrictEquals(response.status, 400, body);
      const { error } = await response.json();
      assertStrictEquals(error.code, -32700);
      assertMatch(error.message, /“(?:input|type|method)” appears twice in one object/);
    }
    const nested = await post(app, call('{"input":"a","processor":"no"}'), {
      "x-api-key": "sandbox-repeats",
    });
    assertStrictEquals(nested.status, 200);
    await nested.body?.cancel();
  }));

Deno.test("other methods and content types are rejected", () =>
  withApp(async (app) => {
    const headers = { "x-api-key": "sandbox-a" };
    for (const method of ["GET", "DELETE", "PUT"]) {
      const response = await app.handle(new Request(`${ORIGIN}/mcp`, { method, headers }));
      assertStrictEquals(response.status, 405);
      assertStrictEquals(response.headers.get("allow"), "POST, OPTIONS");
    }
    const type = { ...headers, "content-type": "text/plain" };
    assertStrictEquals((await post(app, LIST, type)).status, 415);
  }));

Deno.test("requests count against their address's limit, and the 429 is JSON", () =>
  withApp(async (app) => {
    const statuses: number[] = [];
    let last: Response | null = null;
    for (let n = 0; n < 4; n++) {
      last = await post(app, LIST);
      statuses.push(last.status);
    }
    assertEquals(statuses, [200, 200, 429, 429]);
    assertStrictEquals(last?.headers.get("content-type"), "application/json");
  }, { config: { requestLimitPerMinute: 2 } }));

Deno.test("creates count against the account's limit, and the tool says when to retry", () =>
  withApp(async (app) => {
    const agent = await agentOf(app);
    const create = () => agent.call("create_task", { input: "Why?", processor: "lite" });
    assert(!(await create()).isError);
    const refused = await create();
    assert(refused.isError);
    assertMatch(refused.text, /at most 1 tasks a minute.*Send it again in \d+ s/);
    await agent.close();
  }, { config: { createLimitPerMinute: 1 } }));

Deno.test("the metadata names the resource and Parallel's own authorization server, in both forms", () =>
  withApp(async (app) => {
    for (const path of ["", "/mcp"]) {
      const url = `${ORIGIN}/.well-known/oauth-protected-resource${path}`;
      const response = await app.handle(new Request(url));
      assertStrictEquals(response.status, 200);
      assertStrictEquals(response.headers.get("access-control-allow-origin"), "*");
      assertEquals(await response.json(), {
        resource: "https://tasks.example/mcp",
        authorization_servers: ["https://platform.parallel.ai"],
        scopes_supported: ["key:read"],
        bearer_methods_supported: ["header"],
        resource_name: "Taskstream",
      });
    }
    const refused = await post(app, LIST, {});
    assertMatch(refused.headers.get("www-authenticate") ?? "", /"https:\/\/tasks\.example\//);
  }, { config: { publicUrl: "https://tasks.example" } }));

/** Every key of a store, with its value, as text. */
async function everythingIn({ services }: TestApp): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const { key, value } of services.kv.list({ prefix: [] })) {
    const shown = value instanceof Uint8Array ? decoder.decode(value) : value;
    text += `${JSON.stringify(key)} ${
      JSON.stringify(shown, (_, v) => typeof v === "bigint" || v instanceof Deno.KvU64 ? `${v}` : v)
    }\n`;
  }
  return text;
}

Deno.test("a key is never kept in clear and never logged", () =>
  withApp(async (app) => {
    const key = "sandbox-canary-of-mcp-7261";
    const agent = await agentOf(app, key);
    const { data } = await agent.call("create_task", { input: "Why?", processor: "lite" });
    await agent.call("get_status", { id: data.id });
    await agent.close();
    assert(!(await everythingIn(app)).includes(key), "the store has the key");
    assert(!app.lines.join("\n").includes(key), "the log has the key");
  }));
