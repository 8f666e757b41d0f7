/** `/account`: what it shows and ends, for its own account only. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { deviceOf } from "../../lib/accounts/sign_in.ts";
import { type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";

const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 " +
  "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
const KEY = "pk-account-page-key";
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const api = () =>
  Response.json({ type: "error", error: { ref_id: "r", message: "Run id not found" } }, {
    status: 404,
  });

async function enter(app: TestApp, userAgent: string, apiKey = KEY): Promise<TestBrowser> {
  const browser = app.browser();
  const response = await browser.post("/auth/key", { api_key: apiKey, next: "/account" }, {
    "user-agent": userAgent,
  });
  assertStrictEquals(response.headers.get("location"), "/account");
  return browser;
}

const sessionIds = (page: string) =>
  [...page.matchAll(/name="end" value="([0-9a-f]{64})"/g)].map(([, id]) => id!);
const isOut = async (browser: TestBrowser) =>
  (await browser.fetch("/account")).headers.get("location") === "/?next=%2Faccount";

Deno.test("the account page names devices, keys and counts, but shows no key", () =>
  withApp(async (app) => {
    const browser = await enter(app, FIREFOX);
    await enter(app, IPHONE);
    const response = await browser.fetch("/account");
    assertStrictEquals(response.status, 200);
    assertStrictEquals(response.headers.get("cache-control"), "private, no-store");
    const page = await response.text();
    assertMatch(page, /Firefox on Windows/);
    assertMatch(page, /Safari on iPhone/);
    assertMatch(page, /2 sessions/);
    assertMatch(page, /0 runs/);
    assert(!page.includes(KEY));
    assertNotMatch(page, /eyJ[\w-]+\./, "nothing sealed either");
  }, { api }));

Deno.test("the account page counts its own runs, not those of others", () =>
  withApp(async (app) => {
    const [mine, theirs] = [await app.browser().enterSandbox(), await app.browser().enterSandbox()];
    for (let turn = 0; turn < 3; turn++) await mine.createTask({ input: `Question ${turn}` });
    assertMatch(await mine.text("/account"), />3 runs</);
    assertMatch(await theirs.text("/account"), />0 runs</);
  }));

Deno.test("a session can end another session without ending itself", () =>
  withApp(async (app) => {
    const [here, there] = [await enter(app, FIREFOX), await enter(app, IPHONE)];
    const page = await here.text("/account");
    const own = sessionIds(await there.text("/account"));
    assertStrictEquals(own.length, 2);
    const other = [...page.matchAll(/value="([0-9a-f]{64})"[^>]*aria-label="[^"]*iPhone/g)][0]![1]!;
    const response = await here.post("/account/sessions", { end: other });
    assertStrictEquals(response.headers.get("location"), "/account?done=session-ended");
    assert(await isOut(there));
    assert(!await isOut(here));
    assertMatch(await here.text("/account?done=session-ended"), /role="status"/);
    const again = await here.post("/account/sessions", { end: other });
    assertStrictEquals(again.headers.get("location"), "/account?done=session-gone");
  }, { api }));

Deno.test("all other sessions can be ended at once", () =>
  withApp(async (app) => {
    const browsers = await Promise.all([1, 2, 3, 4].map(() => enter(app, FIREFOX)));
    const [here, ...others] = browsers;
    await here!.post("/account/sessions", { end: "others" });
    for (const other of others) assert(await isOut(other));
    assert(!await isOut(here!));
  }, { api }));

Deno.test("ending all sessions at once also ends the one that asks", () =>
  withApp(async (app) => {
    const browsers = await Promise.all([1, 2, 3].map(() => enter(app, FIREFOX)));
    const stranger = await app.browser().enterKey("pk-somebody-else-4711");
    const [here] = browsers;
    assertMatch(await here!.text("/account"), /name="end" value="all"/);
    const response = await here!.post("/account/sessions", { end: "all" });
    assertStrictEquals(response.headers.get("location"), "/");
    assertStrictEquals(here!.cookies.size, 0);
    for (const browser of browsers) assert(await isOut(browser));
    assert(!await isOut(stranger));
  }, { api }));

Deno.test("ending the current session signs out", () =>
  withApp(async (app) => {
    const browser = await enter(app, FIREFOX);
    const [id] = sessionIds(await browser.text("/account"));
    const response = await browser.post("/account/sessions", { end: id! });
    assertStrictEquals(response.headers.get("location"), "/");
    assertStrictEquals(browser.cookies.size, 0);
  }, { api }));

Deno.test("another account's session cannot be ended, even by its ID", () =>
  withApp(async (app) => {
    const mine = await enter(app, FIREFOX);
    const stranger = await enter(app, FIREFOX, "pk-a-stranger-s-key");
    const [id] = sessionIds(await mine.text("/account"));
    const response = await stranger.post("/account/sessions", { end: id! });
    assertStrictEquals(response.headers.get("location"), "/account?done=session-gone");
    assert(!await isOut(mine));
  }, { api }));

Deno.test("an added key is shown by its fingerprint, and the key in use is marked", () =>
  withApp(async (app) => {
    const browser = await enter(app, FIREFOX);
    await browser.post("/account/keys", { api_key: "pk-the-second-key", confirm: "yes" });
    const page = await browser.text("/account");
    assertMatch(page, /2 keys/);
    const [, keys = ""] = /id="keys"[^]*?<ul[^>]*>([^]*?)<\/ul>/.exec(page) ?? [];
    const lines = keys.split("<li").slice(1);
    assertStrictEquals(lines.length, 2);
    assertEquals(lines.map((line) => line.includes("in use")), [true, false]);
    for (const line of lines) assertMatch(line, /<code>[0-9a-f]{4}<\/code>/);
  }, { api }));

Deno.test("the account page says why a key cannot be added", () =>
  withApp(async (app) => {
    const browser = await enter(app, FIREFOX);
    const response = await browser.post("/auth/key", { api_key: "bad key", next: "/account" });
    const home = await browser.fetch(response.headers.get("location")!);
    const page = await browser.text(home.headers.get("location")!);
    assertMatch(page, /<details[^>]* open/);
    assertMatch(page, /aria-describedby="api_key-error"/);
    assertMatch(page, /That does not look like an API key/);
  }, { api }));

Deno.test("the webhook secret is stored, never shown, and deleted on request", () =>
  withApp(async (app) => {
    const browser = await enter(app, FIREFOX);
    assertMatch(await browser.text("/account"), /No secret yet/);
    const { account } = (await app.services.sessions.find(browser.cookies.get("taskstream")!))!;
    const kept = await browser.post("/account/webhook", { webhook_secret: ` ${SECRET} ` });
    assertStrictEquals(kept.headers.get("location"), "/account?done=webhook-saved");
    assertStrictEquals(await app.services.webhookSecrets.get(account), SECRET);
    const page = await browser.text("/account");
    assertMatch(page, /A secret is stored/);
    assert(!page.includes(SECRET) && !page.includes(SECRET.slice(6)));
    const wrong = await browser.post("/account/webhook", { webhook_secret: "short" });
    const again = await browser.text(wrong.headers.get("location")!);
    assertMatch(again, /aria-describedby="webhook_secret-error"/);
    assertMatch(again, /A webhook secret has 16 to 512 characters/);
    const several = await browser.post("/account/webhook", {
      webhook_secret: `${SECRET} ${SECRET}`,
    });
    assertMatch(await browser.text(several.headers.get("location")!), /These are several secrets/);
    assertStrictEquals(await app.services.webhookSecrets.get(account), SECRET);
    await browser.post("/account/webhook", { forget: "yes" });
    assertStrictEquals(await app.services.webhookSecrets.get(account), null);
    await browser.post("/account/webhook", { webhook_secret: `v1,"${SECRET}"` });
    assertStrictEquals(
      await app.services.webhookSecrets.get(account),
      SECRET,
      "read, not kept as pasted",
    );
  }, { api }));

Deno.test("accounts need no webhook secret if the instance has one", () =>
  withApp(async (app) => {
    const page = await (await enter(app, FIREFOX)).text("/account");
    assertMatch(page, /with the secret of this instance/);
    assertNotMatch(page, /name="webhook_secret"/);
    assertMatch(page, /https:\/\/tasks\.example\/webhooks\/parallel/);
  }, {
    api,
    // Cookies of https carry another name, which the test's browser keeps as well.
    config: { parallelWebhookSecret: SECRET, publicUrl: "https://tasks.example" },
  }));

Deno.test("a visitor cannot open any page below /account", () =>
  withApp(async (app) => {
    const browser = app.browser();
    assertStrictEquals(
      (await browser.fetch("/account")).headers.get("location"),
      "/?next=%2Faccount",
    );
    for (const path of ["/account/sessions", "/account/webhook", "/account/delete"]) {
      const response = await browser.post(path, { end: "others", confirm: "yes", forget: "yes" });
      assertStrictEquals(response.status, 303);
      assertMatch(response.headers.get("location")!, /^\/\?(?:problem=not-sent&)?next=%2Faccount/);
    }
  }));

Deno.test("other sites cannot trigger these actions", () =>
  withApp(async (app) => {
    const browser = await enter(app, FIREFOX);
    for (const path of ["/account/sessions", "/account/webhook", "/account/delete"]) {
      const fields = { end: "others", confirm: "yes", forget: "yes" };
      const response = await browser.post(path, fields, { "sec-fetch-site": "cross-site" });
      assertStrictEquals(response.status, 403, path);
    }
    assert(!await isOut(browser));
  }, { api }));

const DEVICES: readonly (readonly [userAgent: string | null, device: string | null])[] = [
  [FIREFOX, "Firefox on Windows"],
  [IPHONE, "Safari on iPhone"],
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Chrome on Linux",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "Microsoft Edge on Windows",
  ],
  ["curl/8.5.0", null],
  ["", null],
  [" ", null],
  [null, null],
  ["<script>alert(1)</script>", null],
];

for (const [userAgent, device] of DEVICES) {
  Deno.test(`a session of ${JSON.stringify(userAgent)?.slice(0, 60)} is called ${device}`, async () => {
    assertStrictEquals(await deviceOf(userAgent), device);
  });
}

Deno.test("reading a User-Agent of any length is cheap, and the device name stays short", async () => {
  for (
    const text of ["a/1 ".repeat(50_000), "(".repeat(200_000), `Chrome/${"9".repeat(200_000)}`]
  ) {
    assert(((await deviceOf(text))?.length ?? 0) <= 60);
  }
});
