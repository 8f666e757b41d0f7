/** Guesses of keys and tokens are limited by address, however they are sent. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { ORIGIN, type TestApp, withApp } from "../app/test_app.ts";

const GOOD = "pk-the-one-good-key";
const TOKEN = "admin-token-0123456789";

/** Knows one key; says so in its own words. */
function api(request: Request): Response {
  const known = request.headers.get("x-api-key") === GOOD;
  const error = { ref_id: "r", message: known ? "Run id not found" : "Unauthorized", detail: null };
  return Response.json({ type: "error", error }, { status: known ? 404 : 401 });
}

const from = (hostname: string): Deno.ServeHandlerInfo => ({
  remoteAddr: { transport: "tcp", hostname, port: 51234 },
  completed: Promise.resolve(),
});

async function statuses(
  app: TestApp,
  requests: readonly (readonly [path: string, headers: HeadersInit])[],
  address = "203.0.113.9",
): Promise<number[]> {
  const found: number[] = [];
  for (const [path, headers] of requests) {
    const response = await app.handle(new Request(ORIGIN + path, { headers }), from(address));
    await response.body?.cancel();
    found.push(response.status);
  }
  return found;
}

const RUN = "/api/v1/tasks/runs/trun_1";
const key = (apiKey: string) => ({ "x-api-key": apiKey });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const PATHS = [RUN, `${RUN}/events`, `${RUN}/result`, "/api/v1/tasks/groups/tgrp_1"] as const;

for (const path of PATHS) {
  Deno.test(`attempts with keys at ${path} are limited before the API is asked`, () => {
    const asked = new Set<string | null>();
    return withApp(async (app) => {
      const guesses = Array.from({ length: 5 }, (_, n) => [path, key(`pk-guess-${n}`)] as const);
      assertEquals(await statuses(app, guesses), [401, 401, 401, 429, 429]);
      assertStrictEquals(asked.size, 3);
      const others = await statuses(app, [[path, key("pk-guess-6")]], "203.0.113.10");
      assertEquals(others, [401], "another address is not held up");
    }, {
      api: (request) => (asked.add(request.headers.get("x-api-key")), api(request)),
      config: { signinLimitPerMinute: 3 },
    });
  });
}

Deno.test("a key that the API accepts is never limited by guesses, even concurrent ones", () =>
  withApp(async (app) => {
    const first = await Promise.all(
      Array.from({ length: 20 }, () => statuses(app, [[RUN, key(GOOD)]])),
    );
    assertEquals(new Set(first.flat()), new Set([404]));
    // The app knows that the key is valid after a sign-in or a response with it.
    await app.services.standings.ask(GOOD);
    await statuses(app, Array.from({ length: 5 }, (_, n) => [RUN, key(`pk-guess-${n}`)] as const));
    assertEquals(await statuses(app, [[RUN, key(GOOD)]]), [404]);
  }, { api, config: { signinLimitPerMinute: 3 } }));

Deno.test("attempts with keys at the sign-in, /api and the account share one limit", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(GOOD);
    const one = await browser.post("/account/keys", { api_key: "pk-guess-1" });
    const two = await browser.fetch(RUN, { headers: key("pk-guess-2") });
    const three = await browser.post("/account/keys", { api_key: "pk-guess-3", confirm: "yes" });
    const four = await browser.post("/auth/key", { api_key: "pk-guess-4" });
    assertEquals([one, two, three, four].map(({ status }) => status), [303, 401, 429, 429]);
  }, { api, config: { signinLimitPerMinute: 3 } }));

for (const path of ["/admin", "/admin/metrics"]) {
  Deno.test(`attempts with tokens at ${path} are limited, and then the right one waits as well`, () =>
    withApp(async (app) => {
      const right = [path, bearer(TOKEN)] as const;
      assertEquals(await statuses(app, Array(10).fill(right)), Array(10).fill(200));
      const guesses = Array.from({ length: 4 }, (_, n) => [path, bearer(`guess-${n}`)] as const);
      assertEquals(await statuses(app, guesses), [401, 401, 401, 429]);
      assertEquals(await statuses(app, [right]), [429], "a guess that is right tells nothing");
      assertEquals(await statuses(app, [right], "203.0.113.10"), [200]);
    }, { config: { adminToken: TOKEN, signinLimitPerMinute: 3 } }));
}
