/** /account/notifications without JavaScript, and target secrets that it never shows. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { ORIGIN, type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";
import { allowing, Receiver } from "./receiver.ts";
import { decrypt, makeBrowser } from "./push_browser.ts";

const PATH = "/account/notifications";
const SECRET = "the-secret-part";

async function accountOf(app: TestApp, browser: TestBrowser): Promise<string> {
  const cookie = browser.cookies.get("taskstream") ?? "";
  return (await app.services.sessions.find(cookie))?.account ?? "";
}

/** Adds a URL by the form and returns the target's id. */
async function add(
  app: TestApp,
  browser: TestBrowser,
  fields: Record<string, string>,
): Promise<string> {
  const response = await browser.post(PATH, { act: "add", ...fields });
  const page = await response.text();
  assert(response.status === 200 || response.status === 303, page);
  const targets = await app.services.notifications.targets.list(await accountOf(app, browser));
  return targets.at(-1)!.id;
}

/** Everything in the store, and in the log, as text. */
async function everything(app: TestApp): Promise<string> {
  const entries = await Array.fromAsync(app.services.kv.list({ prefix: [] }));
  return JSON.stringify(
    entries.map(({ key, value }) => [key, value]),
    (_, value) => typeof value === "bigint" ? String(value) : value,
  ) + app.lines.join("\n");
}

Deno.test("a visitor is asked to sign in first", () =>
  withApp(async (app) => {
    const response = await app.browser().fetch(PATH);
    assertStrictEquals(response.headers.get("location"), `/?next=${encodeURIComponent(PATH)}`);
  }));

Deno.test("after adding a URL its secret is shown once; neither is shown or stored in clear afterwards", () =>
  withApp(async (app) => {
    await using receiver = new Receiver();
    const browser = await app.browser().enterSandbox();
    const url = `${receiver.url}/${SECRET}?token=${SECRET}`;
    const added = await browser.post(PATH, { act: "add", url, every_run: "yes" });
    assertStrictEquals(added.status, 200);
    const page = await added.text();
    const [signing = ""] = /whsec_[\w+/=]{44}/.exec(page) ?? [];
    assert(signing !== "" && !page.includes(SECRET));
    const later = await browser.text(PATH);
    assertMatch(later, new RegExp(`${new URL(url).host} · [0-9a-f]{4}`));
    assert(!later.includes("whsec_") && !later.includes(SECRET));
    const stored = await everything(app);
    assert(!stored.includes(SECRET) && !stored.includes(signing));
    const again = await browser.post(PATH, { act: "add", url });
    assertStrictEquals(again.status, 422);
    assertMatch(await again.text(), /This URL is already in your list/);
  }, { config: allowing() }));

Deno.test("a refused URL keeps the chosen format and what it should be told of", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const sent = {
      act: "add",
      url: "http://hooks.example/",
      every_batch: "yes",
      format: "discord",
    };
    const page = await (await browser.post(PATH, sent)).text();
    const form = page.slice(page.indexOf('<li id="add">'));
    assertMatch(form, /<option\s+value="discord"\s+selected/);
    assertMatch(form, /name="every_batch"[^>]*checked/);
    assertNotMatch(form, /name="every_run"[^>]*checked/);
  }));

const WRONG: readonly (readonly [url: string, why: RegExp])[] = [
  ["", /Enter a URL that starts with https/],
  ["nothing", /Enter a URL that starts with https/],
  ["http://hooks.example/", /Enter a URL that starts with https/],
  ["ftp://hooks.example/", /Enter a URL that starts with https/],
  ["https://user:the-secret-part@hooks.example/", /Remove the user name and password/],
  ["https://hooks.example:8080/the-secret-part", /The port must be 443 or 8443/],
  ["https://10.0.0.1/the-secret-part", /does not resolve to a public address/],
  ["https://[::1]/the-secret-part", /does not resolve to a public address/],
  ["https://ntfy.sh/", /End the URL with the topic/],
  ["https://hooks.slack.com/triggers/the-secret-part", /Enter an incoming webhook/],
  [`https://hooks.example/${"x".repeat(2_000)}`, /more than 2,000 characters/],
];

