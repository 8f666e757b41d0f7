/** Who may change data: methods, headers and routes as one table. */
import { assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { ORIGIN, type TestApp, withApp } from "../app/test_app.ts";
import { findRoutes, type Fixture, furnish, pathOf, snapshot } from "./walk.ts";

const SITES = ["same-origin", "same-site", "cross-site", "none", null] as const;
const ORIGINS = [
  ORIGIN,
  "https://evil.example",
  "null",
  `${ORIGIN}.evil.example`,
  "http://localhost:8001",
  "https://localhost:8000",
  `${ORIGIN}/`,
  "",
  null,
] as const;
const METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] as const;
const SAFE: readonly string[] = ["GET", "HEAD", "OPTIONS"];

type Site = (typeof SITES)[number];
type Origin = (typeof ORIGINS)[number];
type Pair = readonly [Site, Origin];

const PAIRS = SITES.flatMap((site) => ORIGINS.map((origin): Pair => [site, origin]));

/**
 * Nine of the pairs: every site and every origin. Five neighbours have all 45 between them. A safe method
 * renders the page, which takes long, and the check does not know which page it is.
 */
const someOf = (turn: number) =>
  ORIGINS.map((origin, at): Pair => [SITES[(at + turn) % SITES.length]!, origin]);

/** The rule: Fetch Metadata decides, if present, else the Origin. Without both, a request is refused. */
const isOwn = (site: Site, origin: Origin) =>
  site === null ? origin === ORIGIN : site === "same-origin";

/** Servers call these with signed requests. Cookies have no effect there. */
const SIGNED = ["/webhooks/parallel"];

/** Reads no cookie and checks every Origin: a request without a key is refused wherever it comes from. */
const WITHOUT_COOKIES = ["/mcp"];

function send(
  app: TestApp,
  { browser }: Fixture,
  method: string,
  path: string,
  site: Site,
  origin: Origin,
  more: Record<string, string> = {},
): Promise<Response> {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const headers = new Headers({ cookie, ...more });
  if (site !== null) headers.set("sec-fetch-site", site);
  if (origin !== null) headers.set("origin", origin);
  return app.handle(new Request(ORIGIN + path, { method, headers }));
}

Deno.test("pages: only requests from our own pages can change anything, whatever their headers", async (t) => {
  let tried = 0, refused = 0;
  const routes = await findRoutes();
  await withApp(async (app) => {
    const fixture = await furnish(app);
    const before = await snapshot(app);
    for (const [turn, route] of routes.entries()) {
      const path = pathOf(route, fixture);
      for (const method of METHODS) {
        const isSafe = SAFE.includes(method);
        // Opens a login transaction, which the provider is asked about; its own tests see to it.
        if (isSafe && route.pattern.startsWith("/auth/log")) continue;
        for (const [site, origin] of isSafe ? someOf(turn) : PAIRS) {
          if (!isSafe && isOwn(site, origin)) continue;
          const response = await send(app, fixture, method, path, site, origin);
          const what = `${method} ${path} ${site} ${origin}: ${response.status}`;
          await response.body?.cancel();
          tried++;
          if (WITHOUT_COOKIES.includes(route.pattern)) {
            const isOpen = method === "OPTIONS" && (origin === null || origin === ORIGIN);
            assertStrictEquals([401, 403].includes(response.status), !isOpen, what);
            continue;
          }
          const unsafe = !isSafe && !SIGNED.includes(route.pattern);
          if (unsafe) assertStrictEquals(response.status, 403, what);
          else assertNotEquals(response.status, 403, what);
          if (unsafe) assertStrictEquals(response.headers.get("set-cookie"), null, what);
          if (response.status === 403) refused++;
        }
      }
    }
    assertEquals(await snapshot(app), before, "nothing changed");
  }, { config: { adminToken: "admin-token-of-the-test" } });
  await t.step(`${routes.length} routes, ${tried} requests, ${refused} refused`, () => {});
});

