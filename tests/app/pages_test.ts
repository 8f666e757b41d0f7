import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { FORM, withApp } from "./test_app.ts";

Deno.test("signed out, the front page offers the sign-in methods, and other pages lead there and back", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const page = await browser.text("/");
    assertMatch(page, /action="\/auth\/sandbox"/);
    assertMatch(page, /action="\/auth\/key"/);
    for (const path of ["/tasks", "/tasks/trun_0123456789abcdef0123456789abcdef"]) {
      const response = await browser.fetch(path);
      assertStrictEquals(response.status, 303);
      assertStrictEquals(response.headers.get("location"), `/?next=${encodeURIComponent(path)}`);
    }
    const created = await browser.post("/tasks", FORM);
    assertStrictEquals(created.status, 303);
    assertMatch(created.headers.get("location")!, /^\/\?/);
  }));

Deno.test("if the sandbox is off, it is neither offered nor accepted", () =>
  withApp(async (app) => {
    const browser = app.browser();
    assertNotMatch(await browser.text("/"), /\/auth\/sandbox/);
    const response = await browser.post("/auth/sandbox", {});
    assertStrictEquals(response.headers.get("location"), "/?problem=no-sandbox");
    const key = await browser.post("/auth/key", { api_key: "sandbox-0123456789abcdef" });
    assertMatch(key.headers.get("location")!, /problem=refused/);
  }, { config: { sandboxEnabled: false } }));

Deno.test("an example fills the form on the server", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const page = await browser.text("/");
    const examples = [...page.matchAll(/href="\/\?example=([\w-]+)/g)].map((match) => match[1]!);
    assertStrictEquals(new Set(examples).size, 6);
    for (const example of new Set(examples)) {
      const filled = await browser.text(`/?example=${example}`);
      const input = /<textarea[^>]*name="input"[^>]*>([^<]*)</.exec(filled)?.[1] ?? "";
      assert(input.length > 10, `${example} fills the input`);
    }
  }));

Deno.test("another account's run gives the same 404 as a missing one", () =>
  withApp(async (app) => {
    const owner = await app.browser().enterSandbox();
    const runId = await owner.createTask({ input: "A secret question" });
    await owner.events(runId);
    const stranger = await app.browser().enterSandbox();
    const missing = "trun_00000000000000000000000000000000";
    for (const suffix of ["", "/result.json"]) {
      const foreign = await stranger.fetch(`/tasks/${runId}${suffix}`);
      const unknown = await stranger.fetch(`/tasks/${missing}${suffix}`);
      assertEquals([foreign.status, unknown.status], [404, 404]);
      const strip = (text: string) =>
        text.replaceAll(runId, "").replaceAll(missing, "").replace(/nonce="\w+"/g, "");
      assertStrictEquals(strip(await foreign.text()), strip(await unknown.text()));
    }
    for (const id of [runId, missing]) {
      assertStrictEquals((await stranger.fetch(`/api/v1/tasks/runs/${id}/events`)).status, 404);
    }
    assertNotMatch(await stranger.text("/tasks"), /A secret question/);
  }));

Deno.test("result.json contains run, input, output and the whole trace", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ processor: "pro", output_type: "text" });
    const events = await browser.events(runId);
    const response = await browser.fetch(`/tasks/${runId}/result.json`);
    assertStrictEquals(response.status, 200);
    assertMatch(response.headers.get("content-type")!, /^application\/json/);
    const body = await response.json();
    assertEquals(Object.keys(body).sort(), ["events", "input", "output", "run", "share"]);
    assertStrictEquals(body.run.run_id, runId);
    assertStrictEquals(body.input.input, FORM.input);
    assertStrictEquals(body.output.type, "text");
    assertStrictEquals(body.share, null);
    assertEquals(
      body.events.map((event: { id: number }) => event.id),
      events.map((event) => Number(event.id)),
    );
    assert(body.events.every((event: { received_ms: number }) => event.received_ms > 0));
  }));

