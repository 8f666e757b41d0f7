/** The way from the end of a run or batch to its receiver. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { Webhook } from "standardwebhooks";
import type { Notifications } from "../../lib/notify/mod.ts";
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

/** Resolves when nothing waits for the account any more. */
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

Deno.test("a run that was not chosen is not told; one that was is, once, even if every run is not", () =>
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
    assertStrictEquals(await notifications.offer(account, "run", chosen), "not told");
  }, { config: allowing() }));
