/**
 * /account/notifications in real Chromium: without JavaScript on a phone, and with a stubbed push service
 * whose messages the real service worker shows. No real push service is reachable here.
 */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";
import { browserId } from "../../lib/notify/mod.ts";
import { browserTest } from "../browser_launch.ts";
import { makeBrowser } from "../notify/push_browser.ts";
import { Receiver } from "../notify/receiver.ts";
import { Server } from "../process/server.ts";
import { violations } from "./axe.ts";
import { enterSandbox } from "./steps.ts";

const PATH = "/account/notifications";
const ENV = { NOTIFY_ALLOW: "127.0.0.1", SANDBOX_SPEED: "20" };

browserTest(
  "without JavaScript, on a phone, a URL is added, tested and removed; axe finds no problem in light and dark",
  async ({ newContext }) => {
    await using receiver = new Receiver();
    await using server = await Server.start(ENV);
    receiver.answer = () => new Response("no such hook", { status: 404 });
    for (const colorScheme of ["light", "dark"] as const) {
      const viewport = { width: 360, height: 740 };
      const context = await newContext({ javaScriptEnabled: false, viewport, colorScheme });
      const page = await context.newPage();
      await page.goto(server.url);
      await page.locator('form[action="/auth/sandbox"] button').click();
      await page.goto(`${server.url}/account`);
      await page.getByRole("link", { name: "Get notified when runs and batches are done" }).click();
      await page.getByText("Browser notifications need JavaScript.").waitFor();
      await page.getByLabel("A URL").fill(`${receiver.url}/hook`);
      await page.getByRole("button", { name: "Add URL", exact: true }).click();
      await page.getByText("Copy the signing secret now").waitFor();
      await page.getByRole("button", { name: /^Send a test/ }).click();
      await page.getByText("404 no such hook").waitFor();
      await page.getByLabel("A URL").fill("https://10.0.0.1/");
      await page.getByRole("button", { name: "Add URL", exact: true }).click();
      await page.getByText("The host does not resolve to a public address.").waitFor();
      // Axe itself needs script: the same page, in the same session, with it.
      const scripted = await newContext({
        viewport,
        colorScheme,
        storageState: await context.storageState(),
      });
      const shown = await scripted.newPage();
      await shown.goto(server.url + PATH);
      assertEquals(await violations(shown), []);
      await page.getByRole("button", { name: /^Remove/ }).click();
      await page.getByText("Nothing is sent there any more").waitFor();
      await Promise.all([context.close(), scripted.close()]);
    }
  },
  { allowProblems: true },
);

/** Puts a push service into the page that gives the subscription, and counts how often it is asked. */
async function stubPush(context: BrowserContext, subscription: unknown): Promise<void> {
  await context.addInitScript((given) => {
    // The browser's own page for a server that is gone has no storage.
    if (location.protocol !== "http:") return;
    const state = { asked: 0, subscribed: sessionStorage.getItem("stub") === "on" };
    Object.assign(globalThis, { stubbed: state });
    const made = {
      ...Object(given),
      toJSON: () => given,
      unsubscribe: () => Promise.resolve(true),
    };
    Notification.requestPermission = () => {
      state.asked++;
      return Promise.resolve("granted");
    };
    PushManager.prototype.getSubscription = () => Promise.resolve(state.subscribed ? made : null);
    PushManager.prototype.subscribe = (options) => {
      const key = options?.applicationServerKey;
      if (typeof key !== "string" || key.length !== 87) throw new TypeError("No key");
      sessionStorage.setItem("stub", "on");
      return Promise.resolve(made);
    };
  }, subscription);
}

/**
 * Runs code in the worker, where `fire(event)` resolves when the worker has handled an event of a test as one of
 * the browser's own, and `seen` has the windows that it opened or focused: browsers do that on a person's click.
 */
async function inWorker(context: BrowserContext, code: string): Promise<unknown> {
  const worker = context.serviceWorkers()[0] ?? await context.waitForEvent("serviceworker");
  return await worker.evaluate(`(async () => {
    const seen = [];
    Clients.prototype.openWindow = async (href) => { seen.push("opened " + href); };
    WindowClient.prototype.focus = async function () { seen.push("focused " + this.url); };
    const fire = (event) => {
      let work;
      ExtendableEvent.prototype.waitUntil = (given) => { work = given; };
      dispatchEvent(event);
      return work;
    };
    ${code}
  })()`);
}

