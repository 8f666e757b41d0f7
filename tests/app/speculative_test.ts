/** HEAD requests, prefetches and previews change nothing and use up no sign-in code. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { withApp } from "./test_app.ts";
import { withProvider } from "./sign_in_tools.ts";

const AHEAD: readonly RequestInit[] = [
  { method: "HEAD" },
  { headers: { "sec-purpose": "prefetch" } },
  { headers: { "sec-purpose": "prefetch;prerender" } },
  { headers: { "sec-purpose": "prefetch;anonymous-client-ip" } },
  { headers: { purpose: "prefetch" } },
  { headers: { "x-purpose": "preview" } },
  { headers: { "x-moz": "prefetch" } },
];

for (const init of AHEAD) {
  Deno.test(`a callback requested with ${JSON.stringify(init)} uses no code`, () =>
    withProvider(async (provided) => {
      const browser = provided.app.browser();
      const callback = await provided.decide(await provided.begin(browser));
      const path = callback.pathname + callback.search;
      const ahead = await browser.fetch(path, init);
      assertStrictEquals(ahead.headers.get("set-cookie"), null);
      assertStrictEquals(ahead.headers.get("location"), null);
      assertEquals(provided.asked.filter((line) => line.endsWith("/token")), []);
      const back = await provided.back(browser, callback);
      assertStrictEquals(back.status, 303);
      assertStrictEquals(back.headers.get("location"), "/tasks");
    }));

  Deno.test(`a sign-in requested with ${JSON.stringify(init)} starts no transaction`, () =>
    withProvider(async (provided) => {
      const response = await provided.app.browser().fetch("/auth/login?next=/tasks", init);
      assertStrictEquals(response.headers.get("set-cookie"), null);
      assertEquals(provided.asked, []);
    }));
}

Deno.test("a prefetch does not count as a sign-in attempt", () =>
  withProvider(async (provided) => {
    const browser = provided.app.browser();
    for (const init of AHEAD) await browser.fetch("/auth/callback?code=a&state=b", init);
    await provided.begin(browser);
  }, { config: { signinLimitPerMinute: 1 } }));

Deno.test("prefetching a run created elsewhere does not request it from the API", () => {
  const asked: string[] = [];
  return withApp(async (app) => {
    const browser = await app.browser().enterKey();
    for (const init of AHEAD) {
      assertStrictEquals((await browser.fetch("/tasks/trun_elsewhere", init)).status, 404);
    }
    assertEquals(asked.filter((path) => path.includes("trun_elsewhere")), []);
    await browser.fetch("/tasks/trun_elsewhere");
    assertStrictEquals(asked.filter((path) => path.includes("trun_elsewhere")).length, 1);
  }, {
    api: (request) => {
      asked.push(new URL(request.url).pathname);
      const error = { ref_id: "r", message: "Run id not found", detail: null };
      return Response.json({ type: "error", error }, { status: 404 });
    },
  });
});

Deno.test("prefetching a run through the proxy records nothing", () => {
  const run = {
    run_id: "trun_elsewhere",
    interaction_id: "trun_elsewhere",
    status: "completed",
    is_active: false,
    processor: "lite",
    created_at: "2026-01-01T00:00:00Z",
    modified_at: "2026-01-01T00:00:00Z",
  };
  return withApp(async (app) => {
    const browser = await app.browser().enterKey();
    const isListed = async () => (await browser.text("/tasks")).includes("/tasks/trun_elsewhere");
    for (const path of ["", "/input", "/result", "/events"]) {
      for (const init of AHEAD) {
        await (await browser.fetch(`/api/v1/tasks/runs/trun_elsewhere${path}`, init)).body
          ?.cancel();
      }
    }
    assertStrictEquals(await isListed(), false);
    await (await browser.fetch("/api/v1/tasks/runs/trun_elsewhere")).body?.cancel();
    assertStrictEquals(await isListed(), true);
  }, {
    api: (request) => {
      const { pathname } = new URL(request.url);
      if (!pathname.includes("/trun_elsewhere")) {
        const error = { ref_id: "r", message: "Run id not found", detail: null };
        return Response.json({ type: "error", error }, { status: 404 });
      }
      return Response.json(
        pathname.endsWith("/trun_elsewhere")
          ? run
          : pathname.endsWith("/input")
          ? { input: "a", processor: "lite" }
          : { run, output: { type: "text", content: "b", basis: [] } },
      );
    },
  });
});