Deno.test("the history shows 25 runs per page, newest first, with links both ways", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const made: string[] = [];
    for (let i = 0; i < 27; i++) made.unshift(await browser.createTask({ input: `Question ${i}` }));
    const idsIn = (
      page: string,
    ) => [...new Set([...page.matchAll(/href="\/tasks\/(trun_\w+)"/g)].map((m) => m[1]!))];
    const first = await browser.text("/tasks");
    assertEquals(idsIn(first), made.slice(0, 25));
    const next = /<a[^>]*rel="next"[^>]*>/.exec(first)![0];
    const second = await browser.text(/href="([^"]+)"/.exec(next)![1]!.replaceAll("&amp;", "&"));
    assertEquals(idsIn(second), made.slice(25));
    assertNotMatch(second, /rel="next"/);
    const prev = /<a[^>]*rel="prev"[^>]*>/.exec(second)![0];
    const back = await browser.text(/href="([^"]+)"/.exec(prev)![1]!.replaceAll("&amp;", "&"));
    assertEquals(idsIn(back), made.slice(0, 25));
  }));

Deno.test("a missing page gives a helpful 404", () =>
  withApp(async (app) => {
    const response = await app.browser().fetch("/no/such/page");
    assertStrictEquals(response.status, 404);
    assertMatch(await response.text(), /<h1/);
  }));

const NONCE = /script-src[^;]*'nonce-[\w+/=-]+'/;

Deno.test("every response has the security headers and no inline style or handler", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask();
    for (
      const [path, scripts] of [
        ["/", NONCE],
        ["/tasks", NONCE],
        [`/tasks/${runId}`, NONCE],
        ["/nowhere", NONCE],
        ["/healthz", /script-src 'none'/],
        [`/tasks/${runId}/result.json`, /script-src 'none'/],
      ] as const
    ) {
      const response = await browser.fetch(path);
      const policy = response.headers.get("content-security-policy") ?? "";
      assertMatch(policy, scripts, path);
      assertNotMatch(policy, /unsafe-inline|upgrade-insecure-requests/, path);
      assertStrictEquals(response.headers.get("x-content-type-options"), "nosniff", path);
      assertMatch(response.headers.get("cache-control") ?? "", /no-store/, path);
      const body = await response.text();
      if (!response.headers.get("content-type")?.startsWith("text/html")) continue;
      assertNotMatch(body, /<[^>]+\sstyle=/, path);
      assertNotMatch(body, /<[^>]+\son\w+=/, path);
      const nonce = /'nonce-([^']+)'/.exec(policy)![1];
      for (const [tag] of body.matchAll(/<script[^>]*>/g)) {
        assert(tag.includes(`nonce="${nonce}"`), tag);
      }
    }
  }));

Deno.test("the theme is set by a form post and a cookie, and redirects back to the page", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const response = await browser.post("/theme", { theme: "dark", next: "/?next=%2Ftasks" });
    assertStrictEquals(response.status, 303);
    assertStrictEquals(response.headers.get("location"), "/?next=%2Ftasks");
    assertMatch(await browser.text("/"), /<html[^>]*data-theme="dark"/);
    const away = await browser.post("/theme", { theme: "light", next: "//evil.example/x" });
    assertStrictEquals(away.headers.get("location"), "/");
    await browser.post("/theme", { theme: "system", next: "/" });
    assertNotMatch(await browser.text("/"), /data-theme/);
  }));

Deno.test("/health responds ok, and readiness reports when the app drains", () =>
  withApp(async (app) => {
    const browser = app.browser();
    assertEquals(await (await browser.fetch("/healthz")).json(), {
      status: "ok",
      store: "ok",
    });
    assertStrictEquals((await browser.fetch("/readyz")).status, 200);
    await app.services.drain();
    assertStrictEquals((await browser.fetch("/readyz")).status, 503);
  }));

Deno.test("while the database does not respond, the app is healthy but not ready", () =>
  withApp(async (app) => {
    using _ = stub(app.services.kv, "get", () => Promise.reject(new Error("gone")));
    const health = await app.browser().fetch("/healthz");
    assertStrictEquals(health.status, 200);
    assertEquals(await health.json(), { status: "ok", store: "away" });
    const ready = await app.browser().fetch("/readyz");
    assertStrictEquals(ready.status, 503);
    assertEquals(await ready.json(), { status: "the store does not answer" });
  }));
