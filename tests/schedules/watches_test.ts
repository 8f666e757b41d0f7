/** Watches: Parallel's Monitor API, simulated by the sandbox, with the official SDK and our pages. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import Parallel from "parallel-web";
import { signWebhook } from "../../lib/parallel/mod.ts";
import { createSandbox } from "../../lib/sandbox/mod.ts";
import { type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";

const START = Date.parse("2026-11-28T10:00:00Z");
const MINUTE_MS = 60_000;
const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
const SCHEMA = JSON.stringify({
  type: "object",
  properties: { ceo: { type: "string" }, founded: { type: "integer" } },
  required: ["ceo", "founded"],
  additionalProperties: false,
});

Deno.test("the official SDK creates, lists, reads and cancels a simulated monitor", async () => {
  const kv = await Deno.openKv(":memory:");
  let now = START;
  const sandbox = createSandbox({ kv, speed: 1, now: () => now });
  try {
    const client = new Parallel({
      apiKey: "sandbox-sdk-1234",
      baseURL: "http://sandbox.invalid",
      fetch: (input: string | URL | Request, init?: RequestInit) =>
        sandbox.fetch(new Request(input, init)),
      maxRetries: 0,
    });
    const run = await client.taskRun.create({
      input: "Who leads it?",
      processor: "lite",
      task_spec: { output_schema: { type: "json", json_schema: JSON.parse(SCHEMA) } },
    });
    const settings = { task_run_id: run.run_id };
    const create = (more: object = {}) =>
      client.monitor.create({ type: "snapshot", frequency: "1h", settings, ...more });
    const early = await create().catch((error) => error);
    assertStrictEquals(early.status, 422, "only completed runs");
    now += 10 * MINUTE_MS;
    for (const frequency of ["31d", "30m", "0h", "1y"]) {
      const refused = await create({ frequency }).catch((error) => error);
      assertStrictEquals(refused.status, 422, frequency);
    }
    const poor = await create({ metadata: { sandbox: "402" } }).catch((error) => error);
    assertStrictEquals(poor.status, 402);
    const monitor = await create({ processor: "base", metadata: { team: "a" } });
    assertMatch(monitor.monitor_id, /^monitor_[0-9a-f]{32}$/);
    assertStrictEquals(monitor.status, "active");
    assertStrictEquals(JSON.stringify(monitor).includes("null"), false, "no null members");
    // An hour takes a minute.
    now += 60 * MINUTE_MS;
    const { events, next_cursor } = await client.monitor.events(monitor.monitor_id, { limit: 5 });
    assertStrictEquals(events.length, 5);
    const first = events[0]!;
    assert(first.event_type === "snapshot", "changes only");
    assertMatch(first.event_group_id, /^mevtgrp_[0-9a-f]{48}$/);
    const names = Object.keys(first.changed_output.content);
    assertStrictEquals(names.length, 1);
    const older = await client.monitor.events(monitor.monitor_id, {
      limit: 100,
      cursor: next_cursor,
    });
    const ids = [...events, ...older.events].map((event) => "event_id" in event && event.event_id);
    assertStrictEquals(new Set(ids).size, ids.length, "no event twice");
    const all = await client.monitor.events(monitor.monitor_id, {
      limit: 100,
      include_completions: true,
    });
    assertStrictEquals(all.events.length, 61);
    const again = await client.monitor.events(monitor.monitor_id, { limit: 5 });
    assertEquals(again.events, events, "the same whenever it is asked");
    assertStrictEquals((await client.monitor.list()).monitors.length, 1);
    const cancelled = await client.monitor.cancel(monitor.monitor_id);
    assertStrictEquals(cancelled.status, "cancelled");
    await client.monitor.cancel(monitor.monitor_id);
    now += 60 * MINUTE_MS;
    const after = await client.monitor.events(monitor.monitor_id, { limit: 5 });
    assertEquals(after.events, events, "nothing more once it is cancelled");
    assertEquals((await client.monitor.list()).monitors, []);
    assertStrictEquals((await client.monitor.list({ status: ["cancelled"] })).monitors.length, 1);
    const unknown = await client.monitor.retrieve("monitor_0").catch((error) => error);
    assertStrictEquals(unknown.status, 404);
  } finally {
    sandbox.close();
    kv.close();
  }
});

interface Scene {
  readonly app: TestApp;
  readonly browser: TestBrowser;
  readonly clock: { now: number };
  readonly runId: string;
}

async function withRun(test: (scene: Scene) => Promise<void>): Promise<void> {
  const clock = { now: START };
  const config = { sandboxSpeed: 1_000, publicUrl: "https://tasks.example" };
  await withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ output_type: "json", json_schema: SCHEMA });
    clock.now += 10 * MINUTE_MS;
    await browser.events(runId);
    await test({ app, browser, clock, runId });
  }, { now: () => clock.now, config });
}

async function watch({ browser, runId }: Scene, token = crypto.randomUUID()): Promise<string> {
  const fields = { run: runId, token, frequency: "1h", processor: "lite" };
  const response = await browser.post("/watches", fields);
  const location = response.headers.get("location");
  if (location === null) throw new Error(`${response.status} ${await response.text()}`);
  await response.body?.cancel();
  return location;
}

Deno.test("a watch is created, its events are shown, and it is cancelled", () =>
  withRun(async (scene) => {
    const { browser, clock, runId } = scene;
    assert((await browser.text(`/tasks/${runId}`)).includes(`/watches/new?run=${runId}`));
    const billed = /bills each check.*until you cancel it/s;
    assertMatch(await browser.text(`/watches/new?run=${runId}`), billed);
    const token = crypto.randomUUID();
    const path = await watch(scene, token);
    assertStrictEquals(await watch(scene, token), path, "pressed twice it is one");
    // Fifty checks: the sandbox ends a watch after two hundred.
    clock.now += 3_000;
    const page = await browser.text(path);
    assertMatch(page, billed);
    assertMatch(page, /<ins>/);
    assertMatch(await browser.text(`${path}?all=1`), /nothing new/);
    const list = await browser.text("/watches");
    assertMatch(list, billed);
    assertStrictEquals([...list.matchAll(/class="row-link"/g)].length, 1);
    assertMatch(await browser.text("/account/delete"), /A watch continues\s+at Parallel/);
    const cancelled = await browser.post(`${path}/cancel`, {});
    await cancelled.body?.cancel();
    assertStrictEquals(cancelled.headers.get("location"), path);
    const after = await browser.text(path);
    assertMatch(after, /This watch is cancelled\. Parallel no longer checks/);
    assertNotMatch(after, /until you cancel it/);
    const other = await scene.app.browser().enterSandbox();
    assertStrictEquals((await other.fetch(path)).status, 404, "not another account's");
    const stolen = await other.post("/watches", { run: runId, token, frequency: "1h" });
    assertStrictEquals(stolen.status, 404);
  }));

Deno.test("a sandbox account has at most three watches", () =>
  withRun(async (scene) => {
    for (let made = 0; made < 3; made++) await watch(scene);
    const fields = { run: scene.runId, token: crypto.randomUUID(), frequency: "1h" };
    const refused = await scene.browser.post("/watches", fields);
    assertStrictEquals(refused.status, 422);
    assertMatch(await refused.text(), /a sandbox account 3/);
  }));

/** The account's notices that wait for a target, by type and summary. */
async function told(app: TestApp, account: string): Promise<string[]> {
  const waiting = await app.services.notifications.waiting(account);
  return waiting.map(({ type, subject }) => `${type} ${subject}`);
}

