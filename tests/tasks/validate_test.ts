import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { validateTaskInput } from "../../lib/tasks/fields/validate.ts";

const base = { input: "What?", processor: "base" };
const domains = (count: number) => Array.from({ length: count }, (_, i) => `d${i}.com`);
const server = { name: "docs", url: "https://mcp.docs.com/mcp" };
const schema = {
  type: "object",
  properties: { a: { type: "string" } },
  required: ["a"],
  additionalProperties: false,
};

const REFUSED: readonly (readonly [string, unknown, readonly string[]])[] = [
  ["a list", [], [""]],
  ["nothing", {}, ["input", "processor"]],
  ["a blank input", { ...base, input: "  \n" }, ["input"]],
  ["a list for input", { ...base, input: ["x"] }, ["input"]],
  ["an empty processor", { ...base, processor: "" }, ["processor"]],
  ["a spec without an output schema", { ...base, task_spec: {} }, ["task_spec.output_schema"]],
  ["a spec that is text", { ...base, task_spec: "x" }, ["task_spec"]],
  ["an unknown type of schema", spec({ type: "xml" }), ["task_spec.output_schema.type"]],
  ["a JSON schema without its schema", spec({ type: "json" }), [
    "task_spec.output_schema.json_schema",
  ]],
  [
    "a wrong rule in its schema",
    spec({ json_schema: { ...schema, properties: { a: { type: "string", format: "date" } } } }),
    [
      "task_spec.output_schema.json_schema.properties.a.format",
    ],
  ],
  ["an automatic input schema", {
    ...base,
    task_spec: { output_schema: "x", input_schema: { type: "auto" } },
  }, [
    "task_spec.input_schema.type",
  ]],
  ["a long key of metadata", { ...base, metadata: { ["k".repeat(17)]: "v" } }, [
    `metadata.${"k".repeat(17)}`,
  ]],
  ["a long value of metadata", { ...base, metadata: { k: "v".repeat(513) } }, ["metadata.k"]],
  ["an object in metadata", { ...base, metadata: { k: {} } }, ["metadata.k"]],
  ["201 domains", {
    ...base,
    source_policy: { include_domains: domains(101), exclude_domains: domains(100) },
  }, [
    "source_policy.exclude_domains",
  ]],
  ["a URL for a domain", { ...base, source_policy: { include_domains: ["https://a.com"] } }, [
    "source_policy.include_domains",
  ]],
  ["a domain with a port", { ...base, source_policy: { exclude_domains: ["a.com:80"] } }, [
    "source_policy.exclude_domains",
  ]],
  ["29 February of a common year", { ...base, source_policy: { after_date: "2025-02-29" } }, [
    "source_policy.after_date",
  ]],
  ["a time for a day", { ...base, source_policy: { after_date: "2025-02-01T00:00:00Z" } }, [
    "source_policy.after_date",
  ]],
  ["a country that does not exist", { ...base, advanced_settings: { location: "xx" } }, [
    "advanced_settings.location",
  ]],
  ["a country by name", { ...base, advanced_settings: { location: "France" } }, [
    "advanced_settings.location",
  ]],
  ["a setting that does not exist", { ...base, advanced_settings: { speed: 1 } }, [
    "advanced_settings.speed",
  ]],
  ["11 MCP servers", { ...base, mcp_servers: Array(11).fill(server) }, ["mcp_servers"]],
  ["an MCP server without a url", { ...base, mcp_servers: [{ name: "x" }] }, ["mcp_servers.0.url"]],
  ["an MCP server on another scheme", {
    ...base,
    mcp_servers: [server, { name: "x", url: "ws://x.com" }],
  }, [
    "mcp_servers.1.url",
  ]],
  ["MCP headers that are no texts", { ...base, mcp_servers: [{ ...server, headers: { a: 1 } }] }, [
    "mcp_servers.0.headers",
  ]],
  ["a data source named like an MCP server", {
    ...base,
    mcp_servers: [server],
    advanced_settings: { data_sources: { free: ["docs"] } },
  }, ["advanced_settings.data_sources.free"]],
  ["data sources on a fast processor", {
    ...base,
    processor: "base-fast",
    advanced_settings: { data_sources: { free: ["x"] } },
  }, ["advanced_settings.data_sources"]],
  ["a webhook without a url", { ...base, webhook: {} }, ["webhook.url"]],
  ["an unknown event type", { ...base, webhook: { url: "https://a.com", event_types: ["all"] } }, [
    "webhook.event_types",
  ]],
  ["text for enable_events", { ...base, enable_events: "yes" }, ["enable_events"]],
  ["a blank interaction", { ...base, previous_interaction_id: "" }, ["previous_interaction_id"]],
  ["a page for an interaction", { ...base, previous_interaction_id: "a".repeat(501) }, [
    "previous_interaction_id",
  ]],
  ["a memory scope with spaces", { ...base, memory_scope_key: "a b" }, ["memory_scope_key"]],
  ["a spec beyond 15,000 characters", spec({ type: "text", description: "x".repeat(15_000) }), [
    "task_spec",
  ]],
  ["spec and input beyond 25,000", { ...spec("x".repeat(14_000)), input: "y".repeat(11_000) }, [
    "input",
  ]],
  ["an input beyond 25,000 characters", { ...base, input: "y".repeat(25_001) }, ["input"]],
];
function spec(output_schema: unknown) {
  return { ...base, task_spec: { output_schema } };
}
for (const [name, value, fields] of REFUSED) {
  Deno.test(`a request with ${name} is rejected at its field`, () => {
    const result = validateTaskInput(value);
    assert(!result.ok);
    assertEquals(result.problems.map(({ field }) => field), fields);
  });
}

