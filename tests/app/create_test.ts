import {
  assert,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertStrictEquals,
} from "@std/assert";
import { FORM, withApp } from "./test_app.ts";

/** An API that accepts any key and answers creates as told. */
function apiAnswering(status: number, message: string, headers: HeadersInit = {}) {
  return (request: Request) => {
    const created = request.method === "POST";
    const error = { ref_id: "fcb2b4f3-c75e-4186-87bc-caa1a8381331", message, detail: null };
    return Response.json({ type: "error", error }, { status: created ? status : 404, headers });
  };
}

/** What a screen reader says first of a page. */
const titleOf = (page: string) => /<title>([^<]*)<\/title>/.exec(page)?.[1] ?? "";

Deno.test("a created task is recorded to its end and appears in the history", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ input: "Compare three rivers" });
    assertMatch(runId, /^trun_[0-9a-f]{32}$/);
    const events = await browser.events(runId);
    const last = JSON.parse(events.at(-1)!.data);
    assertStrictEquals(last.run.status, "completed");
    assert(last.output.basis.length > 0);
    const page = await browser.text(`/tasks/${runId}`);
    assertMatch(page, /Compare three rivers/);
    assertMatch(page, /simulated/i);
    assertMatch(await browser.text("/tasks"), new RegExp(`href="/tasks/${runId}"`));
  }));

Deno.test("a double submit creates one task", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const idempotency_key = crypto.randomUUID();
    const [one, two] = await Promise.all([
      browser.post("/tasks", { ...FORM, idempotency_key }),
      browser.post("/tasks", { ...FORM, idempotency_key }),
    ]);
    const again = await browser.createTask({ idempotency_key });
    for (const response of [one, two]) {
      assertStrictEquals(response.status, 303);
      assertStrictEquals(response.headers.get("location"), `/tasks/${again}`);
    }
    const edited = await browser.createTask({ idempotency_key, input: "Something else" });
    assertNotEquals(edited, again, "edited and sent again is a new task");
  }));

const BAD_FIELDS: readonly [field: string, fields: Record<string, string>][] = [
  ["input", { input: "" }],
  ["input", { input: "{not json", input_format: "json" }],
  ["input", { input: "[1]", input_format: "json" }],
  ["processor", { processor: "" }],
  ["json_schema", { output_type: "json", json_schema: "{oops" }],
  ["json_schema", { output_type: "json", json_schema: '{"type":"array"}' }],
  ["json_schema", { output_type: "json", json_schema: "" }],
  ["after_date", { after_date: "2026-02-30" }],
  ["location", { location: "France" }],
  ["webhook_url", { webhook_url: "http://example.com/hook" }],
  ["metadata", { metadata: "[]" }],
  ["metadata", { metadata: '{"a key that is far too long":1}' }],
  ["mcp_servers", { mcp_servers: "{}" }],
  ["include_domains", { include_domains: "not a domain" }],
];

for (const [field, fields] of BAD_FIELDS) {
  Deno.test(`an invalid ${field} (${JSON.stringify(fields)}) is redisplayed with its input and a message`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterSandbox();
      const response = await browser.post("/tasks", {
        ...FORM,
        metadata: '{"keep":"me"}',
        ...fields,
      });
      assertStrictEquals(response.status, 422);
      assertMatch(response.headers.get("content-type")!, /^text\/html/);
      const page = await response.text();
      assertStrictEquals(titleOf(page), "Error: Fix one field · New task · Taskstream");
      const control =
        new RegExp(`<(?:input|textarea|select|fieldset)[^>]*\\b(?:name|id)="${field}"[^>]*>`).exec(
          page,
        )?.[0] ??
          new RegExp(`<(?:input|textarea|select|fieldset)[^>]*aria-invalid="true"[^>]*>`).exec(page)
            ?.[0];
      assert(control !== undefined, "the field is in the page");
      assertMatch(control, /aria-invalid="true"/);
      const describedBy = /aria-describedby="([^"]+)"/.exec(control)?.[1]?.split(" ") ?? [];
      assert(
        describedBy.some((id) => page.includes(`id="${id}"`)),
        "the message is in the page",
      );
      if (fields.metadata === undefined) assertMatch(page, /keep/);
    }));
}

