import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { EXAMPLES } from "../../lib/tasks/fields/examples.ts";
import {
  emptyForm,
  FIELDS,
  FORM_FIELDS,
  type FormField,
  formValuesFrom,
  parseTaskForm,
} from "../../lib/tasks/fields/mod.ts";
import { MASKED } from "../../lib/tasks/fields/mcp.ts";
import { leftOutOf } from "../../lib/tasks/paste/mod.ts";
import type { TaskRunInput } from "../../lib/parallel/types.ts";
import { timeOf } from "../cpu_time.ts";

type Fields = { [name in FormField | "idempotency_key"]?: string | undefined };
const LEAST: Fields = {
  input: "What?",
  input_format: "text",
  processor: "base",
  output_type: "auto",
};

function formOf(fields: Fields): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) data.set(name, value);
  }
  return data;
}

function parse(fields: Fields): TaskRunInput {
  const parsed = parseTaskForm(formOf({ ...LEAST, ...fields }));
  assert(parsed.ok, JSON.stringify(parsed));
  return parsed.input;
}

function problems(fields: Fields): Partial<Record<FormField, string>> {
  const parsed = parseTaskForm(formOf({ ...LEAST, ...fields }));
  assert(!parsed.ok);
  return parsed.problems;
}

Deno.test("a minimal form omits empty fields but always sends enable_events", () => {
  assertEquals(parse({}), {
    input: "What?",
    processor: "base",
    task_spec: { output_schema: { type: "auto" } },
    enable_events: false,
  });
});

const SCHEMA =
  '{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}';
const MAPPED: readonly (readonly [string, Fields, Partial<TaskRunInput>])[] = [
  ["a processor", { processor: "lite" }, { processor: "lite" }],
  ["a JSON input", { input: '{"a": 1}', input_format: "json" }, { input: { a: 1 } }],
  ["a text input that looks like JSON", { input: '{"a": 1}' }, { input: '{"a": 1}' }],
  ["lines as a browser posts them", { input: " a\r\nb \r\n" }, { input: "a\nb" }],
  ["a text output", { output_type: "text" }, { task_spec: { output_schema: { type: "text" } } }],
  ["a text output with a description", { output_type: "text", text_description: "short" }, {
    task_spec: { output_schema: { type: "text", description: "short" } },
  }],
  ["a JSON output", { output_type: "json", json_schema: SCHEMA }, {
    task_spec: { output_schema: { type: "json", json_schema: JSON.parse(SCHEMA) } },
  }],
  ["a JSON schema in the API's wrapping", {
    output_type: "json",
    json_schema: `{"type":"json","json_schema":${SCHEMA}}`,
  }, {
    task_spec: { output_schema: { type: "json", json_schema: JSON.parse(SCHEMA) } },
  }],
  ["a description that belongs to another output", {
    output_type: "auto",
    text_description: "x",
    json_schema: "{",
  }, {
    task_spec: { output_schema: { type: "auto" } },
  }],
  ["an input schema", { input_schema: SCHEMA }, {
    task_spec: {
      output_schema: { type: "auto" },
      input_schema: { type: "json", json_schema: JSON.parse(SCHEMA) },
    },
  }],
  ...[
    "A company name",
    '"A company name"',
    '{"type": "text", "description": "A company name"}',
  ].map((input_schema) =>
    [`an input schema in plain words, ${input_schema}`, { input_schema }, {
      task_spec: {
        output_schema: { type: "auto" },
        input_schema: { type: "text", description: "A company name" },
      },
    }] as const
  ),
  ["a form without input_format", { input: "{", input_format: undefined }, { input: "{" }],
  ["a form without output_type", { output_type: undefined }, {}],
  ["a form without output_type but with a description", {
    output_type: undefined,
    text_description: "short",
  }, { task_spec: { output_schema: { type: "text", description: "short" } } }],
  ["a form without output_type but with a schema", {
    output_type: undefined,
    json_schema: SCHEMA,
  }, { task_spec: { output_schema: { type: "json", json_schema: JSON.parse(SCHEMA) } } }],
  ["domains in every spelling", {
    include_domains:
      "https://Example.com/path?q=1, *.who.int\n.GOV; docs.python.org/3/ example.com\nhttp://bücher.example:8080",
  }, {
    source_policy: {
      include_domains: [
        "example.com",
        "who.int",
        ".gov",
        "docs.python.org/3",
        "xn--bcher-kva.example",
      ],
    },
  }],
  ["both lists and a day", {
    include_domains: "a.com",
    exclude_domains: "b.com",
    after_date: "2026-01-31",
  }, {
    source_policy: {
      include_domains: ["a.com"],
      exclude_domains: ["b.com"],
      after_date: "2026-01-31",
    },
  }],
  ["a location", { location: "de" }, { advanced_settings: { location: "de" } }],
  ["a webhook", { webhook_url: "https://hooks.mysite.com/x?y=1" }, {
    webhook: { url: "https://hooks.mysite.com/x?y=1", event_types: ["task_run.status"] },
  }],
  ["metadata", { metadata: '{"team": "a1", "n": 2}' }, { metadata: { team: "a1", n: 2 } }],
  ["MCP servers", { mcp_servers: '[{"name":"d","url":"https://d.com","headers":{"k":"v"}}]' }, {
    mcp_servers: [{ name: "d", url: "https://d.com", headers: { k: "v" } }],
  }],
  [
    "one MCP server without a list around it",
    { mcp_servers: '{"name":"d","url":"https://d.com"}' },
    {
      mcp_servers: [{ name: "d", url: "https://d.com" }],
    },
  ],
  ["an empty object and an empty list like nothing", { metadata: "{}", mcp_servers: "[ ]" }, {}],
  ["a run to follow", { previous_interaction_id: " trun_1 " }, {
    previous_interaction_id: "trun_1",
  }],
  ["events", { enable_events: "on" }, { enable_events: true }],
];
for (const [name, fields, expected] of MAPPED) {
  Deno.test(`the form maps ${name} to the API's own field, and is filled from it again`, () => {
    const sent = parse(fields);
    const { input, processor, task_spec, enable_events, ...rest } = sent;
    const auto = { output_schema: { type: "auto" } };
    assertEquals({ input, processor, task_spec, enable_events, ...rest }, {
      input: "What?",
      processor: "base",
      task_spec: auto,
      enable_events: false,
      ...expected,
    });
    // Values of headers are secrets: they are typed again.
    const { mcp_servers } = { ...formValuesFrom(sent), ...fields };
    assertEquals(parse({ ...formValuesFrom(sent), mcp_servers }), sent);
    assertEquals(leftOutOf(sent), []);
  });
}

