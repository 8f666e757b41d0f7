/** Secrets stay hidden after everything that a user and a program do. */
import { assertEquals, assertMatch, assertNotEquals, assertStrictEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { sessionCookieName } from "../../lib/accounts/cookie.ts";
import { signWebhook } from "../../lib/parallel/webhooks.ts";
import { FORM, TestApp, type TestBrowser, withApp } from "../app/test_app.ts";
import { browserTest } from "../browser_launch.ts";
import { type Canary, Collection } from "./canary.ts";
import { findRoutes, pathOf } from "./walk.ts";

const KEY = "pk-canary-key-4711-do-not-sing";
const SECOND_KEY = "pk-canary-key-0815-do-not-sing";
const WEBHOOK_SECRET = `whsec_${new TextEncoder().encode("canary webhook secret 4711").toBase64()}`;
const MCP_HEADER = "Bearer mcp-canary-header-4711";
const ADMIN_TOKEN = "admin-canary-token-4711";
const SESSION_SECRET = "session-canary-secret-4711-and-more-of-it";

const CANARIES: readonly Canary[] = [
  { name: "API key", value: KEY },
  { name: "second API key", value: SECOND_KEY },
  { name: "webhook secret", value: WEBHOOK_SECRET },
  { name: "MCP header", value: MCP_HEADER },
  { name: "admin token", value: ADMIN_TOKEN },
  { name: "session secret", value: SESSION_SECRET },
];

const runs = new Set<string>();

/** A Task API that quotes the key in every error, event and result, and in a header of every answer. */
async function chattyApi(request: Request): Promise<Response> {
  const key = request.headers.get("x-api-key") ?? "";
  const { pathname } = new URL(request.url);
  const refuse = (status: number) =>
    Response.json({
      type: "error",
      error: {
        ref_id: key,
        message: `The key ${key} may not`,
        detail: { key, errors: [{ loc: [key], msg: key }] },
      },
    }, { status, headers: { "x-your-key": key, "www-authenticate": `Key realm="${key}"` } });
  const answer = (body: unknown, status = 200) =>
    Response.json(body, { status, headers: { "x-your-key": key, "set-cookie": `k=${key}` } });
  if (request.method === "POST") {
    const { input } = await request.json();
    if (input === "unreachable") throw new TypeError(`error sending request with ${key}`);
    if (input === "refused") return refuse(422);
    const id = `trun_${crypto.randomUUID().replaceAll("-", "")}`;
    runs.add(id);
    return answer(runOf(id, "queued"), 202);
  }
  const [, id = "", part = ""] = /\/runs\/(\w+)\/?(\w*)$/.exec(pathname) ?? [];
  if (!runs.has(id)) return refuse(404);
  if (part === "result") return answer({ run: runOf(id, "completed"), output: outputOf(key) });
  if (part !== "events") return answer(runOf(id, "completed"));
  const events = [
    { type: "task_run.state", event_id: null, run: runOf(id, "running") },
    { type: "task_run.progress_msg.plan", message: `Look around with ${key}`, timestamp: null },
    { type: "error", error: { ref_id: key, message: `Not with ${key}`, detail: { [key]: key } } },
    { type: "task_run.state", event_id: null, run: runOf(id, "completed"), output: outputOf(key) },
  ];
  const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  return new Response(text.join(""), {
    headers: { "content-type": "text/event-stream", "x-your-key": key },
  });
}

const outputOf = (key: string) => ({
  type: "text",
  content: `An **answer** for ${key}.`,
  basis: [{ field: "output", reasoning: key, citations: [], confidence: "high" }],
});

function runOf(id: string, status: string) {
  return {
    run_id: id,
    interaction_id: id,
    status,
    is_active: status !== "completed",
    processor: "lite",
    created_at: "2026-01-01T00:00:00Z",
    modified_at: "2026-01-01T00:00:00Z",
  };
}

/** All actions of users and programs. */
async function journey(app: TestApp, browser: TestBrowser, seen: Collection): Promise<void> {
  const ask = async (path: string, init?: RequestInit) =>
    await seen.addResponse(`${init?.method ?? "GET"} ${path}`, await browser.fetch(path, init));
  const post = async (path: string, fields: Record<string, string>) => {
    const response = await browser.post(path, fields);
    await seen.addResponse(`POST ${path}`, response.clone());
    return response.headers.get("location") ?? "";
  };
  await post("/auth/key", { api_key: `${KEY} and a space`, next: "/" });
  await post("/auth/key", { api_key: KEY, next: "/tasks" });
  const cookie = browser.cookies.get("taskstream") ?? "";
  assertNotEquals(cookie, "");
  await post("/account/webhook", { webhook_secret: WEBHOOK_SECRET });

  const servers = JSON.stringify([{
    type: "url",
    name: "files",
    url: "https://mcp.example/",
    headers: { authorization: MCP_HEADER },
  }]);
  const created = await post("/tasks", { ...FORM, mcp_servers: servers });
  assertMatch(created, /^\/tasks\/trun_/);
  const runId = created.slice("/tasks/".length);
  // Refused by us, refused by the API, and without any response.
  await post("/tasks", { ...FORM, mcp_servers: servers, processor: "none" });
  await post("/tasks", { ...FORM, input: "refused", mcp_servers: servers });
  await post("/tasks", { ...FORM, input: "unreachable", mcp_servers: servers });

  const body = (input: string) => JSON.stringify({ input, processor: "lite" });
  const json = { "content-type": "application/json" };
  for (const input of ["a question", "refused", "unreachable", ""]) {
    for (const headers of [json, { ...json, "x-api-key": KEY }]) {
      await ask("/api/v1/tasks/runs", { method: "POST", headers, body: body(input) });
    }
  }
  for (const id of [runId, "trun_unknown", KEY]) {
    for (const part of ["", "/input", "/result", "/events"]) {
      for (const key of [null, KEY, `${KEY}x`]) {
        const headers: HeadersInit = key === null ? {} : { "x-api-key": key };
        await ask(`/api/v1/tasks/runs/${id}${part}`, { headers });
      }
    }
  }
  await ask("/api/v1/chat/completions", { method: "POST", headers: json, body: body("refused") });

  const timestamp = String(Math.floor(Date.now() / 1000));
  const notification = JSON.stringify({ type: "task_run.status", data: runOf(runId, "completed") });
  const message = { id: "msg_1", timestamp, body: notification };
  const signature = await signWebhook(WEBHOOK_SECRET, message);
  for (const signed of [signature, "v1,bm9uZQ=="]) {
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": timestamp,
      "webhook-signature": signed,
    };
    await ask("/webhooks/parallel", { method: "POST", headers, body: notification });
  }

  await post(`/tasks/${runId}/share`, {});
  const { share } = JSON.parse(await ask(`/tasks/${runId}/result.json`));
  const token = /\/s\/([\w-]+)/.exec(share?.url ?? "")?.[1] ?? null;
  await post("/admin", { token: "wrong" });
  await post("/admin", { token: ADMIN_TOKEN });
  const fixture = { browser, runId, token };
  for (const route of await findRoutes()) {
    if (!route.methods.includes("GET")) continue;
    const path = pathOf(route, fixture);
    await ask(path);
    await ask(`${path}${path.includes("?") ? "&" : "?"}x=%GG&cursor=x&next=//x`);
  }
  // A second key joins, a secret is rotated away, an error comes out of nowhere.
  await post("/auth/key", { api_key: SECOND_KEY, next: "/account" });
  const broken = stub(
    app.services.sessions,
    "find",
    (value) =>
      Promise.reject(new Error(`cannot find ${value} of ${KEY} with x-api-key: ${SECOND_KEY}`)),
  );
  await ask("/tasks");
  await ask("/api/v1/tasks/runs/a");
  broken.restore();

  const cookies = [cookie, browser.cookies.get("taskstream") ?? ""];
  await post(`/tasks/${runId}/unshare`, {});
  await post("/auth/logout", {});
  const late = new Collection(cookies.map((value) => ({ name: "session cookie", value })));
  late.add("log", "", app.lines.join("\n"));
  await late.addStore(app.services.kv);
  if (token !== null) {
    const links = new Collection([{ name: "share link", value: token }]);
    links.add("log", "", app.lines.join("\n"));
    assertEquals(links.found, []);
  }
  assertEquals(late.found, []);
}