const TAKEN: readonly (readonly [string, Record<string, unknown>])[] = [
  ["a JSON input", { input: { a: 1 } }],
  ["nulls wherever the API allows them", {
    task_spec: null,
    metadata: null,
    source_policy: null,
    advanced_settings: null,
    mcp_servers: null,
    webhook: null,
    enable_events: null,
    previous_interaction_id: null,
    memory_scope_key: null,
  }],
  ["a bare text as its schema", {
    task_spec: { output_schema: "one line", input_schema: "a name" },
  }],
  ["schemas without a type", {
    task_spec: { output_schema: { description: "x" }, input_schema: { json_schema: schema } },
  }],
  ["metadata at its limits", { metadata: { ["k".repeat(16)]: "v".repeat(512), n: 1.5, b: false } }],
  ["200 domains", { source_policy: { include_domains: domains(200), exclude_domains: [] } }],
  ["an extension and a path prefix", {
    source_policy: { include_domains: [".gov", ".co.uk", "docs.python.org/3"] },
  }],
  ["a leap day", { source_policy: { after_date: "2024-02-29" } }],
  ["a country in either case", { advanced_settings: { location: "DE" } }],
  ["ten MCP servers", {
    mcp_servers: Array(10).fill({
      ...server,
      type: "url",
      headers: { a: "b" },
      allowed_tools: ["t"],
    }),
  }],
  ["an unknown processor, which is the API's to refuse", { processor: "mega" }],
  ["members that the API adds later", { brand_new: { x: 1 } }],
];
for (const [name, more] of TAKEN) {
  Deno.test(`a request with ${name} is accepted unchanged`, () => {
    const value = { ...base, ...more };
    const result = validateTaskInput(value);
    assert(result.ok, JSON.stringify(result));
    assertEquals(result.input, value);
  });
}

Deno.test("an accepted request may have warnings, one per rule", () => {
  const properties = Object.fromEntries(
    "abcdefg".split("").map((name) => [name, { type: "string" }]),
  );
  const result = validateTaskInput(spec({ json_schema: { type: "object", properties } }));
  assert(result.ok);
  assertEquals(result.warnings.map(({ type, detail }) => [type, detail?.rule]), [
    ["spec_validation_warning", "required"],
    ["spec_validation_warning", "additional-properties"],
    ["spec_validation_warning", "too-many-fields"],
  ]);
  assertMatch(result.warnings[0]!.message, /^"a" is not in "required".* \(and 6 more like it\)$/);
});

Deno.test("a request nested deeper than the stack is rejected without an exception", () => {
  const deep = (levels: number) =>
    JSON.parse('{"items":'.repeat(levels) + "1" + "}".repeat(levels));
  assert(!validateTaskInput(spec({ json_schema: deep(100_000) })).ok);
  assert(!validateTaskInput({ ...base, input: deep(100_000) }).ok);
  assert(
    !validateTaskInput(spec({ json_schema: { type: "object", properties: deep(1_000) } })).ok,
  );
});

Deno.test("half a million errors: only the first are reported, at no extra cost", () => {
  const many = (each: unknown) => Array(500_000).fill(each);
  for (
    const body of [
      { ...base, mcp_servers: many(1) },
      { ...base, source_policy: { include_domains: many("?"), exclude_domains: many("#") } },
      { ...base, mcp_servers: many({ name: "a", url: "https://a.example" }) },
      { ...base, metadata: Object.fromEntries(many(null).map((value, at) => [at, value])) },
    ]
  ) {
    const result = validateTaskInput(body);
    assert(!result.ok);
    assert(result.problems.length >= 1 && result.problems.length <= 1_200);
  }
});

Deno.test("the check handles any input", () => {
  const names = [
    "input",
    "processor",
    "task_spec",
    "metadata",
    "source_policy",
    "advanced_settings",
    "mcp_servers",
    "webhook",
  ];
  const body = fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 4 }));
  fc.assert(fc.property(fc.oneof(body, fc.jsonValue()), (value) => void validateTaskInput(value)), {
    numRuns: 1_000,
  });
});