Deno.test("every field that is sent is among these", () => {
  const mapped = new Set(MAPPED.flatMap(([, fields]) => Object.keys(fields)));
  assertEquals(FORM_FIELDS.filter((name) => FIELDS[name].path !== null && !mapped.has(name)), []);
});

const WRONG: readonly (readonly [string, Fields, FormField, RegExp])[] = [
  ["no input", { input: " " }, "input", /Say what/],
  [
    "an input that is not JSON",
    { input: "{a}", input_format: "json" },
    "input",
    /not JSON.*line 1/,
  ],
  ["a JSON input that is a list", { input: "[1]", input_format: "json" }, "input", /JSON object/],
  ["an unknown format", { input_format: "xml" }, "input_format", /text or JSON/],
  ["no processor", { processor: "" }, "processor", /Choose/],
  [
    "an unknown processor",
    { processor: "mega" },
    "processor",
    /no processor.*lite, base.*lite-fast.*ultra8x-fast$/,
  ],
  ["an unknown output", { output_type: "xml" }, "output_type", /Choose/],
  ["a JSON output without a schema", { output_type: "json" }, "json_schema", /Describe/],
  [
    "a schema that is not JSON",
    { output_type: "json", json_schema: "{" },
    "json_schema",
    /not JSON/,
  ],
  [
    "a schema that breaks a rule",
    {
      output_type: "json",
      json_schema: '{"type":"object","properties":{"a":{"type":"string","format":"date"}}}',
    },
    "json_schema",
    /^properties\.a\.format \(line 1\): "format" is not supported/,
  ],
  ["an input schema that is not JSON", { input_schema: "{name}" }, "input_schema", /not JSON/],
  ["an input schema that is a list", { input_schema: "[]" }, "input_schema", /JSON object/],
  [
    "a domain that is none",
    { include_domains: "localhost" },
    "include_domains",
    /"localhost": not a domain/,
  ],
  [
    "too many domains",
    { exclude_domains: Array.from({ length: 201 }, (_, i) => `d${i}.com`).join("\n") },
    "exclude_domains",
    /201.*200/,
  ],
  ["a day that does not exist", { after_date: "2026-02-30" }, "after_date", /YYYY-MM-DD/],
  ["a day in another spelling", { after_date: "31.01.2026" }, "after_date", /YYYY-MM-DD/],
  ["a country that does not exist", { location: "uk" }, "location", /two letters/],
  ["a webhook over http", { webhook_url: "http://a.com" }, "webhook_url", /https/],
  ["a webhook that is no address", { webhook_url: "a.com" }, "webhook_url", /https/],
  ["a webhook to a private host", { webhook_url: "https://127.1/x" }, "webhook_url", /private/],
  ["a webhook with a password", { webhook_url: "https://u:p@a.com" }, "webhook_url", /password/],
  ["metadata that is a list", { metadata: "[]" }, "metadata", /JSON object/],
  [
    "metadata with a long key",
    { metadata: `{"${"k".repeat(17)}":1}` },
    "metadata",
    /17 characters/,
  ],
  ["MCP servers that are not JSON", { mcp_servers: "docs" }, "mcp_servers", /not JSON/],
  [
    "an MCP server without a name",
    { mcp_servers: '[{"url":"https://a.com"}]' },
    "mcp_servers",
    /needs a name/,
  ],
  [
    "an MCP header that was masked",
    {
      mcp_servers: `[{"name":"d","url":"https://d.com","headers":{"k":"${MASKED}"}}]`,
    },
    "mcp_servers",
    /Enter the header values again/,
  ],
  [
    "a description beyond 15,000 characters",
    { output_type: "text", text_description: "x".repeat(15_001) },
    "text_description",
    /15,000/,
  ],
  [
    "a schema beyond 15,000 characters",
    {
      output_type: "json",
      json_schema: SCHEMA.replace('"string"', `"string","description":"${"x".repeat(15_000)}"`),
    },
    "json_schema",
    /15,000/,
  ],
];
for (const [name, fields, field, message] of WRONG) {
  Deno.test(`a form with ${name} is redisplayed as typed, with a message at ${field}`, () => {
    const parsed = parseTaskForm(formOf({ ...LEAST, ...fields }));
    assert(!parsed.ok);
    assertEquals(Object.keys(parsed.problems), [field]);
    assertMatch(parsed.problems[field]!, message);
    assertStrictEquals(parsed.values[field], fields[field] ?? "");
  });
}