Deno.test("an unusable URL is rejected at its field and not echoed", async (t) => {
  await withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    for (const [url, why] of WRONG) {
      await t.step(url.slice(0, 60), async () => {
        const response = await browser.post(PATH, { act: "add", url });
        assertStrictEquals(response.status, 422);
        const page = await response.text();
        assertMatch(page, why);
        assertMatch(page, /<input[^>]+id="url"[^>]+aria-invalid="true"/);
        assert(!page.includes(SECRET));
      });
    }
    assertMatch(await browser.text(PATH), /nowhere yet/);
  });
});

Deno.test("the test button shows the receiver's response", () =>
  withApp(async (app) => {
    await using receiver = new Receiver();
    receiver.answer = () => new Response("<b>no such channel</b>", { status: 404 });
    const browser = await app.browser().enterSandbox();
    const id = await add(app, browser, { url: `${receiver.url}/x`, format: "slack" });
    const tested = await browser.post(PATH, { act: "test", target: id });
    assertStrictEquals(tested.headers.get("location"), `${PATH}?done=tested#${id}`);
    const page = await browser.text(`${PATH}?done=tested`);
    assertMatch(page, /Test: not delivered/);
    assertMatch(page, /404 &lt;b>no such channel&lt;\/b>/);
    assertMatch(String(receiver.json(0).text), /^Test: Taskstream can reach you here/);
    receiver.answer = () => new Response("ok");
    await browser.post(PATH, { act: "test", target: id });
    assertMatch(await browser.text(PATH), /Test: delivered/);
    // Six a minute.
    for (let n = 0; n < 6; n++) await browser.post(PATH, { act: "test", target: id });
    assertStrictEquals(receiver.arrived.length, 6);
    assertMatch(await browser.text(PATH), /Not sent: too many requests/);
  }, { config: allowing() }));

Deno.test("a target is changed, enabled and removed, but not by another account", () =>
  withApp(async (app) => {
    const [browser, stranger] = [
      await app.browser().enterSandbox(),
      await app.browser().enterSandbox(),
    ];
    const id = await add(app, browser, { url: "https://hooks.example/x", every_run: "yes" });
    const account = await accountOf(app, browser);
    const shown = async () => (await app.services.notifications.targets.list(account))[0];
    const fields = { act: "change", target: id, every_batch: "yes" };
    for (const act of ["change", "on", "test", "remove"]) {
      await stranger.post(PATH, { ...fields, act });
    }
    assertEquals([(await shown())?.every_run, (await shown())?.every_batch], [true, false]);
    assertStrictEquals((await shown())?.last, null);
    await browser.post(PATH, fields);
    assertEquals([(await shown())?.every_run, (await shown())?.every_batch], [false, true]);
    const removed = await browser.post(PATH, { act: "remove", target: id });
    assertStrictEquals(removed.headers.get("location"), `${PATH}?done=removed`);
    assertStrictEquals(await shown(), undefined);
    const gone = await browser.post(PATH, fields);
    assertStrictEquals(gone.headers.get("location"), `${PATH}?done=gone`);
    for (
      const [wrong, status] of [[{ act: "none" }, 400], [
        { act: "on", target: "../x" },
        404,
      ]] as const
    ) {
      assertStrictEquals((await browser.post(PATH, wrong)).status, status);
    }
  }));

Deno.test("a sandbox account can have three targets", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    for (const n of [1, 2, 3]) await add(app, browser, { url: `https://hooks.example/${n}` });
    const response = await browser.post(PATH, { act: "add", url: "https://hooks.example/4" });
    assertStrictEquals(response.status, 422);
    assertMatch(await response.text(), /You can have 3 of these/);
  }));