Deno.test("pages: a request from our own pages is never rejected for its origin", async (t) => {
  let tried = 0;
  await withApp(async (app) => {
    for (const route of await findRoutes()) {
      if (WITHOUT_COOKIES.includes(route.pattern)) continue;
      for (const method of route.methods) {
        if (SAFE.includes(method)) continue;
        // The effect of one request must not hide the response of the next one.
        const fixture = await furnish(app);
        for (const site of SITES) {
          for (const origin of ORIGINS) {
            if (!isOwn(site, origin)) continue;
            const path = pathOf(route, fixture);
            const response = await send(app, fixture, method, path, site, origin);
            assertNotEquals(response.status, 403, `${method} ${path} ${site} ${origin}`);
            await response.body?.cancel();
            tried++;
          }
        }
      }
    }
  });
  await t.step(`${tried} requests`, () => {});
});

Deno.test("an API key in the header does not let another origin post a page's form", () =>
  withApp(async (app) => {
    const fixture = await furnish(app);
    const key = { "x-api-key": "pk-test-key-1234" };
    const answer = await send(app, fixture, "POST", "/auth/logout", "cross-site", null, key);
    assertStrictEquals(answer.status, 403);
  }));

Deno.test("/api: the cookie works only from our pages, but a caller's own key from anywhere", async (t) => {
  let tried = 0, refused = 0;
  await withApp(async (app) => {
    const fixture = await furnish(app);
    const before = await snapshot(app);
    const own = { "x-api-key": "sandbox-of-somebody-else" };
    for (
      const [method, path] of [
        ["POST", "/api/v1/tasks/runs"],
        ["POST", "/api/v1/tasks/groups"],
        ["POST", "/api/v1/tasks/groups/tgrp_1/runs"],
        ["POST", "/api/v1beta/chat/completions"],
        ["GET", `/api/v1/tasks/runs/${fixture.runId}`],
      ] as const
    ) {
      for (const site of SITES) {
        for (const origin of ORIGINS) {
          const what = `${method} ${path} ${site} ${origin}`;
          const byCookie = await send(app, fixture, method, path, site, origin);
          const allowed = SAFE.includes(method) || isOwn(site, origin);
          assertStrictEquals(
            byCookie.status === 403,
            !allowed,
            `${what} by cookie: ${byCookie.status}`,
          );
          assertStrictEquals(byCookie.headers.get("access-control-allow-credentials"), null, what);
          if (!allowed) assertStrictEquals((await byCookie.json()).type, "error", what);
          else await byCookie.body?.cancel();
          const byKey = await send(app, fixture, method, path, site, origin, own);
          assertNotEquals(byKey.status, 403, `${what} by key`);
          await byKey.body?.cancel();
          tried += 2;
          if (byCookie.status === 403) refused++;
        }
      }
    }
    assertEquals(await snapshot(app), before, "an empty body creates nothing, a refusal less");
  });
  await t.step(`${tried} requests, ${refused} refused`, () => {});
});

/** GETs that may write, and what they write. */
const WRITES: Readonly<Record<string, readonly string[]>> = {
  // A transaction that the provider's answer finds again.
  "/auth/login": ["login", "client"],
};

Deno.test("GET never changes state", async (t) => {
  let tried = 0;
  const routes = await findRoutes();
  await withApp(async (app) => {
    const fixture = await furnish(app);
    const { runId } = fixture;
    const before = await snapshot(app);
    const api = ["", "/input", "/result", "/events"].map((part) =>
      `/api/v1/tasks/runs/${runId}${part}`
    );
    const pages = routes.map((route) => [route.pattern, pathOf(route, fixture)] as const);
    for (const [pattern, path] of [...pages, ...api.map((path) => [path, path] as const)]) {
      for (const browser of [app.browser(), fixture.browser]) {
        for (const method of ["GET", "HEAD", "OPTIONS"]) {
          for (
            const query of [
              "",
              "delete=1&status=failed&title=x&theme=dark&cursor=x&q=a&code=a&state=b",
            ]
          ) {
            const joint = query === "" ? "" : path.includes("?") ? "&" : "?";
            const response = await browser.fetch(path + joint + query, { method });
            // A stream is read to its end or let go; either way it is no change.
            await response.body?.cancel();
            tried++;
          }
        }
      }
      const allowed = WRITES[pattern] ?? [];
      const after = (await snapshot(app)).filter((line) =>
        before.includes(line) || !allowed.some((key) => line.startsWith(`[ [ "${key}"`))
      );
      assertEquals(after, before, `GET ${path} changed the store`);
    }
  }, { config: { adminToken: "admin-token-of-the-test" } });
  await t.step(`${routes.length + 4} routes, ${tried} requests, 0 changes`, () => {});
});