const REFUSALS: readonly [status: number, message: string][] = [
  [401, "Unauthorized: invalid or missing credentials"],
  [402, "Payment required: insufficient credit in account"],
  [403, "Forbidden: invalid processor in request"],
  [422, "Unprocessable content: request validation error"],
  [429, "Too many requests: quota temporarily exceeded"],
];

for (const [status, message] of REFUSALS) {
  Deno.test(`a rejection with ${status} shows the API's own words and loses no input`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterKey();
      const response = await browser.post("/tasks", { ...FORM, input: "Keep this input" });
      assertStrictEquals(response.status, status);
      const page = await response.text();
      assert(page.includes(message), "the API's words");
      assertStrictEquals(
        titleOf(page),
        `Error: Parallel rejected the request (${status}) · New task · Taskstream`,
      );
      assertMatch(page, /Keep this input/);
      assertNotMatch(await browser.text("/tasks"), /Keep this input/);
    }, { api: apiAnswering(status, message) }));
}

Deno.test("an unreachable API gives a 502 whose retry keeps the input", async () => {
  let down = false;
  await withApp(async (app) => {
    const browser = await app.browser().enterKey();
    down = true;
    const response = await browser.post("/tasks", { ...FORM, input: "Keep this input" });
    assertStrictEquals(response.status, 502);
    const page = await response.text();
    assertMatch(page, /Keep this input/);
    assertMatch(titleOf(page), /^Error: The Task API cannot be reached · /);
  }, {
    api: (request) =>
      down ? Promise.reject(new TypeError("connection refused")) : apiAnswering(404, "x")(request),
  });
});

Deno.test("MCP header values are sent only to the API", async () => {
  const bodies: string[] = [];
  await withApp(async (app) => {
    const browser = await app.browser().enterKey();
    const mcp_servers = JSON.stringify([
      { url: "https://mcp.example/mcp", name: "m", headers: { authorization: "Bearer canary" } },
    ]);
    const runId = await browser.createTask({ mcp_servers });
    assertMatch(bodies[0]!, /Bearer canary/);
    for (const path of ["", "/result.json"]) {
      assertNotMatch(await browser.text(`/tasks/${runId}${path}`), /canary/);
    }
    const wrong = await browser.post("/tasks", { ...FORM, input: "", mcp_servers });
    assertStrictEquals(wrong.status, 422);
    assertNotMatch(await wrong.text(), /canary/);
    for await (const { key, value } of app.services.kv.list({ prefix: [] })) {
      const text = value instanceof Uint8Array
        ? new TextDecoder().decode(value)
        : Deno.inspect(value);
      assert(
        !text.includes("canary") && !Deno.inspect(value, { depth: 9 }).includes("canary"),
        String(key),
      );
    }
  }, {
    api: async (request) => {
      if (request.method !== "POST") return apiAnswering(404, "Run id not found")(request);
      bodies.push(await request.text());
      return Response.json({
        run_id: "trun_0123456789abcdef0123456789abcdef",
        interaction_id: "trun_0123456789abcdef0123456789abcdef",
        status: "queued",
        is_active: true,
        processor: "lite",
        metadata: {},
        created_at: "2026-01-01T00:00:00.000000Z",
        modified_at: "2026-01-01T00:00:00.000000Z",
      }, { status: 202 });
    },
  });
});

Deno.test("a rejected form that needs header values again says so, first in its title", async () => {
  await withApp(async (app) => {
    const browser = await app.browser().enterKey();
    const mcp_servers = JSON.stringify([
      { url: "https://mcp.example/mcp", name: "m", headers: { authorization: "Bearer canary" } },
    ]);
    for (const budget of [false, true]) {
      if (budget) await browser.post("/tasks/budget", { budget_usd: "0" });
      const page = await (await browser.post("/tasks", { ...FORM, mcp_servers })).text();
      assertMatch(titleOf(page), budget ? /^Not sent: over your monthly/ : /^Error: Parallel/);
      assertStrictEquals(page.match(/id="errors"/g)?.length, 1);
      assertMatch(page, /role="alert"[\s\S]*href="#mcp_servers"[\s\S]*Enter the header values/);
    }
    assertStrictEquals(titleOf(await browser.text("/")), "New task · Taskstream");
  }, { api: apiAnswering(402, "no credit") });
});