Deno.test("a signed webhook triggers one check and one notification; unsigned ones are rejected", () =>
  withRun(async (scene) => {
    const { app, browser, clock } = scene;
    const session = await app.services.sessions.find([...browser.cookies.values()][0]!);
    const account = session!.account;
    const added = await app.services.notifications.targets.addUrl(
      { account, sandbox: false, origin: "https://tasks.example" },
      { url: "https://hooks.example/told", kind: null, every_run: false, every_batch: false },
    );
    assert(added.ok);
    const path = await watch(scene);
    // Not before: with a secret the sandbox sends webhooks of its own.
    await app.services.webhookSecrets.set(account, SECRET);
    const id = path.split("/").at(-1)!;
    clock.now += MINUTE_MS;
    const send = async (secret: string, monitorId: string) => {
      const body = JSON.stringify({
        type: "monitor.event.detected",
        timestamp: new Date(clock.now).toISOString(),
        data: { monitor_id: monitorId, event: { event_group_id: "mevtgrp_1" } },
      });
      const message = { id: "whevent_1", timestamp: String(Math.floor(clock.now / 1000)), body };
      const headers = {
        "webhook-id": message.id,
        "webhook-timestamp": message.timestamp,
        "webhook-signature": await signWebhook(secret, message),
      };
      const response = await browser.fetch("/webhooks/parallel", { method: "POST", headers, body });
      await response.body?.cancel();
      return response.status;
    };
    const wrong = `whsec_${btoa("another-secret-another-secret-12")}`;
    assertStrictEquals(await send(wrong, id), 401);
    assertStrictEquals(await send(SECRET, "monitor_of_another"), 401);
    assertEquals(await told(app, account), []);
    assertStrictEquals(await send(SECRET, id), 200);
    assertEquals(await told(app, account), [`watch.changed ${id}`]);
    assertStrictEquals(await send(SECRET, id), 200);
    assertEquals(await told(app, account), [`watch.changed ${id}`], "told once");
    await browser.post(`${path}/cancel`, {});
  }));