Deno.test("up to eight schema errors are listed at once, with their lines", () => {
  const schema = (count: number) => {
    const types = Array.from({ length: count }, (_, i) => [`p${i}`, { type: "text" }]);
    return JSON.stringify({ type: "object", properties: Object.fromEntries(types) }, null, 2);
  };
  const said = (count: number) =>
    problems({ output_type: "json", json_schema: schema(count) }).json_schema ?? "";
  assertMatch(said(2), /^properties\.p0\.type \(line 5\): .*; properties\.p1\.type \(line 8\): /);
  assertNotMatch(said(8), /more$/);
  assertMatch(said(10), /p7\.type .*; and 2 more$/);
});

/** Numbers that a double cannot hold, or spells otherwise. */
const NUMBERS = ["1234567890123456789", "-0.12345678901234567890", "1e400", "1e-400", "1.0", "-0"];
const WITH_NUMBER: readonly (readonly [FormField, (number: string) => Fields])[] = [
  ["input", (n) => ({ input: `{"id":${n},"list":[${n}]}`, input_format: "json" })],
  ["metadata", (n) => ({ metadata: `{"id":${n}}` })],
  ["json_schema", (n) => ({
    output_type: "json",
    json_schema: SCHEMA.replace('"string"', `"number","const":${n}`),
  })],
  [
    "input_schema",
    (n) => ({ input_schema: `{"type":"object","properties":{"a":{"enum":[${n}]}}}` }),
  ],
  ["mcp_servers", (n) => ({ mcp_servers: `[{"name":"d","url":"https://d.com","more":${n}}]` })],
];
for (const [field, fields] of WITH_NUMBER) {
  for (const number of NUMBERS) {
    Deno.test(`${number} typed in ${field} keeps its digits when sent and redisplayed`, () => {
      const input = parse(fields(number));
      const sent = JSON.stringify(input);
      assert(sent.includes(`:${number}`) || sent.includes(`[${number}`), sent);
      const again = formValuesFrom(input)[field];
      assert(again.includes(` ${number}`), again);
    });
  }
}

