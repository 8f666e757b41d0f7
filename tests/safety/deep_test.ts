/** JSON of a hundred thousand brackets, which fit into a small body but not on the stack. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { FORM, type TestBrowser, withApp } from "../app/test_app.ts";
import { isTooDeep, MAX_DEPTH } from "../../lib/base/mod.ts";

const LEVELS = 100_000;
const objects = (levels: number) => '{"a":'.repeat(levels) + "1" + "}".repeat(levels);
const arrays = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

Deno.test("depth is checked without recursion, at the limit and beyond", () => {
  for (const make of [objects, arrays]) {
    assertStrictEquals(isTooDeep(JSON.parse(make(MAX_DEPTH))), false);
    assertStrictEquals(isTooDeep(JSON.parse(make(MAX_DEPTH + 2))), true);
    assertStrictEquals(isTooDeep(JSON.parse(make(LEVELS))), true);
  }
  assertStrictEquals(isTooDeep("text"), false);
});

const RUN_ID = "trun_deep";
const run = (status: string) => ({
  run_id: RUN_ID,
  interaction_id: RUN_ID,
  status,
  is_active: status === "queued" || status === "running",
  processor: "lite",
  created_at: null,
  modified_at: null,
});

/** An API with extremely deep events and results. */
function deepApi(inline: boolean): (request: Request) => Response {
  const output = `{"type":"json","content":${objects(LEVELS)},"basis":[]}`;
  const state = (status: string, output = "null") =>
    `event: task_run.state\ndata: {"type":"task_run.state","run":${
      JSON.stringify(run(status))
    },"output":${output}}\n\n`;
  return (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") return Response.json(run("queued"), { status: 202 });
    if (!pathname.includes(RUN_ID)) {
      return Response.json({ error: { message: "Run id not found" } }, { status: 404 });
    }
    if (pathname.endsWith("/result")) {
      return new Response(`{"run":${JSON.stringify(run("completed"))},"output":${output}}`);
    }
    if (!pathname.endsWith("/events")) return Response.json(run("completed"));
    const odd = `event: x.deep\ndata: ${objects(LEVELS)}\n\n`;
    return new Response(state("running") + odd + state("completed", inline ? output : "null"), {
      headers: { "content-type": "text/event-stream" },
    });
  };
}

const create = (browser: TestBrowser, input: string) =>
  browser.fetch("/api/v1/tasks/runs", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"input":${input},"processor":"lite"}`,
  });

for (const inline of [true, false]) {
  const how = inline ? "comes with the last event" : "is fetched";
  Deno.test(`a result of ${LEVELS} levels that ${how} breaks no page or export`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterKey();
      assertStrictEquals((await create(browser, '"x"')).status, 202);
      const events = await browser.events(RUN_ID);
      assertEquals(events.map(({ event }) => event).slice(-1), ["task_run.state"]);
      // However often the stream is read: each of its events once, and the end that the API tells elsewhere.
      assert(events.length <= 4, `${events.length} events`);
      const { run, output } = await (await browser.fetch(`/tasks/${RUN_ID}/result.json`)).json();
      assertEquals([run.status, output.type], ["completed", "text"]);
      assert(output.content.includes(objects(LEVELS)));
      await app.services.histories.indexer.settled();
      assertStrictEquals(app.lines.filter((line) => line.includes("index")).length, 0);
      for (const part of ["", "/result.json", "/report.md", "/table.csv", "/trace.ndjson"]) {
        const response = await browser.fetch(`/tasks/${RUN_ID}${part}?find=a`);
        assert(response.status < 500, `${part}: ${response.status} ${app.lines.at(-2)}`);
        await response.body?.cancel();
      }
      assertStrictEquals((await browser.fetch("/tasks?q=a")).status, 200);
      assertStrictEquals((await browser.fetch(`/compare?ids=${RUN_ID}`)).status, 200);
      for (const action of ["ndjson", "csv", "zip"]) {
        const body = new URLSearchParams({ id: RUN_ID, action });
        const file = await browser.fetch("/tasks/selected", { method: "POST", body });
        assertStrictEquals(file.status, 200);
        const least = action === "zip" ? 1_000 : LEVELS;
        assert((await file.arrayBuffer()).byteLength > least, `${action} is whole`);
      }
      await browser.post(`/tasks/${RUN_ID}/share`, {});
      const [shared = ""] = /\/s\/[\w-]+/.exec(await browser.text(`/tasks/${RUN_ID}`)) ?? [];
      for (const part of ["", "/events"]) {
        const response = await app.browser().fetch(shared + part);
        assertStrictEquals(response.status, 200, shared + part);
        assertMatch(await response.text(), part === "" ? /Result/ : /"status":"completed"/);
      }
    }, { api: deepApi(inline) }));
}

Deno.test("a request that is nested too deeply or has too many names is rejected before the API gets it", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey();
    const refused = await create(browser, objects(LEVELS));
    assertStrictEquals(refused.status, 422);
    assertMatch((await refused.json()).error.message, /nested deeper than 500 levels/);
    const names = Object.fromEntries(Array.from({ length: 5_001 }, (_, n) => [`k${n}`, n]));
    const wide = await create(browser, JSON.stringify(names));
    assertStrictEquals(wide.status, 422);
    assertMatch((await wide.json()).error.message, /more than 5000 members/);
    const typed = { ...FORM, input_format: "json", input: objects(4_000) };
    const form = await browser.post("/tasks", typed);
    assertStrictEquals(form.status, 422);
    assertMatch(await form.text(), /nested deeper than 500 levels/);
    for (const field of ["json_schema", "input_schema", "metadata", "mcp_servers", "paste"]) {
      for (const text of [objects(LEVELS), arrays(LEVELS)]) {
        const response = await browser.post("/tasks", { ...FORM, [field]: text });
        assert(response.status < 500, `${field}: ${response.status}`);
        await response.body?.cancel();
      }
    }
  }, { api: deepApi(false) }));