Deno.test("the sandbox sends signed monitor webhooks to this instance", () =>
  withRun(async (scene) => {
    const { app, browser, clock } = scene;
    const session = await app.services.sessions.find([...browser.cookies.values()][0]!);
    await app.services.webhookSecrets.set(session!.account, SECRET);
    const path = await watch(scene);
    clock.now += MINUTE_MS;
    const told = async () =>
      (await Array.fromAsync(app.services.kv.list<{ told: string[] }>({ prefix: ["watch"] })))[0]!
        .value.told.length > 0;
    while (!await told()) await new Promise((resolve) => setTimeout(resolve, 5));
    await browser.post(`${path}/cancel`, {});
  }));

Deno.test("without webhooks, events are fetched once an hour", () =>
  withRun(async (scene) => {
    const { app, browser, clock } = scene;
    const path = await watch(scene);
    const stored = async () =>
      (await Array.fromAsync(app.services.kv.list<{ told: string[]; status: string }>({
        prefix: ["watch"],
      })))[0]!.value;
    await app.services.runSchedules();
    assertEquals((await stored()).told, []);
    clock.now += 61 * MINUTE_MS;
    await app.services.runSchedules();
    assert((await stored()).told.length > 0);
    await browser.post(`${path}/cancel`, {});
    const due = await Array.fromAsync(app.services.kv.list({ prefix: ["watch-due"] }));
    assertEquals(due.length, 0, "a cancelled watch is not asked about");
  }));

const RUN_ID = "trun_0123456789abcdef0123456789abcdef";

/** An API with one completed run, and monitors. */
function api(create: (monitors: Record<string, unknown>[]) => Response | Promise<Response>) {
  const monitors: Record<string, unknown>[] = [];
  const run = {
    run_id: RUN_ID,
    interaction_id: RUN_ID,
    status: "completed",
    is_active: false,
    processor: "lite",
    created_at: "2026-01-01T00:00:00Z",
    modified_at: "2026-01-01T00:00:00Z",
  };
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/v1/monitors" && request.method === "POST") {
      const { metadata, settings } = await request.json();
      monitors.push({
        monitor_id: `monitor_${monitors.length + 1}`,
        type: "snapshot",
        status: "active",
        frequency: "1d",
        processor: "lite",
        settings,
        metadata,
        created_at: "2026-01-01T00:00:00Z",
      });
      return await create(monitors);
    }
    if (pathname === "/v1/monitors") return Response.json({ monitors });
    if (pathname.endsWith("/events") && pathname.includes("monitors")) {
      return Response.json({ events: [] });
    }
    const found = monitors.find(({ monitor_id }) => pathname === `/v1/monitors/${monitor_id}`);
    if (found) return Response.json(found);
    if (pathname === `/v1/tasks/runs/${RUN_ID}`) return Response.json(run);
    if (pathname === `/v1/tasks/runs/${RUN_ID}/input`) {
      return Response.json({ input: "Who?", processor: "lite" });
    }
    if (pathname === `/v1/tasks/runs/${RUN_ID}/result`) {
      return Response.json({ run, output: { type: "text", content: "A", basis: [] } });
    }
    return Response.json({ error: { message: "Run id not found" } }, { status: 404 });
  };
  return { monitors, answer };
}