Deno.test("after a whole journey no body, header, log line or stored value contains a secret", async (t) => {
  const seen = new Collection(CANARIES);
  await withApp(async (app) => {
    await journey(app, app.browser(), seen);
    for (const line of app.lines) seen.add("log lines", "", line);
    await seen.addStore(app.services.kv);
  }, {
    api: chattyApi,
    config: {
      adminToken: ADMIN_TOKEN,
      sessionSecrets: [SESSION_SECRET],
      sseHeartbeatMs: 100,
    },
  });
  assertEquals(seen.found, []);
  await t.step(`${CANARIES.length} secrets looked for in ${seen.summary}`, () => {});
});

Deno.test("the search finds a secret in any notation", () => {
  for (
    const text of [
      KEY,
      encodeURIComponent(KEY),
      KEY.toUpperCase(),
      btoa(`x${KEY}`),
      btoa(`xy${KEY}z`),
      new TextEncoder().encode(KEY).toHex(),
      JSON.stringify({ deep: { key: KEY } }),
    ]
  ) {
    const seen = new Collection(CANARIES);
    seen.add("text", "", `before ${text} after`);
    assertStrictEquals(seen.found.length, 1, text);
  }
});

const quiet = { port: 0, hostname: "127.0.0.1", onListen: () => {} };