Deno.test("sandbox accounts together send a host at most 30 notifications a minute", () =>
  withApp(async (app) => {
    await using receiver = new Receiver();
    const browser = await app.browser().enterSandbox();
    const account = await accountOf(app, browser);
    await add(app, browser, { url: `${receiver.url}/x`, format: "slack" });
    const { notifications, kv } = app.services;
    for (let n = 0; n < 40; n++) {
      const content = { path: "/", title: `${n}`, cost_usd: null, summary: "" };
      const notice = { type: "schedule.changed", id: `${n}`, subject: "s", status: "x", at_ms: 0 };
      const mutations = await notifications.notify(account, {
        ...notice,
        type: "schedule.changed",
        content,
      });
      const atomic = kv.atomic();
      for (const mutation of mutations) atomic.mutate(mutation);
      await atomic.commit();
    }
    notifications.pickUp();
    await receiver.until(30);
    const isLater = async () => {
      const waiting = await notifications.waiting(account);
      return waiting.length === 10 &&
        waiting.every(({ due_ms, tries }) => due_ms > Date.now() && tries === 0);
    };
    while (!await isLater()) await new Promise((resolve) => setTimeout(resolve, 5));
    assertStrictEquals(receiver.arrived.length, 30);
    assertMatch(await browser.text(PATH), /No attempt yet/);
  }, { config: allowing() }));

Deno.test("a browser gets an encrypted push message; an unsubscribed one is disabled", async () => {
  const tls = new URL("../outgoing/tls/", import.meta.url);
  const pem = (name: string) => Deno.readTextFileSync(new URL(name, tls));
  const arrived = Promise.withResolvers<{ headers: Headers; body: Uint8Array<ArrayBuffer> }>();
  let status = 201;
  const service = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen: () => {},
    cert: pem("hooks.example.test.pem"),
    key: pem("hooks.example.test.key"),
  }, async (request) => {
    arrived.resolve({ headers: request.headers, body: await request.bytes() });
    return new Response(null, { status });
  });
  const endpoint = `https://hooks.example.test:${service.addr.port}/push/${SECRET}`;
  try {
    await withApp(async (app) => {
      const browser = await app.browser().enterSandbox();
      const account = await accountOf(app, browser);
      const device = await makeBrowser(endpoint);
      const page = await browser.text(PATH);
      assertMatch(page, /data-key="[\w-]{87}"/);
      const wrong = await browser.post(PATH, { act: "browser", subscription: "{}" });
      assertStrictEquals(wrong.status, 422);
      assertMatch(await wrong.text(), /The browser returned an invalid subscription/);
      const subscription = JSON.stringify(device.subscription);
      const fields = { act: "browser", subscription };
      const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
      const added = await browser.post(PATH, fields, { "user-agent": agent });
      assertMatch(added.headers.get("location") ?? "", /\?done=added#push-[0-9a-f]{32}$/);
      // The same browser once more is one place.
      await browser.post(PATH, fields, { "user-agent": agent });
      const runId = await browser.createTask();
      const { headers, body } = await arrived.promise;
      const shown = JSON.parse(await decrypt(body, device));
      assertEquals([shown.url, shown.title], [
        `${ORIGIN}/tasks/${runId}`,
        "Simulated · Done: What is the tallest building in Lyon?",
      ]);
      assertMatch(headers.get("authorization") ?? "", /^vapid t=/);
      const { targets } = app.services.notifications;
      const list = async () =>
        (await targets.list(account)).map(({ label, off }) => [label, off?.reason]);
      assertEquals(await list(), [["Firefox on Linux", undefined]]);
      status = 410;
      const [{ id } = { id: "" }] = await targets.list(account);
      await targets.test(account, id);
      await browser.createTask().then((run) => browser.events(run));
      while ((await list())[0]?.[1] === undefined) await new Promise((r) => setTimeout(r, 5));
      assertMatch(String((await list())[0]?.[1]), /The browser ended its subscription/);
      assert(!(await everything(app)).includes(SECRET));
    }, {
      config: allowing("hooks.example.test"),
      outgoing: { resolve: () => Promise.resolve(["127.0.0.1"]), ca: pem("ca.pem") },
    });
  } finally {
    await service.shutdown();
  }
});

