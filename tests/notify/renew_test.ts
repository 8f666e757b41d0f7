/** A push service changes a browser's subscription. */
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";
import { allowing } from "./receiver.ts";
import { decrypt, makeBrowser } from "./push_browser.ts";

const PATH = "/account/notifications";
const HOST = "hooks.example.test";

async function accountOf(app: TestApp, browser: TestBrowser): Promise<string> {
  const cookie = browser.cookies.get("taskstream") ?? "";
  return (await app.services.sessions.find(cookie))?.account ?? "";
}

Deno.test("a renewed subscription replaces the old one: choices stay, and waiting notices go there", async () => {
  const pem = (name: string) =>
    Deno.readTextFileSync(new URL(`../outgoing/tls/${name}`, import.meta.url));
  const arrived = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const service = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen: () => {},
    cert: pem(`${HOST}.pem`),
    key: pem(`${HOST}.key`),
  }, async (request) => {
    if (request.url.endsWith("/old")) return new Response(null, { status: 503 });
    arrived.resolve(await request.bytes());
    return new Response(null, { status: 201 });
  });
  const at = `https://${HOST}:${service.addr.port}`;
  try {
    await withApp(async (app) => {
      await app.services.pickUp();
      const browser = await app.browser().enterSandbox();
      const account = await accountOf(app, browser);
      const { notifications } = app.services;
      const [old, fresh] = [await makeBrowser(`${at}/old`), await makeBrowser(`${at}/new`)];
      const subscription = JSON.stringify(old.subscription);
      const added = await browser.post(PATH, { act: "browser", subscription });
      const [id = ""] = /push-[0-9a-f]{32}/.exec(added.headers.get("location") ?? "") ?? [];
      await browser.post(PATH, { act: "change", target: id, every_batch: "yes" });
      const runId = await browser.createTask();
      await browser.post(`/account/notifications/chosen`, { page: `/tasks/${runId}`, tell: "yes" });
      while ((await notifications.targets.list(account))[0]?.last?.ok !== false) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assertStrictEquals((await notifications.waiting(account)).length, 1);

      const renewal = {
        act: "renew",
        before: old.subscription.endpoint,
        subscription: JSON.stringify(fresh.subscription),
      };
      for (
        const [wrong, why] of [
          [{ before: "https://elsewhere.example/" }, /This browser is not on your list/],
          [{ subscription: "{}" }, /The browser returned an invalid subscription/],
          [
            { subscription: JSON.stringify((await makeBrowser("https://10.0.0.1/")).subscription) },
            /no public address/,
          ],
        ] as const
      ) {
        const refused = await browser.post(PATH, { ...renewal, ...wrong });
        assertStrictEquals(refused.status, 422);
        assertMatch(await refused.text(), why);
      }
      const stranger = await app.browser().enterSandbox();
      assertStrictEquals((await stranger.post(PATH, renewal)).status, 422);

      assertStrictEquals((await browser.post(PATH, renewal)).status, 303);
      const [target, ...others] = await notifications.targets.list(account);
      assertEquals(others, []);
      assertEquals([target?.every_run, target?.every_batch], [false, true]);
      assertStrictEquals(target?.id === id, false);
      const shown = JSON.parse(await decrypt(await arrived.promise, fresh));
      assertMatch(shown.url, new RegExp(`/tasks/${runId}$`));
      assertStrictEquals((await browser.post(PATH, renewal)).status, 422, "once");
    }, {
      config: allowing(HOST),
      outgoing: { resolve: () => Promise.resolve(["127.0.0.1"]), ca: pem("ca.pem") },
    });
  } finally {
    await service.shutdown();
  }
});
