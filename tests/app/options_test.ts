/**
 * Submits every option of the form and checks what the API receives, member by member. Tests every
 * documented limit just below, at and above it.
 */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { PROCESSORS } from "../../lib/parallel/processors.ts";
import { FORM, type TestApp, type TestBrowser, withApp } from "./test_app.ts";

const RUN_ID = "trun_0123456789abcdef0123456789abcdef";

/** An app in front of an API that takes everything, and what it took. */
async function withRecorder(
  test: (browser: TestBrowser, received: unknown[], app: TestApp, texts: string[]) => Promise<void>,
): Promise<void> {
  const received: unknown[] = [];
  const texts: string[] = [];
  await withApp(async (app) => await test(await app.browser().enterKey(), received, app, texts), {
    config: { createLimitPerMinute: 100_000 },
    api: async (request) => {
      if (request.method !== "POST") {
        return Response.json({ error: { message: "Run id not found" } }, { status: 404 });
      }
      const text = await request.text();
      texts.push(text);
      received.push(JSON.parse(text));
      const times = { created_at: "2026-01-01T00:00:00Z", modified_at: "2026-01-01T00:00:00Z" };
      const run_id = `trun_${crypto.randomUUID().replaceAll("-", "")}`;
      const run = { run_id, interaction_id: run_id, status: "queued", is_active: true };
      return Response.json({ ...run, processor: "base", ...times }, { status: 202 });
    },
  });
}

const schemaOf = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const SCHEMA = schemaOf({ name: { type: "string", description: "What it is called" } });
const json = (value: unknown) => JSON.stringify(value);

/** The least form and the least request: what each case's expected members are laid over. */
const LEAST = { input: "What?", input_format: "text", processor: "base", output_type: "auto" };
const BODY = {
  input: "What?",
  processor: "base",
  task_spec: { output_schema: { type: "auto" } },
  enable_events: false,
};

type Case = readonly [name: string, fields: Record<string, string>, expected: object];
const OPTIONS: readonly Case[] = [
  ["the least form", {}, {}],
  ...PROCESSORS.map(({ name }): Case => [`the processor ${name}`, { processor: name }, {
    processor: name,
  }]),
  ["text that looks like JSON", { input: '{"a":1}' }, { input: '{"a":1}' }],
  ["text in several lines and scripts", { input: "a\r\nב 中 👩‍🚀" }, { input: "a\nב 中 👩‍🚀" }],
  ["JSON input", { input_format: "json", input: '{"a":{"b":[1,null]}}' }, {
    input: { a: { b: [1, null] } },
  }],
  ["text output", { output_type: "text" }, { task_spec: { output_schema: { type: "text" } } }],
  ["described text output", { output_type: "text", text_description: "Short." }, {
    task_spec: { output_schema: { type: "text", description: "Short." } },
  }],
  ["JSON output", { output_type: "json", json_schema: json(SCHEMA) }, {
    task_spec: { output_schema: { type: "json", json_schema: SCHEMA } },
  }],
  ["an input schema", { input_schema: json(SCHEMA) }, {
    task_spec: {
      output_schema: { type: "auto" },
      input_schema: { type: "json", json_schema: SCHEMA },
    },
  }],
  ["an input schema in words", { input_schema: '"A company"' }, {
    task_spec: {
      output_schema: { type: "auto" },
      input_schema: { type: "text", description: "A company" },
    },
  }],
  ["included domains", { include_domains: "https://Example.com/a?b\n*.who.int, .gov" }, {
    source_policy: { include_domains: ["example.com", "who.int", ".gov"] },
  }],
  ["excluded domains", { exclude_domains: "a.com;b.com a.com" }, {
    source_policy: { exclude_domains: ["a.com", "b.com"] },
  }],
  ["a day", { after_date: "2024-02-29" }, { source_policy: { after_date: "2024-02-29" } }],
  ["a location", { location: "GB" }, { advanced_settings: { location: "GB" } }],
  ["an earlier run", { previous_interaction_id: RUN_ID }, { previous_interaction_id: RUN_ID }],
  ["a webhook", { webhook_url: "https://hooks.mysite.com/x" }, {
    webhook: { url: "https://hooks.mysite.com/x", event_types: ["task_run.status"] },
  }],
  ["metadata of every kind", { metadata: '{"a":"x","b":1.5,"c":true}' }, {
    metadata: { a: "x", b: 1.5, c: true },
  }],
  [
    "MCP servers with headers and tools",
    {
      mcp_servers: json([
        { name: "d", url: "https://d.com/mcp", headers: { k: "v" }, allowed_tools: ["search"] },
        { type: "url", name: "e", url: "https://e.com" },
      ]),
    },
    {
      mcp_servers: [
        { name: "d", url: "https://d.com/mcp", headers: { k: "v" }, allowed_tools: ["search"] },
        { type: "url", name: "e", url: "https://e.com" },
      ],
    },
  ],
  ["events", { enable_events: "on" }, { enable_events: true }],
];

Deno.test("every option is sent to the API as its own member, and nothing else is sent", () =>
  withRecorder(async (browser, received) => {
    for (const [name, fields, expected] of OPTIONS) {
      const response = await browser.post("/tasks", { ...LEAST, ...fields });
      assertStrictEquals(response.status, 303, name);
      assertEquals(received.pop(), { ...BODY, ...expected }, name);
    }
    assertEquals(received, []);
  }));

