import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { ORIGIN, withApp } from "./test_app.ts";

const TOKEN = "a-token-of-this-instance";
const on = { config: { adminToken: TOKEN } };
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

Deno.test("there is no admin page without ADMIN_TOKEN", () =>
  withApp(async (app) => {
    const browser = app.browser();
    assertStrictEquals((await browser.fetch("/admin", bearer(TOKEN))).status, 404);
    assertStrictEquals((await browser.fetch("/admin/metrics", bearer(""))).status, 404);
    assertStrictEquals((await browser.post("/admin", { token: "" })).status, 404);
  }));

Deno.test("the token opens the page through a form, in this browser only, and shows no secret", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const refused = await browser.fetch("/admin");
    assertStrictEquals(refused.status, 401);
    assertMatch(await refused.text(), /<form[^>]*action="\/admin"/);

    const wrong = await browser.post("/admin", { token: `${TOKEN}x` });
    assertStrictEquals(wrong.status, 401);
    assertMatch(await wrong.text(), /aria-invalid="true"[^>]*aria-describedby="token-problem"/);
    assertStrictEquals(browser.cookies.size, 0);

    const right = await browser.post("/admin", { token: TOKEN });
    assertStrictEquals(right.status, 303);
    assertStrictEquals(right.headers.get("location"), "/admin");
    const cookie = right.headers.getSetCookie()[0] ?? "";
    assertMatch(cookie, /; HttpOnly; Max-Age=28800; SameSite=Strict; Path=\/admin$/);
    assert(!cookie.includes(TOKEN));

    const page = await browser.fetch("/admin");
    assertStrictEquals(page.status, 200);
    const html = await page.text();
    assertMatch(html, /Requests answered/);
    assertMatch(html, /Active runs in the store/);
    assert(!html.includes(TOKEN));
    assertStrictEquals((await app.browser().fetch("/admin")).status, 401, "another browser");
  }, on));

Deno.test("a forged or foreign cookie does not open the page", () =>
  withApp(async (app) => {
    const browser = app.browser();
    await browser.post("/admin", { token: TOKEN });
    const [[name, value] = ["", ""]] = browser.cookies;
    const until = value.split(":")[0] ?? "";
    for (
      const forged of [
        value.replace(until, `${Number(until) + 1}`),
        value.slice(0, -1),
        `${Date.now() + 1e9}:x`,
        "",
      ]
    ) {
      const response = await app.handle(
        new Request(`${ORIGIN}/admin`, { headers: { cookie: `${name}=${forged}` } }),
      );
      assertStrictEquals(response.status, 401, forged);
      await response.body?.cancel();
    }
  }, on));

Deno.test("Prometheus reads the metrics with a bearer token", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask();
    const events = await browser.events(runId);

    const refused = await browser.fetch("/admin/metrics", bearer("a-token-of-another-one"));
    assertStrictEquals(refused.status, 401);
    assertMatch(refused.headers.get("www-authenticate") ?? "", /^Bearer/);
    await refused.body?.cancel();

    const response = await browser.fetch("/admin/metrics", bearer(TOKEN));
    assertStrictEquals(response.status, 200);
    assertMatch(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    const valueOf = (name: string) =>
      Number(new RegExp(`^${name.replaceAll(/[{}]/g, "\\$&")} (\\S+)$`, "m").exec(text)?.[1]);
    assertStrictEquals(valueOf("taskstream_log_appends_total"), events.length);
    assertStrictEquals(valueOf("taskstream_append_lag_seconds_count"), events.length);
    assert(valueOf("taskstream_kv_commits_total") > 0);
    assertStrictEquals(
      valueOf("taskstream_kv_commit_duration_seconds_count"),
      valueOf("taskstream_kv_commits_total"),
    );
    assert(valueOf('taskstream_upstream_calls_total{upstream="sandbox",status="2xx"}') >= 2);
    assert(valueOf('taskstream_requests_total{status="3xx"}') >= 2);
    assertStrictEquals(valueOf("taskstream_recordings"), 0);
  }, on));
