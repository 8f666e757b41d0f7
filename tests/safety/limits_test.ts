/** The limits as a client of the whole app sees them. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { isAttempt } from "../../lib/middleware/limits.ts";
import { FORM, ORIGIN, type TestApp, withApp } from "../app/test_app.ts";
import { withProxy } from "../proxy/proxy_app.ts";

const info = (hostname: string): Deno.ServeHandlerInfo => ({
  remoteAddr: { transport: "tcp", hostname, port: 51234 },
  completed: Promise.resolve(),
});

const get = (app: TestApp, path: string, from: string, headers: HeadersInit = {}) =>
  app.handle(new Request(ORIGIN + path, { headers }), info(from));

Deno.test("beyond an address's limit the page says when to retry", () =>
  withApp(async (app) => {
    for (let n = 0; n < 3; n++) {
      assertStrictEquals((await get(app, "/", "203.0.113.9")).status, 200);
    }
    const refused = await get(app, "/", "203.0.113.9");
    assertStrictEquals(refused.status, 429);
    assertMatch(refused.headers.get("content-type") ?? "", /^text\/html/);
    assertMatch(refused.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
    assertMatch(refused.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assertMatch(await refused.text(), /at most 3 a minute from one address.*again in \d+ s/);
    assertStrictEquals(
      (await get(app, "/favicon.svg", "203.0.113.9")).status,
      429,
      "files count too",
    );
    assertStrictEquals((await get(app, "/", "203.0.113.10")).status, 200, "other addresses go on");
    assertStrictEquals((await get(app, "/", "2001:db8::1")).status, 200);
    for (const probe of ["/healthz", "/readyz"]) {
      assertStrictEquals((await get(app, probe, "203.0.113.9")).status, 200, probe);
    }
  }, { config: { requestLimitPerMinute: 3 } }));

Deno.test("beyond the limit the proxy responds like the Task API, readable across origins", () =>
  withApp(async (app) => {
    const headers = { "x-api-key": "pk-test-key-1234", origin: "https://app.example" };
    await get(app, "/api/v1/nothing", "203.0.113.9", headers);
    const refused = await get(app, "/api/v1/tasks/runs/a", "203.0.113.9", headers);
    assertStrictEquals(refused.status, 429);
    assertMatch(refused.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
    assertStrictEquals(refused.headers.get("access-control-allow-origin"), "https://app.example");
    const { type, error } = await refused.json();
    assertStrictEquals(type, "error");
    assertMatch(error.message, /Too many requests: at most 1 a minute/);
    assertMatch(error.ref_id, /^[\w-]{36}$/);
  }, { config: { requestLimitPerMinute: 1, corsOrigins: ["https://app.example"] } }));

for (const trustProxy of [0, 1]) {
  const name = trustProxy > 0 ? "believed where proxies are trusted" : "not believed by default";
  Deno.test(`X-Forwarded-For is ${name}`, () =>
    withApp(async (app) => {
      const statuses: number[] = [];
      for (const client of ["198.51.100.1", "198.51.100.2", "198.51.100.3"]) {
        const headers = { "x-forwarded-for": `1.2.3.4, ${client}` };
        statuses.push((await get(app, "/healthz/x", "10.0.0.1", headers)).status);
      }
      assertEquals(statuses, trustProxy > 0 ? [404, 404, 404] : [404, 429, 429]);
    }, { config: { requestLimitPerMinute: 1, trustProxy } }));
}

Deno.test("a spoofed X-Forwarded-For opens no new bucket behind a trusted proxy", () =>
  withApp(async (app) => {
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) {
      const headers = { "x-forwarded-for": `9.9.9.${n}, 198.51.100.1` };
      statuses.push((await get(app, "/healthz/x", "10.0.0.1", headers)).status);
    }
    assertEquals(statuses, [404, 404, 429]);
  }, { config: { requestLimitPerMinute: 2, trustProxy: 1 } }));

Deno.test("sign-ins from the networks of one /48 share a larger bucket", () =>
  withApp(async (app) => {
    const statuses: number[] = [];
    for (let n = 0; n < 10; n++) {
      const request = new Request(`${ORIGIN}/auth/sandbox`, {
        method: "POST",
        body: new URLSearchParams(),
        headers: { "sec-fetch-site": "same-origin" },
      });
      const response = await app.handle(request, info(`2001:db8:7:${n.toString(16)}::1`));
      statuses.push(response.status);
    }
    assertEquals(statuses, [...Array(8).fill(303), 429, 429]);
  }, { config: { signinLimitPerMinute: 2 } }));

Deno.test("behind appending proxies a client cannot choose its address, private ones included", () =>
  withApp(async (app) => {
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++) {
      // The client writes the first entry, and reaches the outer proxy from a private network.
      const headers = { "x-forwarded-for": `203.0.113.${n}, 10.9.9.9, 10.0.0.2` };
      statuses.push((await get(app, "/healthz/x", "10.0.0.1", headers)).status);
    }
    assertEquals(statuses, [404, 404, 429, 429]);
  }, { config: { requestLimitPerMinute: 2, trustProxy: 2 } }));

Deno.test("all kinds of sign-in attempts share a limit; signing out has none", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const statuses = [
      (await browser.post("/auth/key", { api_key: "short" })).status,
      (await browser.post("/auth/sandbox", {})).status,
      (await browser.post("/auth/key", { api_key: "short" })).status,
    ];
    assertEquals(statuses, [303, 303, 429]);
    const refused = await browser.post("/auth/sandbox", {});
    assertStrictEquals(refused.status, 429);
    assertMatch(refused.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
    assertStrictEquals(refused.headers.get("set-cookie"), null);
    assertMatch(await refused.text(), /Too many attempts to sign in from your address/);
    assertStrictEquals((await browser.fetch("/tasks")).status, 200, "the session goes on");
    assertStrictEquals((await browser.post("/auth/logout", {})).status, 303);
  }, { config: { signinLimitPerMinute: 2 } }));

Deno.test("the routes of a further sign-in provider count as attempts without being listed", () => {
  for (const route of ["/auth/key", "/auth/other", "/auth/other/callback", "/account/keys"]) {
    assert(isAttempt({ method: "GET" }, route), route);
  }
  for (const route of ["/auth/logout", "/account", "/admin", "/tasks", null]) {
    assert(!isAttempt({ method: "GET" }, route), `${route}`);
  }
});

Deno.test("extra slashes in a path do not avoid the sign-in limit", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const key = { api_key: "short" };
    await (await browser.post("/auth/key", key)).body?.cancel();
    for (
      const [path, fields] of [
        ["/auth/key/", key],
        ["/auth//key", key],
        ["//auth/key", key],
        ["/auth/sandbox/", {}],
        ["/admin/", { token: "a guess" }],
        ["//admin", { token: "a guess" }],
      ] as const
    ) {
      const refused = await browser.post(path, fields);
      assertStrictEquals(refused.status, 429, path);
      await refused.body?.cancel();
    }
    for (const path of ["/auth/login/", "//auth/login", "/auth/callback/"]) {
      const refused = await browser.fetch(path);
      assertStrictEquals(refused.status, 429, path);
      await refused.body?.cancel();
    }
    assertStrictEquals(browser.cookies.size, 0);
  }, { config: { signinLimitPerMinute: 1, adminToken: "admin-token-of-the-test" } }));

Deno.test("creates are limited per account and keep the form; a repeated submit does not count", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const again = { ...FORM, idempotency_key: crypto.randomUUID() };
    for (let n = 0; n < 3; n++) {
      assertStrictEquals((await browser.post("/tasks", again)).status, 303, "the same submit");
    }
    assertStrictEquals((await browser.post("/tasks", { ...FORM, input: "second" })).status, 303);
    const refused = await browser.post("/tasks", { ...FORM, input: "a third question" });
    assertStrictEquals(refused.status, 429);
    assertMatch(refused.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
    const page = await refused.text();
    assertMatch(page, /at most 2 tasks a minute from one account/);
    assertMatch(page, /a third question/);
    assertNotMatch(page, /Parallel refused/);
    const other = await app.browser().enterSandbox();
    assertStrictEquals((await other.post("/tasks", FORM)).status, 303, "another account goes on");
  }, { config: { createLimitPerMinute: 2 } }));

const JSON_POST = {
  method: "POST",
  headers: { "content-type": "application/json", "x-api-key": "pk-test-key-1234" },
};

Deno.test("the proxy's creates and each input of a group count, and rejected ones never reach the API", () =>
  withProxy(async ({ fetch, reached }) => {
    const create = () =>
      fetch("/api/v1/tasks/runs", {
        ...JSON_POST,
        body: JSON.stringify({ input: "x", processor: "lite" }),
      });
    const group = (size: number) =>
      fetch("/api/v1/tasks/groups/tgrp_1/runs", {
        ...JSON_POST,
        body: JSON.stringify({ inputs: Array(size).fill({ input: "x", processor: "lite" }) }),
      });
    await (await create()).body?.cancel();
    await (await group(3)).body?.cancel();
    const arrived = reached.length;
    assertStrictEquals(arrived, 2);
    const tooMany = await group(6);
    assertStrictEquals(tooMany.status, 429);
    assertStrictEquals(tooMany.headers.get("x-should-retry"), "false");
    assertMatch((await tooMany.json()).error.message, /at most 5 tasks a minute.*fewer at once/);
    const twoMore = await group(2);
    assertStrictEquals(twoMore.status, 429);
    assert(Number(twoMore.headers.get("retry-after")) >= 1);
    assertMatch((await twoMore.json()).error.message, /try again in \d+ s/);
    await (await create()).body?.cancel();
    const last = await create();
    assertStrictEquals(last.status, 429);
    assertMatch((await last.json()).error.message, /^Too many tasks/);
    assertStrictEquals(reached.length, arrived + 1);
  }, { config: { createLimitPerMinute: 5 } }));

Deno.test("form and proxy count together for one account", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    await browser.createTask();
    const answer = await browser.fetch("/api/v1/tasks/runs", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ input: "x", processor: "lite" }),
    });
    assertStrictEquals(answer.status, 429);
    await answer.body?.cancel();
  }, { config: { createLimitPerMinute: 1 } }));
