/** Sending a word as a key does not redact it, and no key is logged. */
import { assert, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { Redactor } from "../../lib/redact.ts";
import { type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";

const GOOD = "pk-canary-the-good-key";

function api(request: Request): Response {
  const known = request.headers.get("x-api-key") === GOOD;
  const error = { ref_id: "r", message: known ? "Run id not found" : "Unauthorized", detail: null };
  return Response.json({ type: "error", error }, { status: known ? 404 : 401 });
}

const WORDS = ["/account/delete", "request failed", "status=500", "request", "path=/tasks"];

/** Ways for a stranger to send a text as a key. */
const WAYS: readonly (readonly [
  name: string,
  send: (app: TestApp, browser: TestBrowser, text: string) => Promise<Response>,
])[] = [
  [
    "x-api-key of a run",
    (_, browser, text) =>
      browser.fetch("/api/v1/tasks/runs/trun_x", { headers: { "x-api-key": text } }),
  ],
  [
    "x-api-key of events",
    (_, browser, text) =>
      browser.fetch("/api/v1/tasks/runs/trun_x/events", { headers: { "x-api-key": text } }),
  ],
  ["x-api-key of a create", (_, browser, text) =>
    browser.fetch("/api/v1/tasks/runs", {
      method: "POST",
      body: "{}",
      headers: { "x-api-key": text, "content-type": "application/json" },
    })],
  [
    "a sandbox key",
    (_, browser, text) =>
      browser.fetch("/api/v1/tasks/runs/trun_x", { headers: { "x-api-key": `sandbox-${text}` } }),
  ],
  ["signing in", (_, browser, text) => browser.post("/auth/key", { api_key: text })],
  [
    "a bearer of /admin",
    (_, browser, text) =>
      browser.fetch("/admin/metrics", { headers: { authorization: `Bearer ${text}` } }),
  ],
  ["a token of /admin", (_, browser, text) => browser.post("/admin", { token: text })],
];

for (const [name, send] of WAYS) {
  Deno.test(`text sent as ${name} is not redacted in later lines`, () =>
    withApp(async (app) => {
      const browser = app.browser();
      for (const text of WORDS) await (await send(app, browser, text)).body?.cancel();
      app.lines.length = 0;
      await (await app.browser().fetch("/account/delete")).body?.cancel();
      const lines = app.lines.join("\n");
      assertMatch(lines, /info {2}request id=\w+ method=GET path=\/account\/delete/);
      assertNotMatch(lines, /\[redacted\]/);
    }, { api, config: { adminToken: "admin-token-0123456789" } }));
}

Deno.test("an unknown key appears in no line of its own request, nor in any other", () =>
  withApp(async (app) => {
    const text = "pk-canary-a-stranger-s";
    const browser = app.browser();
    for (const [, send] of WAYS) await (await send(app, browser, text)).body?.cancel();
    await (await browser.fetch(`/nowhere/${text}`, { headers: { "x-api-key": text } })).body
      ?.cancel();
    assert(app.lines.length >= WAYS.length);
    assert(!app.lines.join("\n").includes(text), app.lines.join("\n"));
  }, { api, config: { adminToken: "admin-token-0123456789" } }));

Deno.test("no part of an unknown key is logged, however it is encoded and wherever the path is cut", () =>
  withApp(async (app) => {
    const text = "pk-canary-a-stranger-s";
    const browser = app.browser();
    for (let before = 150; before < 200; before += 7) {
      for (const key of [text, text.replaceAll("-", "%2D"), text.replaceAll("-", "%252d")]) {
        const path = `/nowhere/${"x".repeat(before)}/${key}/y`;
        await (await browser.fetch(path, { headers: { "x-api-key": text } })).body?.cancel();
      }
    }
    assertNotMatch(app.lines.join("\n"), /canary/);
  }, { api }));

Deno.test("a key that the API accepted appears in no later line", () =>
  withApp(async (app) => {
    await app.browser().enterKey(GOOD);
    app.services.log("info", `quoted: ${GOOD}`, { reason: `by ${GOOD}` });
    assert(!app.lines.join("\n").includes(GOOD));
  }, { api }));

Deno.test("a request's own secrets are redacted only in its line", () => {
  const redactor = new Redactor();
  assertStrictEquals(
    redactor.redact("path=/account/delete", ["/account/delete"]),
    "path=[redacted]",
  );
  assertStrictEquals(redactor.redact("path=/account/delete"), "path=/account/delete");
  assertStrictEquals(
    redactor.redact("GET / 200", ["GET", "200"]),
    "GET / 200",
    "short ones are words",
  );
  assertStrictEquals(
    redactor.redact("a-secret-longer", ["a-secret", "a-secret-longer"]),
    "[redacted]",
  );
});
