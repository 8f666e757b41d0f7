/** From the end of a run or batch to its receiver. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { Webhook } from "standardwebhooks";
import type { Notifications } from "../../lib/notify/mod.ts";
import { batchOf, companies, created, ownerOf, pageIn } from "../batches/batch_tools.ts";
import { ORIGIN, type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";
import { allowing, Receiver } from "./receiver.ts";

async function accountOf(app: TestApp, browser: TestBrowser): Promise<string> {
  const cookie = browser.cookies.get("taskstream") ?? "";
  return (await app.services.sessions.find(cookie))?.account ?? "";
}

async function add(
  app: TestApp,
  account: string,
  url: string,
  every: { every_run: boolean; every_batch: boolean },
) {
  const owner = { account, sandbox: true, origin: ORIGIN };
  const added = await app.services.notifications.targets.addUrl(owner, {
    url,
    kind: null,
    ...every,
  });
  assert(added.ok, JSON.stringify(added));
  return added;
}

/** Resolves when no notification of the account is waiting. */
async function emptied(notifications: Notifications, account: string): Promise<void> {
  while ((await notifications.waiting(account)).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("the end of every run arrives once, signed by Standard Webhooks, with the contract's members", () =>
  withApp(async (app) => {
    await using receiver = new Receiver();
    const browser = await app.browser().enterSandbox();
    const account = await accountOf(app, browser);
    const { signing } = await add(app, account, `${receiver.url}/hook?token=secret`, {
      every_run: true,
      every_batch: false,
    });
    const runId = await browser.createTask();
    const [arrived] = await receiver.until(1);
    assert(arrived !== undefined && signing !== null);
    assertStrictEquals(arrived.path, "/hook?token=secret");
    const body = new Webhook(signing).verify(arrived.body, Object.fromEntries(arrived.headers));
    const { at, summary, ...rest } = body as Record<string, unknown>;
    assertEquals(rest, {
      type: "run.completed",
      id: runId,
      url: `${ORIGIN}/tasks/${runId}`,
      title: "What is the tallest building in Lyon?",
      status: "completed",
      cost_usd: 0.005,
      simulated: true,
    });
    assertMatch(String(at), /^\d{4}-\d\d-\d\dT/);
    assert(String(summary).length > 10, "the result's beginning");
    await emptied(app.services.notifications, account);
    assertStrictEquals(receiver.arrived.length, 1);
    const [target] = await app.services.notifications.targets.list(account);
    assertEquals([target?.last?.ok, target?.last?.words], [true, "200 ok"]);
    assert(!app.lines.join("\n").includes("token=secret"), "no log line has the URL");
  }, { config: allowing() }));

Deno.test("only a chosen run is notified, once, if “every run” is off", () =>
  withApp(async (app) => {
    await using receiver = new Receiver();
    const browser = await app.browser().enterSandbox();
    const account = await accountOf(app, browser);
    await add(app, account, receiver.url, { every_run: false, every_batch: false });
    const { notifications } = app.services;
    const [other, chosen] = [await browser.createTask(), await browser.createTask()];
    await notifications.choose(account, "run", chosen, true);
    assertStrictEquals(await notifications.offer(account, "run", chosen), "chosen");
    await Promise.all([browser.events(other), browser.events(chosen)]);
    await receiver.until(1);
    await emptied(notifications, account);
    assertEquals(receiver.arrived.map((_, n) => receiver.json(n).id), [chosen]);
    assertStrictEquals(await notifications.offer(account, "run", chosen), "not notified");
  }, { config: allowing() }));

/** A receiver of everything, and the account that it belongs to. */
async function withOwner(
  test: (world: {
    readonly app: TestApp;
    readonly receiver: Receiver;
    readonly owner: Awaited<ReturnType<typeof ownerOf>>;
    /** What arrived once nothing waits: type, subject and status of each. */
    readonly notified: () => Promise<unknown[][]>;
  }) => Promise<void>,
  { speed = 10_000, ...every } = { every_run: true, every_batch: true } as {
    readonly every_run: boolean;
    readonly every_batch: boolean;
    readonly speed?: number;
  },
): Promise<void> {
  await withApp(async (app) => {
    await using receiver = new Receiver();
    const owner = await ownerOf(app);
    await add(app, owner.id, receiver.url, every);
    const notified = async () => {
      await emptied(app.services.notifications, owner.id);
      return receiver.arrived.map((_, n) => {
        const { type, id, status } = receiver.json(n);
        return [type, id, status];
      });
    };
    await test({ app, receiver, owner, notified });
  }, { config: { ...allowing(), sandboxSpeed: speed } });
}

Deno.test("a batch notifies of its trial and its end, but not of its rows", () =>
  withOwner(async ({ app, receiver, owner, notified }) => {
    const id = await created(app, owner, await batchOf(companies(8), { trial: 3 }));
    await pageIn(app, owner, id, "paused");
    await receiver.until(1);
    await app.services.batches.command(owner, id, { type: "start", rows: null });
    await pageIn(app, owner, id, "done");
    await receiver.until(2);
    assertEquals(await notified(), [["batch.paused", id, "paused"], [
      "batch.completed",
      id,
      "done",
    ]]);
    const { at: _, ...body } = receiver.json(1);
    assertEquals(body, {
      type: "batch.completed",
      id,
      url: `${ORIGIN}/batches/${id}`,
      title: "Companies",
      status: "done",
      cost_usd: 0.04,
      summary: "8 of 8 rows done.",
      simulated: true,
    });
    assertMatch(String(receiver.json(0).summary), /3 of 8 rows done, 5 not sent yet\.$/);
  }));

Deno.test("a pause by the user sends no notification", () =>
  withOwner(async ({ app, owner, notified }) => {
    const task = { ...(await batchOf(companies(4))).task, processor: "ultra" };
    const id = await created(app, owner, await batchOf(companies(4), { task, trial: 2 }));
    await app.services.batches.command(owner, id, { type: "pause" });
    await pageIn(app, owner, id, "paused");
    assertEquals(await notified(), []);
  }, { every_run: true, every_batch: true, speed: 1 }));

Deno.test("a chosen batch is notified once, despite concurrent changes", () =>
  withOwner(async ({ app, receiver, owner, notified }) => {
    for (let round = 1; round <= 10; round++) {
      const id = await created(app, owner, await batchOf(companies(2)));
      // Before, at and after its end.
      await new Promise((resolve) => setTimeout(resolve, round * 3));
      assert(await app.services.chooseNotification(owner.id, "batch", id, true));
      await pageIn(app, owner, id, "done");
      await receiver.until(round);
    }
    assertStrictEquals(new Set((await notified()).map(([, id]) => id)).size, 10);
    assertStrictEquals(receiver.arrived.length, 10);
  }, { every_run: false, every_batch: false }));

Deno.test("a run chosen around its end is notified once", () =>
  withOwner(async ({ app, receiver, owner, notified }) => {
    const { runs } = app.services;
    for (let round = 1; round <= 20; round++) {
      const input = { input: "Who built the Eiffel Tower?", processor: "lite" };
      const outcome = await runs.create(owner, input, { source: "api", idempotencyKey: null });
      assert(outcome.ok);
      await new Promise((resolve) => setTimeout(resolve, round));
      assert(await app.services.chooseNotification(owner.id, "run", outcome.runId, true));
      await receiver.until(round);
    }
    assertStrictEquals(new Set((await notified()).map(([, id]) => id)).size, 20);
    assertStrictEquals(receiver.arrived.length, 20);
    const marks = app.services.kv.list({ prefix: ["notify-chosen"] });
    assertEquals(await Array.fromAsync(marks), []);
  }, { every_run: false, every_batch: false }));

Deno.test("a failed run's notification has the reason and no cost", () =>
  withOwner(async ({ app, receiver, owner, notified }) => {
    const input = { input: "A question", processor: "lite", metadata: { sandbox: "fail" } };
    const options = { source: "api", idempotencyKey: null } as const;
    const outcome = await app.services.runs.create(owner, input, options);
    assert(outcome.ok);
    await receiver.until(1);
    assertEquals(await notified(), [["run.failed", outcome.runId, "failed"]]);
    assertStrictEquals(receiver.json(0).cost_usd, 0);
    assert(String(receiver.json(0).summary).length > 5, "the reason");
  }));

Deno.test("a run deleted before its notification is not notified", () =>
  withOwner(async ({ app, receiver, owner, notified }) => {
    receiver.answer = (n) => n === 0 ? new Response("later", { status: 503 }) : new Response("ok");
    const input = { input: "A question", processor: "lite" };
    const options = { source: "api", idempotencyKey: null } as const;
    const outcome = await app.services.runs.create(owner, input, options);
    assert(outcome.ok);
    await receiver.until(1);
    await app.services.runs.remove(owner.id, outcome.runId);
    const { notifications, kv } = app.services;
    // Its wait is over at once.
    for await (const entry of kv.list<Record<string, unknown>>({ prefix: ["outbox", owner.id] })) {
      while ((await kv.get<{ lease_until: number }>(entry.key)).value?.lease_until !== 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    const targets = kv.list<Record<string, unknown>>({ prefix: ["notify-target", owner.id] });
    for await (const { key, value } of targets) await kv.set(key, { ...value, rest_until: 0 });
    for await (const { key } of kv.list({ prefix: ["outbox-due"] })) {
      const itemKey = ["outbox", ...key.slice(2)];
      const { value } = await kv.get<Record<string, unknown>>(itemKey);
      await kv.atomic().set(itemKey, { ...value, due_ms: 1 }).delete(key)
        .set(["outbox-due", 1, ...key.slice(2)], null).commit();
    }
    notifications.pickUp();
    await notified();
    assertStrictEquals(receiver.arrived.length, 1);
  }));
