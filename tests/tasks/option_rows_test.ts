/** Metadata and MCP servers as rows: what rows can show round-trips, the rest stays JSON. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { checkForm, emptyForm } from "../../lib/tasks/fields/mod.ts";
import { MASKED, maskServersText } from "../../lib/tasks/fields/mcp.ts";
import { readPaste } from "../../lib/tasks/paste/mod.ts";
import {
  readMetadata,
  readServers,
  writeMetadata,
  writeServers,
} from "../../lib/tasks/fields/option_rows.ts";

const LEAST = {
  ...emptyForm(),
  input: "x",
  processor: "lite",
  output_type: "auto",
  input_format: "text",
};
const name = fc.string({ minLength: 1, maxLength: 16 }).filter((text) => text !== "__proto__");

Deno.test("metadata pairs round-trip through rows", () => {
  const value = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  fc.assert(fc.property(fc.dictionary(name, value, { minKeys: 1 }), (metadata) => {
    const text = JSON.stringify(metadata);
    const rows = readMetadata(text);
    assert(rows !== null);
    assertEquals(JSON.parse(writeMetadata(rows)), JSON.parse(text));
  }));
});

Deno.test("MCP servers that rows can show round-trip through rows", () => {
  const server = fc.record({
    name,
    url: fc.webUrl(),
    headers: fc.dictionary(name, fc.string({ minLength: 1 }), { minKeys: 1 }),
    allowed_tools: fc.array(fc.stringMatching(/^[a-z_.]+$/), { minLength: 1 }),
  }, { requiredKeys: ["name", "url"] });
  fc.assert(fc.property(fc.array(server, { minLength: 1 }), (servers) => {
    const text = JSON.stringify(servers);
    const rows = readServers(text);
    assert(rows !== null);
    assertEquals(JSON.parse(writeServers(rows)), JSON.parse(text));
  }));
});

const CLIENT_SHAPES: Readonly<Record<string, string>> = {
  "Claude's":
    '{"mcpServers": {"docs": {"type": "http", "url": "https://d.com/mcp", "headers": {"k": "v"}}}}',
  "Cursor's": '{"mcpServers": {"docs": {"url": "https://d.com/mcp", "headers": {"k": "v"}}}}',
  "VS Code's":
    '{"inputs": [], "servers": {"docs": {"type": "sse", "url": "https://d.com/mcp", "headers": {"k": "v"}}}}',
  "Windsurf's":
    '{"mcpServers": {"docs": {"serverUrl": "https://d.com/mcp", "headers": {"k": "v"}}}}',
  "Gemini CLI's":
    '{"mcpServers": {"docs": {"httpUrl": "https://d.com/mcp", "headers": {"k": "v"}}}}',
  "the inside of Claude's":
    '{"docs": {"type": "http", "url": "https://d.com/mcp", "headers": {"k": "v"}}}',
  "the API's in a request":
    '{"mcp_servers": [{"name": "docs", "url": "https://d.com/mcp", "headers": {"k": "v"}}]}',
  "one server":
    '{"type": "url", "name": "docs", "url": "https://d.com/mcp", "headers": {"k": "v"}}',
};

for (const [whose, text] of Object.entries(CLIENT_SHAPES)) {
  Deno.test(`MCP servers in ${whose} format become rows and a request, and are masked on redisplay`, () => {
    assertEquals(readServers(text), [
      { name: "docs", url: "https://d.com/mcp", headers: [{ name: "k", value: "v" }], tools: "" },
    ]);
    const checked = checkForm({ ...LEAST, mcp_servers: text });
    assert(checked.ok, JSON.stringify(checked));
    const [server, ...others] = checked.input.mcp_servers ?? [];
    assertEquals(others, []);
    assertEquals({ ...server, type: "url" }, {
      type: "url",
      name: "docs",
      url: "https://d.com/mcp",
      headers: { k: "v" },
    });
    const shown = maskServersText(text);
    assert(shown.masked);
    assertEquals(readServers(shown.text)?.[0]?.url, "https://d.com/mcp");
    assert(!shown.text.includes('"v"'), shown.text);
    const body = `{"input": "x", "processor": "lite", "mcp_servers": ${text}}`;
    const pasted = readPaste(body, { keepHeaders: true });
    assert(pasted.ok && pasted.leftOut.length === 0, JSON.stringify(pasted));
    assertEquals(readServers(pasted.values.mcp_servers)?.[0]?.name, "docs");
  });
}

Deno.test("a command server reports that the API cannot reach it", () => {
  const text =
    '{"mcpServers": {"files": {"command": "npx", "args": ["-y", "x"], "env": {"K": "s"}}}}';
  const checked = checkForm({ ...LEAST, mcp_servers: text });
  assert(!checked.ok);
  assertMatch(checked.problems.mcp_servers ?? "", /Server 1 is a command on your computer/);
  assert(!maskServersText(text).text.includes('"s"'));
});

Deno.test("pasting only MCP servers says which field to use", () => {
  const pasted = readPaste('{"mcpServers": {"d": {"url": "https://d.com"}}}', {
    keepHeaders: true,
  });
  assertEquals(pasted, {
    ok: false,
    why: "These are MCP servers without a task: paste them into the MCP servers field",
  });
});

Deno.test("an empty field has no rows, and no rows give an empty field", () => {
  assertEquals(readMetadata(" "), []);
  assertEquals(readServers(""), []);
  assertStrictEquals(writeMetadata([{ name: "", value: "half typed", kind: "text" }]), "");
  assertStrictEquals(writeServers([{ name: "", url: "", headers: [], tools: "" }]), "");
});

Deno.test("a header without a value gets the mask, which asks for a value", () => {
  const row = { name: "d", url: "https://d.com", headers: [{ name: "k", value: "" }], tools: "" };
  assertEquals(JSON.parse(writeServers([row]))[0].headers, { k: MASKED });
});

for (const number of ["1234567890123456789", "1e400", "-0.12345678901234567890"]) {
  Deno.test(`rows keep the digits of ${number}`, () => {
    const text = `{\n  "n": ${number}\n}`;
    const rows = readMetadata(text);
    assertEquals(rows, [{ name: "n", value: number, kind: "number" }]);
    assertStrictEquals(writeMetadata(rows ?? []), text);
  });
}

Deno.test("rows are not offered if they would lose a member", () => {
  assertStrictEquals(readMetadata('{"a": 1, "a": 2}'), null);
  assertStrictEquals(readServers('[{"name": "a", "url": "https://d.com", "name": "b"}]'), null);
});

Deno.test("an invalid number stays text", () => {
  const text = writeMetadata([{ name: "n", value: "1,5", kind: "number" }]);
  assertEquals(JSON.parse(text), { n: "1,5" });
});

for (const text of ["{", "[]", '{"a":{}}', '{"a":null}', '"x"', '{"a":[1]}']) {
  Deno.test(`metadata ${text} is edited only as JSON`, () => {
    assertStrictEquals(readMetadata(text), null);
  });
}

const SERVER = { name: "d", url: "https://d.com" };
for (
  const more of [
    { extra: 1 },
    { type: "stdio" },
    { headers: { k: 1 } },
    { headers: ["x"] },
    { allowed_tools: [] },
    { allowed_tools: ["a,b"] },
    { allowed_tools: "x" },
    { name: 5 },
  ]
) {
  Deno.test(`servers with ${JSON.stringify(more)} are edited only as JSON`, () => {
    assertStrictEquals(readServers(JSON.stringify([{ ...SERVER, ...more }])), null);
  });
}

Deno.test("a byte order mark before pairs does not keep them from rows", () => {
  assertEquals(readMetadata('\ufeff{"a": "b"}\u00a0'), [{ name: "a", value: "b", kind: "text" }]);
});