Deno.test("deleting the account deletes its targets, choices and waiting notices; the export lists targets without secrets", () =>
  withApp(async (app) => {
    await using receiver = new Receiver();
    receiver.answer = () => new Response("later", { status: 503 });
    const browser = await app.browser().enterSandbox();
    const account = await accountOf(app, browser);
    await add(app, browser, { url: `${receiver.url}/${SECRET}`, every_run: "yes" });
    await browser.events(await browser.createTask());
    await receiver.until(1);
    const exported = await browser.text("/account/export");
    const [about = ""] = exported.split("\n");
    assertMatch(
      about,
      /"notifications":\[\{"kind":"json","label":"127\.0\.0\.1:\d+ · [0-9a-f]{4}"/,
    );
    assert(!exported.includes(SECRET) && !exported.includes("whsec_"));
    await browser.post("/account/delete", { confirm: "yes" });
    const { kv } = app.services;
    for (const name of ["notify-target", "notify-chosen", "outbox", "outbox-told"]) {
      const left = await Array.fromAsync(kv.list({ prefix: [name, account] }));
      assertEquals(left, [], name);
    }
    assertEquals(await Array.fromAsync(kv.list({ prefix: ["outbox-due"] })), []);
  }, { config: allowing() }));

Deno.test("a waiting notification is listed by its title, with the latest response", () =>
  withApp(async (app) => {
    await using receiver = new Receiver();
    receiver.answer = () => new Response("not now", { status: 503 });
    const browser = await app.browser().enterSandbox();
    await add(app, browser, { url: `${receiver.url}/${SECRET}`, every_run: "yes" });
    const runId = await browser.createTask({ input: "Who built the <b>tower</b>?" });
    await receiver.until(1);
    let page = "";
    // Its response is stored soon after.
    while (!page.includes("503 not now")) page = await browser.text(PATH);
    assert(page.includes(`<a href="/tasks/${runId}"`), page);
    assertMatch(page, />Who built the &lt;b>tower&lt;\/b>\?<\/a>.*503 not now/s);
  }, { config: allowing() }));

Deno.test("a run's page turns its notification on and off, and says when “every run” covers it", () =>
  withApp(async (app) => {
    const [browser, stranger] = [
      await app.browser().enterSandbox(),
      await app.browser().enterSandbox(),
    ];
    const page = `/tasks/${await browser.createTask({ processor: "ultra" })}`;
    assertMatch(
      await browser.text(page),
      /<a href="\/account\/notifications"[^>]*><svg.*?<\/svg> Notify me when it is done/,
    );
    const id = await add(app, browser, { url: "https://hooks.example/x" });
    assertMatch(
      await browser.text(page),
      /name="tell" value="yes"[^>]*><svg.*?<\/svg> Notify me when it is done/,
    );
    const chosen = `${PATH}/chosen`;
    const response = await browser.post(chosen, { page, tell: "yes" });
    assertEquals([response.status, response.headers.get("location")], [303, page]);
    assertMatch(await browser.text(page), /name="tell" value="no"[^>]*> ?Do not notify me/);
    await browser.post(chosen, { page, tell: "no" });
    assertMatch(await browser.text(page), /value="yes"/);
    await browser.post(PATH, { act: "change", target: id, every_run: "yes" });
    assertMatch(await browser.text(page), /You will be notified when it is done/);
    for (
      const wrong of [page, "/tasks/trun_none", "/batches/none", "/account", "//evil.example", ""]
    ) {
      assertStrictEquals((await stranger.post(chosen, { page: wrong, tell: "yes" })).status, 404);
    }
  }, { config: { sandboxSpeed: 1 } }));
