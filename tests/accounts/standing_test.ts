/** The API's verdict on a key decides who can sign in and what an open session may do. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { TestApp, type TestBrowser, withApp } from "../app/test_app.ts";

const KEY = "pk-standing-canary-key";
const MINUTE = 60_000;
const HOUR = 3_600_000;

const json = (status: number, message: string) =>
  Response.json({ type: "error", error: { ref_id: crypto.randomUUID(), message, detail: null } }, {
    status,
  });
const notFound = () => json(404, "Run id not found");
const unauthorized = () => json(401, "Unauthorized: invalid or missing credentials");
const html = (status: number) =>
  new Response("<html><body>Denied</body></html>", {
    status,
    headers: { "content-type": "text/html" },
  });

const NO_ENTRY: readonly (readonly [what: string, answer: () => Response, problem: string])[] = [
  ["401", unauthorized, "refused"],
  ["403", () => json(403, "Forbidden"), "refused"],
  ["400", () => json(400, "Bad request"), "unreachable"],
  ["402", () => json(402, "Payment required"), "unreachable"],
  ["408", () => json(408, "Timeout"), "unreachable"],
  ["418", () => json(418, "Teapot"), "unreachable"],
  ["422", () => json(422, "Unprocessable"), "unreachable"],
  ["429", () => json(429, "Too many requests"), "unreachable"],
  ["500", () => json(500, "Internal server error"), "unreachable"],
  ["503", () => json(503, "Service unavailable"), "unreachable"],
  ["404 in HTML", () => html(404), "unreachable"],
  ["401 in HTML", () => html(401), "unreachable"],
  ["403 in HTML", () => html(403), "unreachable"],
  ["200 in HTML", () => html(200), "unreachable"],
  ["200 with other JSON", () => Response.json({ ok: true }), "unreachable"],
  ["204", () => new Response(null, { status: 204 }), "unreachable"],
  ...[
    {},
    { detail: "Not Found" },
    { detail: "Not found." },
    { message: "no Route matched with those values" },
    { message: "Not Found", statusCode: 404 },
    { error: "Not Found", path: "/v1/tasks/runs" },
    { error: { code: 404, message: "Requested entity was not found.", status: "NOT_FOUND" } },
    { errors: [{ code: 7003, message: "Could not route" }], success: false },
    "not found",
    ["not found"],
  ].map((body) =>
    [
      `404 of a gateway: ${JSON.stringify(body)}`,
      () => Response.json(body, { status: 404 }),
      "unreachable",
    ] as const
  ),
  [
    "a redirect",
    () => new Response(null, { status: 302, headers: { location: "/" } }),
    "unreachable",
  ],
];

for (const [what, answer, problem] of NO_ENTRY) {
  Deno.test(`a key that the API answers with ${what} cannot sign in`, () =>
    withApp(async (app) => {
      const browser = app.browser();
      const response = await browser.post("/auth/key", { api_key: KEY, next: "/" });
      assertStrictEquals(response.headers.get("location"), `/?problem=${problem}`);
      assertStrictEquals(browser.cookies.size, 0);
      const events = await app.browser().fetch("/api/v1/tasks/runs/trun_x/events", {
        headers: { "x-api-key": KEY },
      });
      assertStrictEquals(events.status, problem === "refused" ? 401 : 502);
    }, { api: answer }));
}

/** A Task API with one key and runs that have completed, whose word on the key can change. */
class Api {
  /** Answers instead, where it returns something. */
  instead: ((request: Request) => Response | null) | null = null;
  readonly asked: string[] = [];
  readonly clock = { ahead: 0 };
  #runs = 0;

  readonly now = () => Date.now() + this.clock.ahead;

