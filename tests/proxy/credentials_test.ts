import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { ORIGIN } from "../app/test_app.ts";
import { handleApi, proxyContext } from "../../lib/proxy/mod.ts";
import type { Account } from "../../lib/accounts/sessions.ts";
import { runJson, withProxy } from "./proxy_app.ts";

const PATH = "/api/v1/tasks/runs/trun_1";

async function assertShape(response: Response, status: number): Promise<void> {
  assertStrictEquals(response.status, status);
  assertMatch(response.headers.get("content-type") ?? "", /^application\/json/);
  const { type, error } = await response.json();
  assertStrictEquals(type, "error");
  assertEquals(Object.keys(error), ["ref_id", "message", "detail"]);
}

Deno.test("without key and session every resource gives 401 in the API's format", () =>
  withProxy(async ({ fetch, reached }) => {
    for (const path of [PATH, `${PATH}/events`, `${PATH}/result`, "/api/v1/tasks/groups/t"]) {
      await assertShape(await fetch(path), 401);
    }
    assertEquals(reached, []);
  }));

Deno.test("a header without a key gives 401, with or without a session", () =>
  withProxy(async ({ app, reached }) => {
    const browser = await app.browser().enterSandbox();
    for (const key of ["", "a b", "a, b", "é", "k".repeat(513)]) {
      for (const method of ["GET", "POST"]) {
        const path = method === "GET" ? PATH : "/api/v1/tasks/runs";
        const response = await browser.fetch(path, { method, headers: { "x-api-key": key } });
        await assertShape(response, 401);
      }
    }
    assertEquals(reached, []);
  }));

Deno.test("the key header takes precedence over the session's key", () =>
  withProxy(async ({ app, reached }) => {
    const browser = await app.browser().enterKey("pk-session-key-1");
    await (await browser.fetch(PATH)).body?.cancel();
    await (await browser.fetch(PATH, { headers: { "x-api-key": "pk-header-key-2" } })).body
      ?.cancel();
    assertEquals(
      reached.map(({ headers }) => headers.get("x-api-key")),
      ["pk-session-key-1", "pk-header-key-2"],
    );
    for (const { headers } of reached) assertStrictEquals(headers.get("cookie"), null);
  }));

Deno.test("reading with a key creates no account", () =>
  withProxy(async ({ app, fetch }) => {
    const headers = { "x-api-key": "pk-nobody-1234" };
    await (await fetch(PATH, { headers })).body?.cancel();
    await assertShape(await fetch(`${PATH}/events`, { headers }), 404);
    assertStrictEquals(await app.services.runs.accountOf("pk-nobody-1234"), null);
  }));

const POSTS: readonly [name: string, headers: Record<string, string>, status: number][] = [
  ["from the app's own page", { "sec-fetch-site": "same-origin" }, 202],
  ["with the app's origin only", { origin: ORIGIN }, 202],
  ["from another site", { "sec-fetch-site": "cross-site" }, 403],
  ["from a sibling domain", { "sec-fetch-site": "same-site" }, 403],
  ["typed by hand", { "sec-fetch-site": "none" }, 403],
  ["with another origin", { origin: "https://evil.test" }, 403],
  ["with no word of where it comes from", {}, 403],
  ["from another site with a key of its own", {
    "sec-fetch-site": "cross-site",
    "x-api-key": "pk-own-key-1234",
  }, 202],
];

for (const [name, headers, status] of POSTS) {
  Deno.test(`a create with the session's cookie ${name} gives ${status}`, () =>
    withProxy(async ({ app, reached }) => {
      const browser = await app.browser().enterKey();
      const found = await app.services.runs.ownerOf("pk-test-key-1234");
      const account: Account = { ...found, fingerprint: "", sandbox: false, refusedMs: null };
      const request = new Request(`${ORIGIN}/api/v1/tasks/runs`, {
        method: "POST",
        headers,
        body: JSON.stringify({ input: "x", processor: "lite" }),
      });
      const context = proxyContext(app.services);
      const response = await handleApi(context, {
        request,
        account,
        origin: ORIGIN,
        client: { client: "local", network: null },
      });
      if (status === 403) await assertShape(response, 403);
      else assertStrictEquals((await response.json()).status, "queued");
      assertStrictEquals(response.status, status);
      assertStrictEquals(reached.length, status === 403 ? 0 : 1);
      assert(browser.cookies.size > 0);
    }, { api: () => Response.json(runJson(), { status: 202 }) }));
}

Deno.test("the whole app rejects a foreign post in the API's format, not with a page", () =>
  withProxy(async ({ app, fetch, reached }) => {
    const post = { method: "POST", body: "{}" };
    const browser = await app.browser().enterKey();
    const headers = { "sec-fetch-site": "cross-site" };
    await assertShape(await browser.fetch("/api/v1/tasks/runs", { ...post, headers }), 403);
    await assertShape(await fetch("/api/v1/tasks/runs", post), 401);
    assertEquals(reached, []);
  }));