browserTest(
  "after typing a key the browser stores it nowhere",
  async ({ context, page }) => {
    const app = await TestApp.start({ api: chattyApi });
    const server = Deno.serve(quiet, (request, info) => app.handle(request, info));
    const origin = `http://127.0.0.1:${server.addr.port}`;
    const seen = new Collection(CANARIES);
    try {
      const looks: Promise<void>[] = [];
      context.on("response", (response) => {
        const look = response.headersArray().then((headers) => {
          for (const { name, value } of headers) {
            seen.add("headers", `${response.url()} ${name}`, value);
          }
        });
        // Requests that the page does not wait for are not checked.
        looks.push(look.catch(() => {}));
      });
      await page.goto(origin);
      await page.locator('input[name="api_key"]').fill(KEY);
      await page.locator('form[action="/auth/key"] button').click();
      await page.locator('textarea[name="input"]').fill("A question");
      await page.locator('.send button[type="submit"]').first().click();
      await page.waitForURL(/\/tasks\/trun_/);
      await page.locator(".result").waitFor();
      const visited = [
        page.url(),
        `${origin}/tasks`,
        `${origin}/account`,
        `${origin}/`,
        `${origin}/x`,
      ];
      for (const url of visited) {
        await page.goto(url);
        seen.add("pages", url, await page.content());
        seen.add("storage", url, JSON.stringify(await storageOf(page)));
        seen.add("addresses", url, page.url());
      }
      seen.add("cookies", "", JSON.stringify(await context.cookies()));
      seen.add(
        "storage state",
        "",
        JSON.stringify(await context.storageState({ indexedDB: true })),
      );
      const cookie = (await context.cookies()).find(({ name }) =>
        name === sessionCookieName(false)
      );
      assertStrictEquals(cookie?.httpOnly, true);
      await Promise.all(looks);
      assertMatch(seen.summary, /[1-9]\d* headers/);
      assertEquals(seen.found, []);
    } finally {
      await page.close();
      await app.services.drain();
      await server.shutdown();
      await app.close();
    }
  },
  { allowProblems: true },
);

/** All storage that scripts can use, and all data that they can read. */
function storageOf(page: import("playwright-core").Page): Promise<unknown> {
  return page.evaluate(async () => {
    const cached: string[] = [];
    for (const name of await caches.keys().catch(() => [])) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) cached.push(request.url);
    }
    return {
      local: { ...localStorage },
      session: { ...sessionStorage },
      databases: await indexedDB.databases(),
      cached,
      cookie: document.cookie,
      name: Reflect.get(globalThis, "name"),
      state: history.state,
      resources: performance.getEntriesByType("resource").map((entry) => entry.name),
    };
  });
}
