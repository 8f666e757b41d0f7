/** Every route and kind of response sends the security headers. */
import {
  assert,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertStrictEquals,
} from "@std/assert";
import { stub } from "@std/testing/mock";
import { FORM, ORIGIN, TestApp, withApp } from "../app/test_app.ts";
import { findRoutes, furnish, pathOf } from "./walk.ts";

const DIRECTIVES: Readonly<Record<string, RegExp>> = {
  "default-src": /^'none'$/,
  "script-src": /^(?:'none'|'nonce-[0-9a-f]{32}' 'strict-dynamic')$/,
  "style-src": /^'self'$/,
  "img-src": /^'self' data:$/,
  "object-src": /^'none'$/,
  "base-uri": /^'none'$/,
  "form-action": /^'self'$/,
  "frame-ancestors": /^'none'$/,
  "require-trusted-types-for": /^'script'$/,
};

/** Directives in which pages differ, and the pages that need more. */
const OWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "/inspect": { "connect-src": "*" },
  "/account/notifications": { "worker-src": "'self'", "trusted-types": "push-worker" },
};
const USUAL = { "connect-src": "'self'", "worker-src": "'none'", "trusted-types": "'none'" };

const EXACT: Readonly<Record<string, RegExp>> = {
  "x-content-type-options": /^nosniff$/,
  "referrer-policy": /^same-origin$/,
  "cross-origin-opener-policy": /^same-origin$/,
  "cross-origin-resource-policy": /^same-origin$/,
  "permissions-policy": /\bcamera=\(\).*\bgeolocation=\(\).*\bmicrophone=\(\).*\bpayment=\(\)/,
};

/** What any cache may store: files of the build, and shared pages. */
const isPublic = (path: string) => /^\/(?:_fresh|s)\/|\.(?:svg|css|js|txt)(?:\?|$)/.test(path);

/** Checks one answer; `seen` collects nonces, which never come twice. */
async function checkAnswer(
  response: Response,
  path: string,
  seen: Set<string>,
  secure = false,
): Promise<void> {
  const what = `${response.status} ${path}`;
  const { headers } = response;
  const policy = new Map(
    (headers.get("content-security-policy") ?? "").split(";").map((text) => {
      const [name = "", ...sources] = text.trim().split(" ");
      return [name, sources.join(" ")] as const;
    }),
  );
  if (response.status === 304) {
    // The page that the browser has goes on with the policy, and the nonce, that it came with.
    assertStrictEquals(headers.get("content-security-policy"), null, what);
  } else {
    for (const [name, pattern] of Object.entries(DIRECTIVES)) {
      assertMatch(policy.get(name) ?? "", pattern, `${what}: ${name}`);
    }
    for (const [name, value] of Object.entries({ ...USUAL, ...OWN[path.split("?")[0] ?? ""] })) {
      assertStrictEquals(policy.get(name), value, `${what}: ${name}`);
    }
    assertStrictEquals(policy.has("upgrade-insecure-requests"), secure, what);
  }
  for (const [name, pattern] of Object.entries(EXACT)) {
    assertMatch(headers.get(name) ?? "", pattern, `${what}: ${name}`);
  }
  assertStrictEquals(headers.has("strict-transport-security"), secure, what);
  for (const cookie of headers.getSetCookie()) {
    assertMatch(cookie, /; HttpOnly; .*; SameSite=(?:Lax|Strict); Path=\/[^;]*$/, what);
    assertStrictEquals(/; Secure/.test(cookie), secure, what);
  }

  const type = headers.get("content-type") ?? "";
  const cache = headers.get("cache-control") ?? "";
  if (type.startsWith("text/event-stream")) {
    assertMatch(cache, /no-cache|no-store/, what);
  } else if (!isPublic(path)) {
    // A page that another site may measure also forbids proxies to compress it.
    assertMatch(cache, /^private, no-store(?:, no-transform)?$/, what);
  } else {
    assertNotEquals(cache, "", what);
  }
  if (!type.startsWith("text/html")) return void await response.body?.cancel();
  const html = await response.text();
  assertNotMatch(html, /<[^>]+\sstyle=|<style/, what);
  assertNotMatch(html, /<[^>]+\son[a-z]+=/, what);
  const nonce = /'nonce-([^']+)'/.exec(policy.get("script-src") ?? "")?.[1];
  if (nonce !== undefined) {
    assert(!seen.has(nonce), `${what}: a nonce comes once`);
    seen.add(nonce);
  }
  for (const [tag, attributes = ""] of html.matchAll(/<script\b([^>]*)>/g)) {
    if (/type="application\/json"/.test(attributes)) continue;
    assert(nonce !== undefined && tag.includes(`nonce="${nonce}"`), `${what}: ${tag}`);
  }
}

