/** Log lines of requests, and the page of an unexpected error. */
import { assert, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { ORIGIN, type TestApp, withApp } from "../app/test_app.ts";

const KEY = "pk-canary-4711-secret";

const requestLines = (app: TestApp) => app.lines.filter((line) => / request id=/.test(line));

Deno.test("every request is one line with id, route, status and time", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    app.lines.length = 0;
    for (
      const path of [
        "/",
        "/tasks?q=secret",
        "/tasks/trun_x",
        "/nowhere",
        "/%GG",
        "/favicon.svg",
        "/api/v1/x",
      ]
    ) {
      await (await browser.fetch(path)).body?.cancel();
    }
    const lines = requestLines(app);
    assertStrictEquals(lines.length, 7);
    for (const line of lines) {
      assertMatch(
        line,
        /^\S+ info +request id=[0-9a-f]{8} method=GET path=\S+ route=\S+ status=\d{3} ms=\d+$/,
      );
    }
    assert(lines.every((line) => !line.includes("secret")), "queries are people's words");
    assertMatch(lines[2]!, /path=\/tasks\/trun_x route=\/tasks\/:id status=404/);
  }));

Deno.test("a path can neither break its log line nor fill the disk", () =>
  withApp(async (app) => {
    await app.handle(new Request(`${ORIGIN}/x%0d%0aerror%20request%1b[31m${"y".repeat(5_000)}`));
    const [line = ""] = requestLines(app);
    assertStrictEquals(line.split("\n").length, 1);
    assert(line.length < 400, `${line.length}`);
  }));

/** An app whose store fails when a session is read. */
async function withBrokenStore(test: (app: TestApp, cookie: string) => Promise<void>) {
  await withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    using _ = stub(app.services.sessions, "find", (value) =>
      Promise.reject(
        new Error(`store failed for ${value} with ${KEY}`, { cause: app.services.sessions }),
      ));
    await app.services.standings.ask(KEY);
    app.lines.length = 0;
    await test(app, cookie);
  }, { api: () => Response.json({ error: { message: "Run id not found" } }, { status: 404 }) });
}

Deno.test("an unexpected error shows a reference to everything in the log, but no secret", () =>
  withBrokenStore(async (app, cookie) => {
    const response = await app.handle(new Request(`${ORIGIN}/tasks`, { headers: { cookie } }));
    assertStrictEquals(response.status, 500);
    assertMatch(response.headers.get("content-type") ?? "", /^text\/html/);
    assert(response.headers.has("content-security-policy"));
    assertStrictEquals(response.headers.get("cache-control"), "private, no-store");
    const page = await response.text();
    assertNotMatch(page, /store failed|Error:/);
    const reference = /reference (?:<code>)?([0-9a-f]{8})/.exec(page)?.[1];
    assert(reference !== undefined, page);
    const failure = app.lines.find((line) => line.includes("request failed")) ?? "";
    assert(failure.includes(`id=${reference}`));
    assertMatch(failure, /store failed for \[redacted\] with \[redacted\]/);
    assertMatch(failure, /stack=.*session\.ts/);
    const all = app.lines.join("\n");
    assert(!all.includes(KEY) && !all.includes(cookie.split("=")[1]!));
    assertMatch(requestLines(app)[0]!, new RegExp(`error request id=${reference}.* status=500`));
  }));

Deno.test("under /api the reference has the API's error format", () =>
  withBrokenStore(async (app, cookie) => {
    const url = `${ORIGIN}/api/v1/tasks/runs/a`;
    const response = await app.handle(new Request(url, { headers: { cookie } }));
    assertStrictEquals(response.status, 500);
    const { type, error } = await response.json();
    assertStrictEquals(type, "error");
    assert(app.lines.some((line) => line.includes(`failed id=${error.ref_id}`)));
  }));