  readonly fetch = (request: Request): Response => {
    const { pathname } = new URL(request.url);
    this.asked.push(`${request.method} ${pathname} ${request.headers.get("x-api-key")}`);
    const other = this.instead?.(request) ?? null;
    if (other !== null) return other;
    if (request.method === "POST") {
      return Response.json(this.#run(`trun_${++this.#runs}`), { status: 202 });
    }
    const [, id = "", rest = ""] = /\/runs\/([^/]+)(\/.*)?$/.exec(pathname) ?? [];
    if (!/^trun_[1-9]\d*$/.test(id)) return notFound();
    if (rest === "/events") {
      const state = { type: "task_run.state", event_id: null, run: this.#run(id), output: null };
      return new Response(`event: task_run.state\ndata: ${JSON.stringify(state)}\n\n`, {
        headers: { "content-type": "text/event-stream" },
      });
    }
    return rest === "" ? Response.json(this.#run(id)) : notFound();
  };

  #run(run_id: string) {
    const at = new Date(this.now()).toISOString();
    return {
      run_id,
      interaction_id: run_id,
      status: "failed",
      is_active: false,
      processor: "lite",
      metadata: null,
      warnings: null,
      error: null,
      created_at: at,
      modified_at: at,
      taskgroup_id: null,
    };
  }
}

async function withApi(
  test: (app: TestApp, api: Api, browser: TestBrowser) => Promise<void>,
): Promise<void> {
  const api = new Api();
  await withApp(async (app) => {
    await test(app, api, await app.browser().enterKey(KEY));
  }, { api: api.fetch, now: api.now });
}

/** A task that is recorded. Its recorder asks nothing afterwards, and no late answer accepts the key once more. */
async function recordedTask(
  app: TestApp,
  browser: TestBrowser,
  fields?: Record<string, string>,
): Promise<string> {
  const id = await browser.createTask(fields);
  await browser.events(id);
  await app.services.standings.idle();
  return id;
}

const events = (app: TestApp, id: string, key = KEY) =>
  app.browser().fetch(`/api/v1/tasks/runs/${id}/events`, { headers: { "x-api-key": key } });

async function statusOf(response: Response | Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

const SILENT: readonly (readonly [what: string, answer: () => Response])[] = [
  ["fails", () => json(503, "Service unavailable")],
  ["is overrun", () => json(429, "Too many requests")],
  ["is behind a page in HTML", () => html(403)],
  ["cannot be reached", () => {
    throw new TypeError("connection refused");
  }],
];

for (const [what, answer] of SILENT) {
  Deno.test(`while the API ${what}, an accepted key can read the log for a day`, () =>
    withApi(async (app, api, browser) => {
      const id = await recordedTask(app, browser);
      assertStrictEquals(await statusOf(events(app, id)), 200);
      api.instead = answer;
      for (
        const [ahead, status] of [[9 * MINUTE, 200], [11 * MINUTE, 200], [23 * HOUR, 200], [
          25 * HOUR,
          502,
        ]] as const
      ) {
        api.clock.ahead = ahead;
        assertStrictEquals(await statusOf(events(app, id)), status, `${ahead} ms`);
      }
      api.instead = null;
      api.clock.ahead += MINUTE;
      assertStrictEquals(await statusOf(events(app, id)), 200, "and again once it answers");
    }));
}

Deno.test("a key that the API rejects cannot read the log after ten minutes", () =>
  withApi(async (app, api, browser) => {
    const id = await recordedTask(app, browser);
    api.instead = () => unauthorized();
    assertStrictEquals(await statusOf(events(app, id)), 200, "its word still counts");
    api.clock.ahead = 11 * MINUTE;
    assertStrictEquals(await statusOf(events(app, id)), 401);
    assertStrictEquals(await statusOf(events(app, id)), 401);
    api.instead = () => json(503, "Service unavailable");
    api.clock.ahead += HOUR;
    assertStrictEquals(await statusOf(events(app, id)), 401, "an outage does not bring it back");
    api.instead = null;
    api.clock.ahead += HOUR;
    assertStrictEquals(await statusOf(events(app, id)), 200, "its acceptance does");
  }));

Deno.test("a rejection seen on another request is checked at once", () =>
  withApi(async (app, api, browser) => {
    const id = await recordedTask(app, browser);
    api.instead = () => unauthorized();
    const headers = { "x-api-key": KEY };
    await statusOf(app.browser().fetch(`/api/v1/tasks/runs/${id}`, { headers }));
    await app.services.standings.idle();
    assertStrictEquals(await statusOf(events(app, id)), 401);
  }));

Deno.test("a single rejection changes nothing if the API accepts the key when asked", () =>
  withApi(async (app, api, browser) => {
    const id = await browser.createTask();
    api.instead = ({ method }) => method === "POST" ? unauthorized() : null;
    await statusOf(
      browser.post("/tasks", { input: "again", processor: "lite", enable_events: "on" }),
    );
    await app.services.standings.idle();
    api.instead = null;
    assertStrictEquals(await statusOf(browser.fetch(`/tasks/${id}`)), 200);
    await browser.createTask();
    assertStrictEquals(await statusOf(events(app, id)), 200);
  }));

/** A session whose key was refused after `before` was created; `after` came later, by another key. */
async function refused(
  app: TestApp,
  api: Api,
  browser: TestBrowser,
): Promise<{ before: string; after: string }> {
  const before = await recordedTask(app, browser, { input: "Before it" });
  await browser.post("/account/keys", { api_key: "pk-the-good-second-key", confirm: "yes" });
  api.instead = (request) => request.headers.get("x-api-key") === KEY ? unauthorized() : null;
  api.clock.ahead += 11 * MINUTE;
  await statusOf(browser.fetch("/tasks"));
  await app.services.standings.idle();
  api.clock.ahead += MINUTE;
  const other = await app.browser().enterKey("pk-the-good-second-key");
  const after = await other.createTask({ input: "Afterwards, zebra" });
  return { before, after };
}

Deno.test("a session with a rejected key can read, export and delete existing runs", () =>
  withApi(async (app, api, browser) => {
    const { before, after } = await refused(app, api, browser);
    for (const path of ["", "/result.json", "/report.md", "/trace.ndjson"]) {
      assertStrictEquals(await statusOf(browser.fetch(`/tasks/${before}${path}`)), 200, path);
      assertStrictEquals(await statusOf(browser.fetch(`/tasks/${after}${path}`)), 404, path);
    }
    const streamed = (id: string, headers = {}) =>
      statusOf(browser.fetch(`/api/v1/tasks/runs/${id}/events`, { headers }));
    assertStrictEquals(await streamed(before), 200);
    assertStrictEquals(await streamed(after), 404);
    const goodKey = { "x-api-key": "pk-the-good-second-key" };
    assertStrictEquals(
      await streamed(after, goodKey),
      200,
      "a key of its own sees what it may see",
    );
    const paths = [
      "/tasks",
      "/tasks?q=zebra",
      "/",
      "/tasks/export",
      "/account/export",
      `/compare?ids=${before},${after}`,
    ];
    for (const path of paths) {
      assert(!(await browser.text(path)).includes("Afterwards"), path);
    }
    assertMatch(await browser.text("/tasks"), /Before it/);
    assertMatch(await browser.text("/account/export"), /Before it/);
    assertMatch(await browser.text("/tasks"), /Parallel no longer accepts your key/);
    assertStrictEquals(await statusOf(browser.fetch("/tasks/events")), 204);
    await browser.post(`/tasks/${after}/delete`, {});
    await browser.post("/tasks/selected", { id: after, action: "delete" });
    const good = await app.browser().enterKey("pk-the-good-second-key");
    assertStrictEquals(await statusOf(good.fetch(`/tasks/${after}`)), 200, "what came later stays");
    await browser.post(`/tasks/${before}/delete`, {});
    assertStrictEquals(await statusOf(good.fetch(`/tasks/${before}`)), 404);
  }));

Deno.test("a session with a rejected key can do nothing else", () =>
  withApi(async (app, api, browser) => {
    const { before } = await refused(app, api, browser);
    const asked = api.asked.length;
    const posts: Record<string, Record<string, string>> = {
      "/tasks": { input: "x", processor: "lite" },
      [`/tasks/${before}/rerun`]: {},
      [`/tasks/${before}/share`]: {},
      [`/tasks/${before}/unshare`]: {},
      "/tasks/budget": { budget_usd: "5" },
      "/tasks/transfer": {},
      "/compare": {},
      "/account/keys": { api_key: "pk-a-thief-s-own-key", confirm: "yes" },
      "/account/keys/remove": { key_id: "0".repeat(32) },
      "/account/keys/confirm": {},
      "/account/webhook": { webhook_secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
      "/account/sessions": { end: "others" },
      "/account/delete": { confirm: "yes" },
    };
    for (const [path, fields] of Object.entries(posts)) {
      const response = await browser.post(path, fields);
      assert([403, 405].includes(response.status), `${path}: ${response.status}`);
      await response.body?.cancel();
    }
    assertStrictEquals(await statusOf(browser.fetch("/tasks/trun_77")), 404, "and takes no run in");
    const sent = api.asked.slice(asked).filter((line) =>
      line.endsWith(KEY) && !line.includes("trun_0000")
    );
    assertEquals(sent, [], "nothing was asked of the API with it");
    assertStrictEquals(await statusOf(browser.post("/auth/logout", {})), 303);
    const again = await app.browser().post("/auth/key", { api_key: KEY, next: "/" });
    assertStrictEquals(again.headers.get("location"), "/?problem=refused");
  }));

Deno.test("an account whose only key is rejected can still be deleted", () =>
  withApi(async (app, api, browser) => {
    const id = await recordedTask(app, browser);
    api.instead = () => unauthorized();
    api.clock.ahead += 11 * MINUTE;
    await statusOf(browser.post("/tasks/budget", { budget_usd: "5" }));
    assertMatch(await browser.text("/tasks"), /no longer accepts your key/);
    api.instead = null;
    api.clock.ahead += MINUTE;
    await statusOf(browser.post(`/tasks/${id}/share`, {}));
    assertNotMatch(await browser.text("/tasks"), /no longer accepts your key/);
    api.instead = () => unauthorized();
    api.clock.ahead += 11 * MINUTE;
    const deleted = await browser.post("/account/delete", { confirm: "yes" });
    assertMatch(deleted.headers.get("location") ?? "", /^\/account\/deleted/);
    await app.services.standings.idle();
  }));

Deno.test("a shutdown does not wait for an unanswered key check", async () => {
  const api = new Api();
  let asked = 0;
  const app = await TestApp.start({
    api: (request) => {
      if (api.clock.ahead === 0) return api.fetch(request);
      asked++;
      return new Promise<Response>((_, reject) => {
        request.signal.addEventListener("abort", () => reject(request.signal.reason));
      });
    },
    now: api.now,
  });
  const browser = await app.browser().enterKey(KEY);
  api.clock.ahead = 11 * MINUTE;
  assertStrictEquals(await statusOf(browser.fetch("/tasks")), 200, "nor does a page");
  await app.close();
  assert(asked <= 1);
});