Deno.test("every route in every state sends the security headers, with its own nonce", async (t) => {
  const routes = await findRoutes();
  assert(routes.length >= 20, `${routes.length} routes`);
  const statuses = new Map<number, number>();
  const nonces = new Set<string>();
  await withApp(async (app) => {
    const fixture = await furnish(app);
    for (const route of routes) {
      const path = pathOf(route, fixture);
      for (const browser of [app.browser(), fixture.browser]) {
        for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]) {
          // Routes that end the session or the run for the routes after them.
          if (method === "POST" && browser === fixture.browser) continue;
          const response = await browser.fetch(path, { method });
          statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
          await checkAnswer(response, path, nonces);
        }
      }
    }
  }, { config: { adminToken: "admin-token-of-the-test" } });
  const total = [...statuses.values()].reduce((sum, count) => sum + count);
  const list = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status} × ${n}`);
  await t.step(`${routes.length} routes, ${total} answers: ${list.join(", ")}`, () => {});
});

/** An answer of each class, and how to get it. */
const CLASSES: readonly [status: number | readonly number[], path: string, init?: RequestInit][] = [
  [200, "/favicon.svg"],
  // Fresh 2.3.3 knows no ranges.
  [[206, 200], "/favicon.svg", { headers: { range: "bytes=0-3" } }],
  [[416, 200], "/favicon.svg", { headers: { range: "bytes=999999-" } }],
  [307, "/favicon.svg?__frsh_c=stale"],
  [405, "/favicon.svg", { method: "POST" }],
  [404, "/_fresh/js/none.js"],
  [404, "/favicon.ico"],
  [404, "/nowhere"],
  [400, "/tasks/%GG"],
  [303, "/tasks"],
  [403, "/theme", { method: "POST", headers: { "sec-fetch-site": "cross-site" } }],
  [400, "/theme", { method: "POST", body: "x" }],
  [413, "/theme", { method: "POST", body: "a=" + "x".repeat(1 << 20) }],
  [401, "/api/v1/tasks/runs/a"],
  [404, "/api/v2/x"],
  [405, "/api/v1/tasks/runs/a", { method: "DELETE" }],
  [204, "/api/v1/tasks/runs/a", { method: "OPTIONS" }],
  [502, "/api/v1/tasks/runs/a", { headers: { "x-api-key": "pk-test-key-1234" } }],
  [413, "/api/v1/tasks/runs", {
    method: "POST",
    body: "x".repeat((1 << 20) + 1),
    headers: { "x-api-key": "pk-test-key-1234" },
  }],
];

Deno.test("every kind of response sends the security headers: files, redirects, errors, streams, /api", () =>
  withApp(async (app) => {
    const nonces = new Set<string>();
    const visitor = app.browser();
    for (const [status, path, init] of CLASSES) {
      const response = await visitor.fetch(path, init);
      assert([status].flat().includes(response.status), `${response.status} ${path}`);
      await checkAnswer(response, path, nonces);
    }
    const etag = (await visitor.fetch("/favicon.svg")).headers.get("etag");
    // Fresh 2.3.3 knows none for files in memory.
    const known = { "if-none-match": etag ?? "none" };
    const same = await visitor.fetch("/favicon.svg", { headers: known });
    assertStrictEquals(same.status, etag === null ? 200 : 304);
    await checkAnswer(same, "/favicon.svg", nonces);

    const { browser, runId } = await furnish(app);
    const events = `/api/v1/tasks/runs/${runId}/events`;
    const stream = await browser.fetch(events);
    assertMatch(stream.headers.get("content-type") ?? "", /^text\/event-stream/);
    await checkAnswer(stream, events, nonces);
    const after = { "last-event-id": "99999" };
    const over = await browser.fetch(events, { headers: after });
    await checkAnswer(over, events, nonces);
    const wrong = await browser.post("/tasks", { ...FORM, input: "" });
    assertStrictEquals(wrong.status, 422);
    await checkAnswer(wrong, "/tasks", nonces);
  }));

Deno.test("rate limit rejections and unexpected failures send the security headers too", () =>
  withApp(async (app) => {
    const nonces = new Set<string>();
    using _ = stub(
      app.services.sessions,
      "find",
      () => Promise.reject(new Error("the store is gone")),
    );
    const headers = { cookie: `taskstream=${"a".repeat(32)}.${"b".repeat(43)}` };
    for (const [status, path] of [[500, "/tasks"], [429, "/"], [429, "/api/v1/x"]] as const) {
      const response = await app.handle(new Request(ORIGIN + path, { headers }));
      assertStrictEquals(response.status, status, path);
      await checkAnswer(response, path, nonces);
    }
  }, { config: { requestLimitPerMinute: 1 } }));

Deno.test("over https requests are upgraded, cookies are Secure and host-only, and HSTS is sent", () =>
  withApp(async (app: TestApp) => {
    const nonces = new Set<string>();
    for (const path of ["/", "/inspect", "/nowhere", "/favicon.svg", "/api/v1/x", "/healthz"]) {
      await checkAnswer(await app.browser().fetch(path), path, nonces, true);
    }
    const signedIn = await app.browser().post("/auth/sandbox", {});
    assertMatch(signedIn.headers.get("set-cookie") ?? "", /^__Host-taskstream=/);
    await checkAnswer(signedIn, "/auth/sandbox", nonces, true);
  }, { config: { publicUrl: "https://taskstream.example" } }));