const REPEATED: readonly (readonly [FormField, Fields])[] = [
  ["input", { input: '{"a": 1,\n"b": {"c": [], "c": 2}}', input_format: "json" }],
  ["metadata", { metadata: '{"c": 1,\n"c": 1}' }],
  ["json_schema", { output_type: "json", json_schema: SCHEMA.replace("{", '{"type":"array",') }],
  ["input_schema", { input_schema: '{"type":"object","\\u0074ype":"object"}' }],
  ["mcp_servers", { mcp_servers: '[{"name":"a","url":"https://d.com","name":"b"}]' }],
];
for (const [field, fields] of REPEATED) {
  Deno.test(`a duplicate name in ${field} is rejected there`, () => {
    const said = problems(fields);
    assertEquals(Object.keys(said), [field]);
    assertMatch(said[field] ?? "", /appears twice in one object \(lines? \d/);
  });
}

Deno.test("the same name in two objects or as a value is not a duplicate", () => {
  const input = '{"a":{"b":1},"c":{"b":2},"d":["b","b",{"b":"b"}],"b":"a"}';
  assertStrictEquals(JSON.stringify(parse({ input, input_format: "json" }).input), input);
});

Deno.test("a text is read once to name the lines of its mistakes, however many they are", () => {
  const wrong = Array.from({ length: 600 }, (_, n) => `"k${n}":{"format":1}`);
  const json_schema = `{"type":"object","properties":{${wrong}}}${" ".repeat(430_000)}`;
  const fields = { output_type: "json", json_schema };
  const ms = timeOf(() => assertMatch(problems(fields).json_schema ?? "", /and \d+ more$/));
  assert(ms < 1_000, `${ms.toFixed(0)} ms`);
});

Deno.test("JSON beyond the limits is rejected at its field", () => {
  const input = "[".repeat(600) + "]".repeat(600);
  const said = problems({ input: `{"a":${input}}`, input_format: "json", metadata: input });
  assertMatch(said.input ?? "", /nested deeper/);
  assertMatch(said.metadata ?? "", /nested deeper/);
});

Deno.test("all invalid fields get their messages at once", () => {
  const wrong = { input: "", processor: "", after_date: "x", metadata: "x", location: "x" };
  assertEquals(Object.keys(problems(wrong)).sort(), Object.keys(wrong).sort());
});

const SECRETS: readonly (readonly [string, string])[] = [
  [
    "in its place",
    '[{"name":"d","url":"https://d.com","headers":{"authorization":"Bearer TOPSECRET"}}]',
  ],
  ["in an unknown member", '[{"name":"d","url":"https://d.com","header":{"deep":["TOPSECRET"]}}]'],
  [
    "after a missing bracket",
    '[{"name":"d","url":"https://d.com","headers":{"authorization":"Bearer TOPSECRET"}}',
  ],
  ["in a broken string", '[{"name":"d","headers":{"authorization":"Bearer TOPSECRET}}]'],
  ["with a brace in it", '[{"name":"d","headers":{"a":"x}TOPSECRET{y"}},]'],
  ["without quotes", "[{name: d, headers: {authorization: TOPSECRET}}]"],
  ["under a misspelt name", '[{"name":"d","heders":{"Authorization":"Bearer TOPSECRET"}}'],
  ["of a command's", 'curl -H "x-api-key: TOPSECRET" https://d.com'],
];
for (const [name, mcp_servers] of SECRETS) {
  Deno.test(`an MCP header value ${name} is never shown again`, () => {
    const parsed = parseTaskForm(formOf({ ...LEAST, input: "", mcp_servers }));
    assert(!parsed.ok);
    assert(!JSON.stringify(parsed).includes("TOPSECRET"), parsed.values.mcp_servers);
    assertMatch(parsed.values.mcp_servers, /•/);
    assert(parsed.problems.mcp_servers);
  });
}

Deno.test("MCP servers without headers are redisplayed as typed", () => {
  const mcp_servers = '[ {"name":"d",  "url":"https://d.com"} ]';
  const parsed = parseTaskForm(formOf({ ...LEAST, input: "", mcp_servers }));
  assert(!parsed.ok);
  assertStrictEquals(parsed.values.mcp_servers, mcp_servers);
  assertEquals(Object.keys(parsed.problems), ["input"]);
});

Deno.test("the idempotency key is accepted if it is well-formed", () => {
  const key = (idempotency_key?: string) => {
    const parsed = parseTaskForm(
      formOf({ ...LEAST, ...(idempotency_key ? { idempotency_key } : {}) }),
    );
    assert(parsed.ok);
    return parsed.idempotencyKey;
  };
  const uuid = crypto.randomUUID();
  assertStrictEquals(key(uuid), uuid);
  assertStrictEquals(key(), null);
  assertStrictEquals(key("no spaces please"), null);
  assertStrictEquals(key("x".repeat(200)), null);
});

Deno.test("domains that are posted one by one are all kept", () => {
  const data = formOf({ ...LEAST, include_domains: "a.com" });
  data.append("include_domains", "b.org\r\nc.net");
  const parsed = parseTaskForm(data);
  assert(parsed.ok);
  assertEquals(parsed.input.source_policy?.include_domains, ["a.com", "b.org", "c.net"]);
  assertStrictEquals(parsed.values.include_domains, "a.com\nb.org\nc.net");
});

Deno.test("a file in place of text is ignored", () => {
  const data = formOf(LEAST);
  data.set("input", new File(["x"], "x.txt"));
  const parsed = parseTaskForm(data);
  assert(!parsed.ok);
  assertEquals(Object.keys(parsed.problems), ["input"]);
});

for (const { id, input } of EXAMPLES) {
  Deno.test(`the example ${id} goes through the form unchanged`, () => {
    const parsed = parseTaskForm(formOf(formValuesFrom(input)));
    assert(parsed.ok);
    assertEquals(parsed.input, input);
  });
}

const INVERTED: readonly (readonly [string, Partial<TaskRunInput>, Fields])[] = [
  ["no spec", {}, { output_type: "auto" }],
  ["a bare text spec", { task_spec: { output_schema: "short" } }, {
    output_type: "text",
    text_description: "short",
  }],
  ["a schema without a type", { task_spec: { output_schema: { json_schema: { a: 1 } } } }, {
    output_type: "json",
    json_schema: '{\n  "a": 1\n}',
  }],
  ["a text input schema", { task_spec: { output_schema: "x", input_schema: "a name" } }, {
    input_schema: "a name",
  }],
  ["a text input schema that looks like JSON", {
    task_spec: { output_schema: "x", input_schema: { type: "text", description: "{a}" } },
  }, { input_schema: '"{a}"' }],
  ["a JSON input", { input: { a: 1 } }, { input_format: "json", input: '{\n  "a": 1\n}' }],
  ["events left to the processor", { processor: "pro" }, { enable_events: "on" }],
  ["events left to a small one", { processor: "lite" }, { enable_events: "" }],
  [
    "MCP headers",
    { mcp_servers: [{ name: "d", url: "https://d.com", headers: { k: "SECRET" } }] },
    {
      mcp_servers: JSON.stringify(
        [{ name: "d", url: "https://d.com", headers: { k: MASKED } }],
        null,
        2,
      ),
    },
  ],
  ["nulls", { metadata: null, webhook: null, mcp_servers: [], source_policy: {} }, {
    metadata: "",
    webhook_url: "",
    mcp_servers: "",
    include_domains: "",
  }],
];
for (const [name, more, expected] of INVERTED) {
  Deno.test(`a request with ${name} fills the form`, () => {
    const values = formValuesFrom({ input: "x", processor: "base", ...more });
    assertEquals(Object.keys(values).sort(), [...FORM_FIELDS].sort());
    for (const [field, value] of Object.entries(expected)) {
      assertStrictEquals(values[field as FormField], value, field);
    }
  });
}

Deno.test("a list of domains that holds only separators names none", () => {
  for (const separators of [";", ",", " ; \n,"]) {
    const parsed = parseTaskForm(
      formOf({ ...emptyForm(), input: "x", include_domains: separators }),
    );
    assert(parsed.ok);
    assertStrictEquals(parsed.input.source_policy, undefined);
  }
});

Deno.test("any form gives a request or a list of problems, and a request round-trips", () => {
  const typed = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom("", "on", "json", "text", "auto", "pro", "a.com", "2026-01-01", "de", SCHEMA),
  );
  const fields = fc.dictionary(fc.constantFrom(...FORM_FIELDS), typed);
  fc.assert(
    fc.property(fields, (some) => {
      const parsed = parseTaskForm(formOf({ ...emptyForm(), input: "x", ...some }));
      if (!parsed.ok) {
        assert(Object.keys(parsed.problems).length > 0);
        return;
      }
      const again = parseTaskForm(formOf(formValuesFrom(parsed.input)));
      assert(again.ok, JSON.stringify(again));
      assertEquals(again.input, parsed.input);
    }),
    { numRuns: 700 },
  );
});