/** Clicks the notification that is shown. */
const CLICK = `
  const [notification] = await registration.getNotifications();
  await fire(new NotificationEvent("notificationclick", { notification }));
  return [...seen, (await registration.getNotifications()).length];`;

/** What the notifications say that are shown. */
const SHOWN = `
  return (await registration.getNotifications())
    .map(({ title, body, tag, data }) => [title, body, tag, data]);`;

const asked = (page: Page) =>
  page.evaluate(() => Number(Reflect.get(Reflect.get(globalThis, "stubbed"), "asked")));

browserTest(
  "browser notifications start only after a click; the worker shows pushed messages and does nothing else",
  async ({ page, context }) => {
    await using server = await Server.start(ENV);
    const origin = new URL(server.url).origin;
    await context.grantPermissions(["notifications"], { origin });
    // 127.0.0.1 is allowed, and nothing listens at the port.
    const { subscription } = await makeBrowser("https://127.0.0.1:8443/push/1");
    await stubPush(context, subscription);
    await enterSandbox(page, server.url);
    await page.goto(server.url + PATH);
    await page.getByText("Off", { exact: true }).waitFor();
    assertStrictEquals(await asked(page), 0);
    await page.getByRole("button", { name: "Turn on in this browser" }).press("Enter");
    await page.getByText("Added. Send a test").waitFor();
    await page.getByText("On: it is one of the destinations above").waitFor();
    await page.getByRole("heading", { name: "Browser", exact: true }).waitFor();
    assert(await page.getByRole("button", { name: "Turn on in this browser" }).isHidden());

    const url = `${origin}/account`;
    const data = JSON.stringify({
      title: "Done: A question",
      body: "The answer",
      url,
      tag: "id-1",
    });
    const push = `await fire(new PushEvent("push", { data: ${JSON.stringify(data)} }));`;
    assertEquals(await inWorker(context, push + SHOWN), [
      ["Done: A question", "The answer", "id-1", url],
    ]);
    // A click closes it and opens its page: in a new window, or where it is open already.
    assertEquals(await inWorker(context, CLICK), [`opened ${url}`, 0]);
    await page.goto(`${url}#keys`);
    assertStrictEquals((await inWorker(context, push + SHOWN) as unknown[]).length, 1);
    assertEquals(await inWorker(context, CLICK), [`focused ${url}#keys`, 0]);
    const foreign = `registration.showNotification("x", { data: "https://elsewhere.example/" })`;
    assertEquals(await inWorker(context, `await ${foreign}; ${CLICK}`), [0]);

    // The push service changes the subscription: the place becomes the new one, with what it is told of.
    const { subscription: next } = await makeBrowser("https://127.0.0.1:8443/push/2");
    await inWorker(
      context,
      `
      const event = new ExtendableEvent("pushsubscriptionchange");
      event.oldSubscription = { endpoint: "${subscription.endpoint}", options: {} };
      event.newSubscription = ${JSON.stringify(next)};
      await fire(event);`,
    );
    await page.goto(server.url + PATH);
    await page.locator(`#${await browserId(next.endpoint)}`).waitFor();
    assertStrictEquals(await page.locator(`#${await browserId(subscription.endpoint)}`).count(), 0);
    // The worker serves no page: without the server there is none.
    await server.stop();
    const failed = await page.goto(server.url + PATH).then(() => "", (error) => String(error));
    assertMatch(failed, /ERR_CONNECTION_REFUSED/);
  },
  // The shell shows no notifications.
  { needsWindows: true },
);

const REASONS: readonly (readonly [name: string, stub: string, why: string])[] = [
  [
    "plain http",
    `Object.defineProperty(globalThis, "isSecureContext", { value: false })`,
    "Browsers allow this only over HTTPS. This page came over HTTP.",
  ],
  ["no support", `delete globalThis.PushManager`, "This browser has no Web Push."],
  [
    "a blocked permission",
    `Object.defineProperty(Notification, "permission", { value: "denied" })`,
    "You have blocked notifications from this site in the browser’s settings.",
  ],
];

browserTest("a page explains why this browser cannot be notified", async ({ newContext }) => {
  await using server = await Server.start(ENV);
  for (const [name, stub, why] of REASONS) {
    const context = await newContext();
    await context.addInitScript(stub);
    const page = await context.newPage();
    await enterSandbox(page, server.url);
    await page.goto(server.url + PATH);
    await page.getByText(why).waitFor();
    assert(await page.getByRole("button", { name: "Turn on in this browser" }).isHidden(), name);
    await context.close();
  }
});