Deno.test("all options can be sent together", () =>
  withRecorder(async (browser, received) => {
    const all = OPTIONS.filter(([name]) => !/^(?:the |text|an input schema in)/.test(name));
    const response = await browser.post(
      "/tasks",
      Object.assign({}, LEAST, ...all.map((c) => c[1])),
    );
    assertStrictEquals(response.status, 303);
    const expected = Object.assign({}, BODY, ...all.map((c) => c[2]));
    expected.task_spec = {
      output_schema: { type: "json", json_schema: SCHEMA },
      input_schema: { type: "json", json_schema: SCHEMA },
    };
    expected.source_policy = {
      include_domains: ["example.com", "who.int", ".gov"],
      exclude_domains: ["a.com", "b.com"],
      after_date: "2024-02-29",
    };
    assertEquals(received, [expected]);
  }));

const domains = (count: number, prefix = "d") =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}.com`).join("\n");
const servers = (count: number) =>
  json(Array.from({ length: count }, (_, i) => ({ name: `s${i}`, url: "https://s.com" })));
const output = (schema: unknown) => ({ output_type: "json", json_schema: json(schema) });
const deep = (levels: number): unknown =>
  levels === 0 ? { type: "string" } : schemaOf({ a: deep(levels - 1) });
const many = (count: number) =>
  schemaOf(Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, {}])));
const values = (count: number, chars: number) =>
  Array.from({ length: count }, (_, i) => String(i).padStart(4, "x")).map((value, i) =>
    i === 0 ? value.padEnd(chars - 4 * (count - 1), "y") : value
  );
const SPEC = json({ output_schema: { type: "text", description: "" } }).length;
const described = (spec: number, input = 1) => ({
  output_type: "text",
  text_description: "x".repeat(spec - SPEC),
  input: "y".repeat(input),
});

type Limit = readonly [
  name: string,
  field: string,
  limit: number,
  make: (n: number) => Record<string, string>,
];
const LIMITS: readonly Limit[] = [
  ["characters of a metadata key", "metadata", 16, (n) => ({
    metadata: json({ ["k".repeat(n)]: "v" }),
  })],
  ["characters of a metadata value", "metadata", 512, (n) => ({
    metadata: json({ k: "v".repeat(n) }),
  })],
  ["included domains", "include_domains", 200, (n) => ({ include_domains: domains(n) })],
  ["excluded domains", "exclude_domains", 200, (n) => ({ exclude_domains: domains(n) })],
  ["domains in all", "exclude_domains", 200, (n) => ({
    include_domains: domains(100),
    exclude_domains: domains(n - 100, "e"),
  })],
  ["MCP servers", "mcp_servers", 10, (n) => ({ mcp_servers: servers(n) })],
  ["levels of a schema", "json_schema", 5, (n) => output(deep(n))],
  ["properties of a schema", "json_schema", 100, (n) => output(many(n))],
  ["enum values", "json_schema", 500, (n) =>
    output(schemaOf({
      a: { enum: values(250, 1000) },
      b: { enum: values(n - 250, 1000) },
    }))],
  ["characters of a large enum", "json_schema", 7500, (n) =>
    output(schemaOf({
      a: { enum: values(251, n) },
    }))],
  ["characters of the task spec", "text_description", 15_000, (n) => described(n)],
  ["characters of spec and input", "input", 25_000, (n) => described(10_000, n - 10_000)],
];

for (const [name, field, limit, make] of LIMITS) {
  Deno.test(`${limit - 1} and ${limit} ${name} are sent, ${limit + 1} are rejected at ${field}`, () =>
    withRecorder(async (browser, received) => {
      for (const [n, status] of [[limit - 1, 303], [limit, 303], [limit + 1, 422]] as const) {
        const response = await browser.post("/tasks", { ...LEAST, ...make(n) });
        assertStrictEquals(response.status, status, `${n} ${name}`);
        const page = await response.text();
        if (status === 303) continue;
        const control = new RegExp(`<[^>]*\\sid="${field}"[^>]*>`).exec(page)?.[0] ?? "";
        assertMatch(control, /aria-invalid="true"/, `${n} ${name}`);
        const message = new RegExp(`<p id="${field}-error"[^>]*>([^<]+)`).exec(page)?.[1] ?? "";
        assert(
          message.replaceAll(",", "").includes(String(limit)),
          `the limit is named: ${message}`,
        );
      }
      assertStrictEquals(received.length, 2, "what is refused is not sent");
    }));
}

Deno.test("an enum of 250 values may have any total length", () =>
  withRecorder(async (browser) => {
    const long = output(schemaOf({ a: { enum: values(250, 9_000) } }));
    assertStrictEquals((await browser.post("/tasks", { ...LEAST, ...long })).status, 303);
  }));

Deno.test("these tests submit the form that the pages show", () =>
  withRecorder(async (browser) => {
    const page = await browser.text("/");
    for (const name of [...Object.keys(FORM), "metadata", "mcp_servers", "input_schema"]) {
      assert(page.includes(`name="${name}"`), name);
    }
  }));

Deno.test("the API receives numbers with the digits that were typed", () =>
  withRecorder(async (browser, _, __, texts) => {
    await browser.createTask({
      input_format: "json",
      input: '{"id": 1234567890123456789, "far": 1e400}',
      metadata: '{"order": 98765432109876543210}',
      output_type: "json",
      json_schema: json(SCHEMA).replace('"string"', '"integer","const":12345678901234567891'),
      enable_events: "",
    });
    for (
      const number of [
        "1234567890123456789",
        "1e400",
        "98765432109876543210",
        "12345678901234567891",
      ]
    ) {
      assertMatch(texts[0] ?? "", new RegExp(`":${number}[,}]`));
    }
  }));

Deno.test("a post without input_format, output_type and enable_events uses the API's defaults", () =>
  withRecorder(async (browser, received) => {
    const response = await browser.post("/tasks", { input: "What?", processor: "base" });
    assertStrictEquals(response.status, 303);
    assertEquals(received, [BODY]);
  }));
