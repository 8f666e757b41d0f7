/** Prefilling a new form from an earlier run, a link or a paste, and its code, without JavaScript. */
import { assert, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { FORM, type TestBrowser, withApp } from "./test_app.ts";

/** The value of a text field of a page, and the chosen one of a set of radio buttons. */
function value(page: string, name: string): string {
  const area = new RegExp(`<textarea[^>]*\\sname="${name}"[^>]*>\\n?([^<]*)<`).exec(page);
  const field = new RegExp(`<input[^>]*\\sname="${name}"[^>]*\\svalue="([^"]*)"[^>]*>`);
  const chosen = new RegExp(`<input[^>]*\\sname="${name}" value="([^"]*)" checked`).exec(page);
  return (area ?? chosen ?? field.exec(page))?.[1]?.replaceAll("&quot;", '"') ?? "";
}

const SERVERS = JSON.stringify([
  { name: "d", url: "https://d.example.com", headers: { authorization: "Bearer canary" } },
]);

Deno.test("?edit= fills the form with an earlier run except its secrets, and says so", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({
      processor: "core2x-fast",
      output_type: "text",
      text_description: "Short",
      include_domains: "a.com",
      metadata: '{"team":"x"}',
      mcp_servers: SERVERS,
      webhook_url: "https://hooks.example.com/x",
    });
    const page = await browser.text(`/?edit=${runId}`);
    assertStrictEquals(value(page, "input"), FORM.input);
    assertStrictEquals(value(page, "processor"), "core2x");
    assertMatch(page, /name="fast" checked/);
    assertStrictEquals(value(page, "output_type"), "text");
    assertStrictEquals(value(page, "text_description"), "Short");
    assertStrictEquals(value(page, "include_domains"), "a.com");
    assertMatch(value(page, "metadata"), /"team": "x"/);
    assertMatch(value(page, "mcp_servers"), /authorization/);
    assertStrictEquals(value(page, "webhook_url"), "https://hooks.example.com/x");
    assertNotMatch(page, /canary/);
    assertMatch(page, /Filled from <a href="\/tasks\/trun_[^>]*>[^<]*Lyon/);
    assertMatch(page, /MCP header values are not kept/);
    assertMatch(page, /curl https:\/\/api\.parallel\.ai/, "and its code is there");
  }));

Deno.test("an edited rerun records the owner's run that it repeats, even after an error", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const first = await browser.createTask();
    const rerun_of = /name="rerun_of" value="([^"]+)"/.exec(await browser.text(`/?edit=${first}`));
    assertStrictEquals(rerun_of?.[1], first);
    const wrong = await browser.post("/tasks", { ...FORM, input: "", rerun_of: first });
    assert((await wrong.text()).includes(`name="rerun_of" value="${first}"`));
    const repeats = async (as: TestBrowser) => {
      const id = await as.createTask({ input: "Edited", rerun_of: first });
      const { value } = await app.services.kv.get<{ rerun_of: string | null }>(["run", id]);
      return value?.rerun_of;
    };
    assertStrictEquals(await repeats(browser), first);
    assertStrictEquals(await repeats(await app.browser().enterSandbox()), null);
  }));

Deno.test("?follow= names the run to continue from, and the field offers finished runs", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask();
    await browser.events(runId);
    const page = await browser.text(`/?follow=${runId}`);
    assertStrictEquals(value(page, "previous_interaction_id"), runId);
    assertStrictEquals(value(page, "input"), "");
    assertMatch(page, new RegExp(`Follows <a href="/tasks/${runId}"`));
    assertNotMatch(page, /not finished yet/);
    const list = /<datalist id="previous_interaction_id-options">(.*?)<\/datalist>/.exec(page)?.[1];
    assertMatch(list ?? "", new RegExp(`value="${runId}">[^<]*Lyon`));
    const next = await browser.createTask({ previous_interaction_id: runId });
    const { input } = JSON.parse(await browser.text(`/tasks/${next}/result.json`));
    assertStrictEquals(input.previous_interaction_id, runId);
  }));

Deno.test("another account's run or a missing one fills nothing, and the form says so", () =>
  withApp(async (app) => {
    const runId = await (await app.browser().enterSandbox()).createTask();
    const other = await app.browser().enterSandbox();
    for (const id of [runId, "trun_none", "<i>x"]) {
      for (const name of ["edit", "follow"]) {
        const page = await other.text(`/?${name}=${encodeURIComponent(id)}`);
        assertMatch(page, /There is no run/);
        assertStrictEquals(value(page, "input"), "");
        assertNotMatch(page, /Lyon|<i>x/);
      }
    }
  }));

