import assert from "node:assert/strict";
import { FORM, withApp } from "../app/test_app.ts";

/** A Task API that takes everything and never ends a run. */
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

Deno.test("a task that would pass the budget is asked about, wherever it is created, and made if that is meant", () => {
  const sent: string[] = [];
  return withApp(async (app) => {
    const browser = await app.browser().enterKey();
    await browser.post("/tasks/budget", { budget_usd: "0.11" });
    const pro = { ...FORM, processor: "pro", idempotency_key: "one" };
    assert.equal((await browser.post("/tasks", pro)).status, 303);
    const asked = await browser.post("/tasks", { ...pro, idempotency_key: "two" });
    assert.equal(asked.status, 409);
    const page = await asked.text();
    assert.match(page, /would exceed your monthly budget/);
    assert.match(page, /costs \$0\.10\. Of \$0\.11, \$0\.00 are spent[\s\S]*\$0\.10 in progress/);
    assert.match(page, /name="over_budget"/);
    assert.equal((await browser.post("/tasks/trun_1/rerun", {})).status, 409);
    const both = new URLSearchParams([["compare", "on"], ["processor", "lite"], [
      "processor",
      "base",
    ]]);
    const post = (body: URLSearchParams) =>
      browser.fetch("/tasks/trun_1/rerun", { method: "POST", body });
    const compared = await browser.text((await post(both)).headers.get("location")!);
    assert.match(compared, /would exceed your monthly budget/);
    assert.match(compared, /value="lite" checked|checked[^>]*value="lite"/);
    const named = await post(new URLSearchParams([["processor", "core"]]));
    assert.match(named.headers.get("location")!, /problem=budget$/, "what counts is what is named");
    assert.deepEqual(sent, ["pro"], "nothing was sent");

    both.set("over_budget", "on");
    assert.match(
      (await post(both)).headers.get("location")!,
      /^\/compare\?ids=trun_1,trun_2,trun_3$/,
    );
    const again = await browser.post("/tasks", {
      ...pro,
      idempotency_key: "two",
      over_budget: "on",
    });
    assert.equal(again.status, 303);
    assert.deepEqual(sent, ["pro", "lite", "base", "pro"]);
  }, { api: api(sent) });
});

Deno.test("a second click is no second task, whose price would pass the budget", () => {
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
      assert.equal(response.status, 303);
      assert.equal(response.headers.get("location"), location);
    }
    assert.equal((await browser.post("/tasks/trun_1/rerun", {})).status, 409);

    await browser.post("/tasks/budget", { budget_usd: "0.21" });
    const lite = { processor: "lite", idempotency_key: "lite-twice" };
    for (let click = 1; click <= 2; click++) {
      const response = await browser.post("/tasks/trun_1/rerun", lite);
      assert.equal(response.headers.get("location"), "/compare?ids=trun_1,trun_3");
    }
    const base = await browser.post("/tasks/trun_1/rerun", { ...lite, processor: "base" });
    assert.match(base.headers.get("location")!, /problem=budget/, "another one than was clicked");
    assert.deepEqual(sent, ["pro", "pro", "lite"]);
  }, { api: api(sent) });
});

Deno.test("the sandbox charges nothing, so no budget is passed there", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    await browser.post("/tasks/budget", { budget_usd: "0" });
    await browser.createTask({ processor: "ultra8x" });
  }));
