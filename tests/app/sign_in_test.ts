import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import { ORIGIN, TestApp, withApp } from "./test_app.ts";

const API_KEY = "pk-canary-4711-secret";

/** An API that knows one key and no run. */
function api(request: Request): Response {
  const known = request.headers.get("x-api-key") === API_KEY;
  const message = known ? "Run id not found" : "Unauthorized: invalid or missing credentials";
  return Response.json({ type: "error", error: { ref_id: crypto.randomUUID(), message } }, {
    status: known ? 404 : 401,
  });
}

Deno.test("trying the sandbox signs in, and every page says so", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const response = await browser.post("/auth/sandbox", { next: "/tasks" });
    assertStrictEquals(response.status, 303);
    assertStrictEquals(response.headers.get("location"), "/tasks");
    assertMatch(
      response.headers.get("set-cookie")!,
      /^taskstream=[\w.-]+; HttpOnly; Max-Age=2592000; SameSite=Lax; Path=\/$/,
    );
    assertMatch(await browser.text("/tasks"), /sandbox/i);
    assertMatch(await browser.text("/"), /sandbox/i);
  }));

Deno.test("an API key that the API accepts signs in", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const response = await browser.post("/auth/key", { api_key: ` ${API_KEY} `, next: "/tasks" });
    assertStrictEquals(response.status, 303);
    assertStrictEquals(response.headers.get("location"), "/tasks");
    assertStrictEquals((await browser.fetch("/tasks")).status, 200);
  }, { api }));

const PROBLEMS: readonly [
  name: string,
  key: string,
  api: typeof api | undefined,
  problem: string,
][] = [
  ["a key that the API refuses", "pk-unknown-key", api, "refused"],
  ["a key with a space in it", "pk unknown key", api, "malformed"],
  ["no key", "", api, "malformed"],
  ["a key while the API is down", API_KEY, undefined, "unreachable"],
];

for (const [name, key, upstream, problem] of PROBLEMS) {
  Deno.test(`${name} returns to the front page with a message`, () =>
    withApp(async (app) => {
      const browser = app.browser();
      const response = await browser.post("/auth/key", { api_key: key, next: "/tasks" });
      assertStrictEquals(response.status, 303);
      const location = response.headers.get("location")!;
      assertStrictEquals(location, `/?problem=${problem}&next=%2Ftasks`);
      assertStrictEquals(browser.cookies.size, 0);
      const page = await browser.text(location);
      assertMatch(page, /<title>Error: not signed in · Taskstream<\/title>/);
      assertMatch(page, /<input id="api_key"[^>]*autofocus[^>]*aria-invalid="true"/);
      assertMatch(page, /name="next" value="\/tasks"/);
    }, upstream === undefined ? {} : { api: upstream }));
}

Deno.test("signing out ends the session on the server, not only in the browser", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const kept = new Map(browser.cookies);
    const response = await browser.post("/auth/logout", {});
    assertStrictEquals(response.status, 303);
    assertStrictEquals(browser.cookies.size, 0);
    const thief = app.browser();
    for (const [name, value] of kept) thief.cookies.set(name, value);
    const events = await thief.fetch("/api/v1/tasks/runs/trun_x/events");
    assertStrictEquals(events.status, 401);
  }));

Deno.test("a new sign-in gets a new session ID and ends the old session", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const before = new Map(browser.cookies);
    await browser.enterSandbox();
    assertNotEquals(new Map(browser.cookies), before);
    const old = app.browser();
    for (const [name, value] of before) old.cookies.set(name, value);
    assertStrictEquals((await old.fetch("/api/v1/tasks/runs/trun_x/events")).status, 401);
  }));

Deno.test("a forged or damaged cookie gives no session", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const value = browser.cookies.get("taskstream")!;
    for (const forged of ["x", `${value}x`, `x${value}`, value.split(".")[0]!]) {
      browser.cookies.set("taskstream", forged);
      assertStrictEquals(
        (await browser.fetch("/api/v1/tasks/runs/trun_x/events")).status,
        401,
        forged,
      );
    }
  }));

const FOREIGN: readonly HeadersInit[] = [
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
  { "sec-fetch-site": "none" },
];

for (const headers of FOREIGN) {
  Deno.test(`a post with ${JSON.stringify(headers)} is rejected`, () =>
    withApp(async (app) => {
      const response = await app.browser().post("/auth/sandbox", { next: "/" }, headers);
      assertStrictEquals(response.status, 403);
      assertStrictEquals(response.headers.get("set-cookie"), null);
    }));
}

Deno.test("without Fetch Metadata the Origin decides; without both the request is rejected", () =>
  withApp(async (app) => {
    const post = (headers: HeadersInit) =>
      app.handle(
        new Request(`${ORIGIN}/auth/sandbox`, {
          method: "POST",
          headers,
          body: new URLSearchParams(),
        }),
      );
    const statuses = [
      (await post({ origin: ORIGIN })).status,
      (await post({ origin: "https://evil.example" })).status,
      (await post({ origin: "null" })).status,
      (await post({})).status,
    ];
    assertEquals(statuses, [303, 403, 403, 403]);
  }));

Deno.test("the key appears in no page, header, log line or stored value", () =>
  withApp(async (app: TestApp) => {
    const browser = app.browser();
    const seen: string[] = [];
    const keep = async (response: Response) =>
      seen.push(JSON.stringify([...response.headers]), await response.text());
    await keep(await browser.post("/auth/key", { api_key: API_KEY, next: "/" }));
    for (const path of ["/", "/tasks", "/tasks/trun_x", "/nowhere", "/healthz"]) {
      await keep(await browser.fetch(path));
    }
    for await (const { key, value } of app.services.kv.list({ prefix: [] })) {
      seen.push(Deno.inspect([key, value], { depth: 10, strAbbreviateSize: 1e6 }));
    }
    seen.push(...app.lines);
    assert(seen.length > 10);
    for (const text of seen) assert(!text.includes("canary"), text);
  }, { api }));