Deno.test("a link fills the form except the webhook, and survives signing in", () =>
  withApp(async (app) => {
    const link = "/?input=Who%3F&processor=ultra&enable_events=off&webhook_url=https://evil.com" +
      `&mcp_servers=${encodeURIComponent(SERVERS)}`;
    const browser = app.browser();
    const front = await browser.text(link);
    const next = /name="next" value="([^"]*)"/.exec(front)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const entered = await browser.post("/auth/sandbox", { next });
    const page = await browser.text(entered.headers.get("location") ?? "");
    assertStrictEquals(value(page, "input"), "Who?");
    assertStrictEquals(value(page, "processor"), "ultra");
    // Changing colours comes back to the address as it is.
    const shown = page.replace(/<input type="hidden" name="next"[^>]*>/g, "");
    assertNotMatch(shown, /evil\.com|canary/);
    assertMatch(page, /Filled from a link/);
    assertNotMatch(/<input[^>]*id="enable_events"[^>]*>/.exec(page)?.[0] ?? "", /checked/);
    const own = /<a[^>]*\shref="(\/\?[^"]*)"[^>]*>Link to this form/.exec(page)?.[1]
      ?.replaceAll("&amp;", "&");
    assert(own);
    assertStrictEquals(value(await browser.text(own), "input"), "Who?");
  }));

Deno.test("the form's code is shown as typed without sending anything", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const fields = { ...FORM, show: "code", metadata: '{ "a":1 }', mcp_servers: SERVERS };
    const response = await browser.post("/tasks", fields);
    assertStrictEquals(response.status, 200);
    const page = await response.text();
    for (const part of ["curl https", "new Parallel(", "Parallel(api_key", "tallest building"]) {
      assert(page.includes(part), part);
    }
    assertMatch(page, /<details id="request-code" class="option [^"]*" open/);
    assertStrictEquals(value(page, "metadata"), '{ "a":1 }');
    assertNotMatch(page, /canary/);
    assertNotMatch(await browser.text("/tasks"), /Lyon/, "no task was made");
    const noted = await browser.post("/tasks", {
      ...fields,
      output_type: "json",
      json_schema: '{"type":"object","properties":{"a":{"type":"string"}}}',
    });
    assertMatch(
      await noted.text(),
      /accept it with warnings: (?:&quot;|")a(?:&quot;|") is not in/,
    );
    assertMatch(
      await (await browser.post("/tasks", { ...FORM, show: "code" })).text(),
      /<title>Code of this form · New task/,
    );
    const wrong = await browser.post("/tasks", { ...fields, metadata: "{" });
    assertStrictEquals(wrong.status, 422);
  }));

Deno.test("a pasted request fills the form without sending; an unreadable paste says why", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const body = { input: { a: 1 }, processor: "lite", mcp_servers: JSON.parse(SERVERS), x: 1 };
    const paste = `curl -H "x-api-key: sk-secret" -d '${JSON.stringify(body)}' https://x`;
    const TYPED = { ...FORM, webhook_url: "https://hooks.example.com/a" };
    const response = await browser.post("/tasks", { ...TYPED, show: "paste", paste });
    assertStrictEquals(response.status, 200);
    const page = await response.text();
    assertStrictEquals(value(page, "processor"), "lite");
    assertStrictEquals(value(page, "input_format"), "json");
    assertMatch(page, /<title>Filled in part from what you pasted · New task/);
    assertMatch(page, /Filled from part of what you pasted.* no field for x: left out/);
    assertNotMatch(page, /canary|sk-secret/);
    // Undo brings back what the paste has changed, also what no link carries, and leaves what was typed since.
    const before = value(page, "before");
    const undo = { ...TYPED, input: "{}", location: "de", show: "undo", before };
    const back = await (await browser.post("/tasks", undo)).text();
    assertMatch(back, /Your previous form is back\..*Redo/);
    assertStrictEquals(value(back, "input"), FORM.input);
    assertStrictEquals(value(back, "webhook_url"), TYPED.webhook_url);
    assertStrictEquals(value(back, "location"), "de");
    const redo = { ...FORM, show: "undo", before: value(back, "before") };
    assertStrictEquals(value(await (await browser.post("/tasks", redo)).text(), "input"), "{}");
    const forged = await browser.post("/tasks", { ...FORM, show: "undo", before: '{"input": 1' });
    assertStrictEquals(value(await forged.text(), "input"), FORM.input);
    const wrong = await browser.post("/tasks", {
      ...FORM,
      show: "paste",
      paste: "x-api-key: sk-1",
    });
    assertStrictEquals(wrong.status, 422);
    const again = await wrong.text();
    assertMatch(again, /id="paste-error"[^>]*>This is not JSON/);
    assertMatch(again, /Lyon/, "what was in the form stays");
    assertNotMatch(again, /sk-1/);
    const long = { ...FORM, show: "paste", paste: "{".repeat(60_001) };
    assertMatch(
      await (await browser.post("/tasks", long)).text(),
      /has more than 60000 characters/,
    );
  }));

Deno.test("the app's own receiver is offered only if the API can reach it", async () => {
  for (
    const [publicUrl, offered] of [
      [null, false],
      ["http://tasks.mysite.com", false],
      ["https://localhost", false],
      ["https://tasks.mysite.com", true],
    ] as const
  ) {
    await withApp(async (app) => {
      const browser = app.browser();
      await browser.enterSandbox();
      const page = await browser.text("/");
      assertStrictEquals(
        page.includes("https://tasks.mysite.com/webhooks/parallel"),
        offered,
        publicUrl ?? "",
      );
    }, { config: { publicUrl } });
  }
});
