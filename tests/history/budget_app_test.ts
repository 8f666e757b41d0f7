import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { FORM, withApp } from "../app/test_app.ts";

/** A Task API that accepts every request and never ends a run. */
function api(sent: string[]) {
  return async (request: Request): Promise<Response> => {
    if (request.method !== "POST" && !request.url.endsWith("/events")) {
      return Response.json({ error: { message: "Run id not found" } }, { status: 404 });
    }
    if (request.method !== "POST") {
      return new Response(new ReadableStream(), {
        headers: { "content-type": "text/event-stream" },
      });
    }
    const { processor } = await request.json();
    sent.push(processor);
    const run_id = `trun_${sent.length}`;
    return Response.json({
      run_id,
      interaction_id: run_id,
      status: "queued",
      is_active: true,
      processor,
      created_at: new Date().toISOString(),
      modified_at: null,
    });
  };
}

Deno.test("a task over budget needs confirmation, however it is created", () => {
  const sent: string[] = [];
  return withApp(async (app) => {
    const browser = await app.browser().enterKey();
    await browser.post("/tasks/budget", { budget_usd: "0.11" });
    const pro = { ...FORM, processor: "pro", idempotency_key: "one" };
    assertStrictEquals((await browser.post("/tasks", pro)).status, 303);
    const asked = await browser.post("/tasks", { ...pro, idempotency_key: "two" });
    assertStrictEquals(asked.status, 409);
    const page = await asked.text();
    assertMatch(page, /would exceed your monthly budget/);
    assertMatch(page, /costs \$0\.10\. Of \$0\.11, \$0\.00 are spent[\s\S]*\$0\.10 in progress/);
    assertMatch(page, /name="over_budget"/);
    assertStrictEquals((await browser.post("/tasks/trun_1/rerun", {})).status, 409);
    const both = new URLSearchParams([["compare", "on"], ["processor", "lite"], [
      "processor",
      "base",
    ]]);
    const post = (body: URLSearchParams) =>
      browser.fetch("/tasks/trun_1/rerun", { method: "POST", body });
    const compared = await browser.text((await post(both)).headers.get("location")!);
    assertMatch(compared, /would exceed your monthly budget/);
    assertMatch(compared, /value="lite" checked|checked[^>]*value="lite"/);
    const named = await post(new URLSearchParams([["processor", "core"]]));
    assertMatch(named.headers.get("location")!, /problem=budget$/, "what counts is what is named");
    assertEquals(sent, ["pro"], "nothing was sent");

    both.set("over_budget", "on");
    assertMatch(
      (await post(both)).headers.get("location")!,
      /^\/compare\?ids=trun_1,trun_2,trun_3$/,
    );
    const again = await browser.post("/tasks", {
      ...pro,
      idempotency_key: "two",
      over_budget: "on",
    });
    assertStrictEquals(again.status, 303);
    assertEquals(sent, ["pro", "lite", "base", "pro"]);
  }, { api: api(sent) });
});

Deno.test("a second click does not count as a second task against the budget", () => {
  const sent: string[] = [];
  return withApp(async (app) => {
    const browser = await app.browser().enterKey();
    await browser.post("/tasks/budget", { budget_usd: "0.2" });
    const pro = { ...FORM, processor: "pro", idempotency_key: "click-twice" };
    const again = { idempotency_key: "again-twice" };
    for (
      const [path, fields, location] of [
        ["/tasks", pro, "/tasks/trun_1"],
        ["/tasks/trun_1/rerun", again, "/tasks/trun_2"],
        // By now the budget is taken up.
        ["/tasks", pro, "/tasks/trun_1"],
        ["/tasks/trun_1/rerun", again, "/tasks/trun_2"],
      ] as const
    ) {
      const response = await browser.post(path, fields);
      assertStrictEquals(response.status, 303);
      assertStrictEquals(response.headers.get("location"), location);
    }
    assertStrictEquals((await browser.post("/tasks/trun_1/rerun", {})).status, 409);

    await browser.post("/tasks/budget", { budget_usd: "0.21" });
    const lite = { processor: "lite", idempotency_key: "lite-twice" };
    for (let click = 1; click <= 2; click++) {
      const response = await browser.post("/tasks/trun_1/rerun", lite);
      assertStrictEquals(response.headers.get("location"), "/compare?ids=trun_1,trun_3");
    }
    const base = await browser.post("/tasks/trun_1/rerun", { ...lite, processor: "base" });
    assertMatch(base.headers.get("location")!, /problem=budget/, "another one than was clicked");
    assertEquals(sent, ["pro", "pro", "lite"]);
  }, { api: api(sent) });
});

Deno.test("the sandbox is free, so it never exceeds a budget", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    await browser.post("/tasks/budget", { budget_usd: "0" });
    await browser.createTask({ processor: "ultra8x" });
  }));