Deno.test("after a lost response the monitor is found in the API's list and not created twice", async () => {
  const { answer, monitors } = api(() => Promise.reject(new TypeError("connection reset by peer")));
  await withApp(async (app) => {
    const browser = await app.browser().enterKey();
    await browser.text(`/tasks/${RUN_ID}`);
    const fields = { run: RUN_ID, token: crypto.randomUUID(), frequency: "1d", processor: "lite" };
    for (let presses = 0; presses < 2; presses++) {
      const response = await browser.post("/watches", fields);
      await response.body?.cancel();
      assertStrictEquals(response.headers.get("location"), "/watches/monitor_1");
    }
    assertStrictEquals(monitors.length, 1);
    assertMatch(await browser.text("/watches/monitor_1"), /Nothing yet/);
  }, { api: answer });
});

Deno.test("the API's rejection of a watch is shown, and the form can be resubmitted", async () => {
  let refuses = true;
  const { answer, monitors } = api((made) => {
    if (!refuses) return Response.json(made.at(-1));
    made.pop();
    const error = { ref_id: "x", message: "Payment required: insufficient credit", detail: null };
    return Response.json({ type: "error", error }, { status: 402 });
  });
  await withApp(async (app) => {
    const browser = await app.browser().enterKey();
    await browser.text(`/tasks/${RUN_ID}`);
    const fields = { run: RUN_ID, token: crypto.randomUUID(), frequency: "1d", processor: "lite" };
    const refused = await browser.post("/watches", fields);
    assertStrictEquals(refused.status, 502);
    assertMatch(await refused.text(), /insufficient credit/);
    refuses = false;
    const made = await browser.post("/watches", fields);
    await made.body?.cancel();
    assertStrictEquals(made.status, 303);
    assertStrictEquals(monitors.length, 1);
  }, { api: answer });
});

Deno.test("a deleted run's title leaves its watch at once, and the store with the run", () =>
  withRun(async (scene) => {
    const { app, browser, clock, runId } = scene;
    const title = "What is the tallest building in Lyon?";
    const path = await watch(scene);
    assert((await browser.text(path)).includes(`>${title}</h1>`));
    const { services } = app;
    // As an earlier version stored it.
    const stored = () => Array.fromAsync(services.kv.list<object>({ prefix: ["watch"] }));
    for (const { key, value } of await stored()) await services.kv.set(key, { ...value, title });
    await (await browser.post(`/tasks/${runId}/delete`, {})).body?.cancel();
    for (const page of [path, "/watches"]) {
      assert(!(await browser.text(page)).includes(`>${title}</`), page);
    }
    await (await browser.post(`/tasks/${runId}/undelete`, {})).body?.cancel();
    assert((await browser.text(path)).includes(`>${title}</h1>`), "the undo brings it back");
    await (await browser.post(`/tasks/${runId}/delete`, {})).body?.cancel();
    clock.now += 11 * MINUTE_MS;
    await services.sweep();
    await services.watches.pickUp();
    assertEquals(await services.runs.request((await stored())[0]!.key[1] as string, runId), null);
    assert(!JSON.stringify(await stored()).includes("tallest"));
  }));

Deno.test("a notice of a watch has its run's title only while the account has the run", () =>
  withRun(async (scene) => {
    const { app, clock } = scene;
    await watch(scene);
    const told: unknown[] = [];
    const { kv } = app.services;
    const account = String((await Array.fromAsync(kv.list({ prefix: ["watch"] })))[0]!.key[1]);
    await kv.set(["notify-target", account, "t"], {
      kind: "json",
      label: "t",
      off: null,
      created_ms: 0,
      every_run: true,
      every_batch: true,
      rest_until: Number.MAX_SAFE_INTEGER,
    });
    clock.now += 61 * MINUTE_MS;
    await app.services.watches.check();
    for await (const { value } of kv.list({ prefix: ["outbox", account] })) told.push(value);
    assert(told.length > 0);
    assert(!JSON.stringify(told).includes("tallest"), "it is read on sending");
  }));
