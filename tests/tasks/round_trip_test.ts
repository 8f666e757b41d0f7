/** Form → code → paste → form, and form → link → form, for any request that the form makes. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { requestCode } from "../../lib/tasks/code/mod.ts";
import { emptyForm, formValuesFrom, parseTaskForm } from "../../lib/tasks/fields/mod.ts";
import { formLink, LINK_CHARS, valuesFromQuery } from "../../lib/tasks/fields/link.ts";
import { MASKED } from "../../lib/tasks/fields/mcp.ts";
import { readPaste } from "../../lib/tasks/paste/mod.ts";
import type { TaskRunInput } from "../../lib/parallel/types.ts";
import { posted, requests } from "./request_forms.ts";

for (const language of ["json", "curl", "typescript", "python"] as const) {
  Deno.test(`form → ${language} → paste → form changes nothing for any request`, () => {
    fc.assert(
      fc.property(requests, ({ input, values }) => {
        const pasted = readPaste(requestCode(input, language), { keepHeaders: false });
        assert(pasted.ok, JSON.stringify(pasted));
        assertEquals(pasted.values, values);
        assertEquals([pasted.leftOut, pasted.notes], [[], []]);
        const again = parseTaskForm(posted(pasted.values));
        assert(again.ok, JSON.stringify(again));
        assertEquals(again.input, input);
      }),
      { numRuns: 200 },
    );
  });
}

Deno.test("text that looks like another language's code does not change how strings are read", () => {
  const input: TaskRunInput = {
    input: { key: "is it ($name)", cost: "$HOME {$x}" },
    processor: "lite",
  };
  for (const language of ["json", "curl", "typescript", "python"] as const) {
    const pasted = readPaste(requestCode(input, language), { keepHeaders: false });
    assert(pasted.ok);
    assertEquals(pasted.notes, [], language);
    assertEquals(JSON.parse(pasted.values.input), input.input);
  }
});

Deno.test("form → link → form changes nothing but the webhook, which no link carries", () => {
  fc.assert(
    fc.property(requests, ({ values }) => {
      const link = formLink(values);
      if (link === null) return;
      assert(link.length <= LINK_CHARS);
      const query = new URL(link, "http://localhost").searchParams;
      const back = valuesFromQuery(query) ?? emptyForm();
      assertEquals<unknown>(back, {
        ...Object.fromEntries(
          // A lone surrogate has no UTF-8: a URL cannot carry it.
          Object.entries(values).map(([name, value]) => [name, value.toWellFormed()]),
        ),
        webhook_url: "",
      });
    }),
    { numRuns: 200 },
  );
});

/** Strings first, so that nothing within them is taken for code. */
const PYTHON_TOKEN = /"(?:[^"\\]|\\.)*"|\b(?:True|False|None)\b|^ {4}\w+=|,(?=\s*[}\])])/gm;
const AS_JSON: Readonly<Record<string, string>> = { True: "true", False: "false", None: "null" };

/** The call's arguments as JSON: Python's literals differ in three words, and in commas at the end. */
function pythonBody(code: string): unknown {
  const args = code.slice(code.indexOf(".create(") + 8, code.lastIndexOf("\nprint"));
  const json = args.replace(PYTHON_TOKEN, (token) => {
    if (token.startsWith('"')) return token;
    if (token === ",") return "";
    return token.endsWith("=") ? `"${token.slice(4, -1)}": ` : AS_JSON[token] ?? token;
  });
  return JSON.parse(`{${json.trim().slice(0, -1)}}`);
}

Deno.test("the Python literal equals the request", () => {
  fc.assert(
    fc.property(requests, ({ input }) => {
      assertEquals(pythonBody(requestCode(input, "python")), input);
    }),
    { numRuns: 150 },
  );
});

Deno.test("code samples keep the digits of numbers", () => {
  const parsed = parseTaskForm(
    posted({
      ...emptyForm(),
      input: '{"id": 1234567890123456789, "n": 1.5}',
      input_format: "json",
    }),
  );
  assert(parsed.ok);
  for (const language of ["json", "curl", "python"] as const) {
    assertMatch(requestCode(parsed.input, language), /"id": 1234567890123456789,/);
  }
  const typescript = requestCode(parsed.input, "typescript");
  assertMatch(typescript, /"id": JSON\.rawJSON\("1234567890123456789"\),\n +"n": 1\.5/);
});

const SECRET: TaskRunInput = {
  input: "x",
  processor: "base",
  mcp_servers: [{
    name: "d",
    url: "https://d.com",
    headers: { authorization: "Bearer TOPSECRET" },
  }],
};

Deno.test("code and links contain MCP header names but never their values", () => {
  for (const language of ["json", "curl", "typescript", "python"] as const) {
    const code = requestCode(SECRET, language);
    assertNotMatch(code, /TOPSECRET/);
    assertMatch(code, /authorization/);
  }
  const typed = { ...formValuesFrom(SECRET), mcp_servers: JSON.stringify(SECRET.mcp_servers) };
  const link = decodeURIComponent(formLink(typed) ?? "");
  assertMatch(link, /authorization/);
  assertNotMatch(link, /TOPSECRET/);
});

Deno.test("a paste keeps header values only in the browser, and masks them elsewhere", () => {
  const body = JSON.stringify(SECRET);
  const [kept, masked] = [true, false].map((keepHeaders) => readPaste(body, { keepHeaders }));
  assert(kept?.ok && masked?.ok);
  assertMatch(kept.values.mcp_servers, /TOPSECRET/);
  assertNotMatch(masked.values.mcp_servers, /TOPSECRET/);
  assert(masked.values.mcp_servers.includes(MASKED));
});

const BODY = '{"input":"it is","processor":"lite"}';
const COMMANDS: readonly (readonly [string, string])[] = [
  ["double quotes", `curl -X POST https://x -d ${JSON.stringify(BODY)}`],
  ["ANSI quotes", `curl https://x --data-raw $'${BODY.replace("it is", "it\\u0020is")}'`],
  ["lines that go on", `$ curl https://x \\\n  -H "x-api-key: k" \\\r\n  --data '${BODY}' \\\n -s`],
  ["--json", `curl --json '${BODY}' https://x`],
  ["an equals sign", `curl --data-binary='${BODY}' https://x`],
  ["no space", `curl -d'${BODY}' https://x`],
  ["the SDK's call", `const run = await client.taskRun.create(${BODY}, { maxRetries: 0 });`],
];
for (const [name, command] of COMMANDS) {
  Deno.test(`a command with ${name} is read`, () => {
    const pasted = readPaste(command, { keepHeaders: false });
    assert(pasted.ok, JSON.stringify(pasted));
    assertStrictEquals(pasted.values.input, "it is");
    assertStrictEquals(pasted.values.processor, "lite");
  });
}

const UNREADABLE: readonly (readonly [string, string, RegExp])[] = [
  ["nothing", "", /not JSON/],
  ["prose", "please research this", /not JSON/],
  ["an open quote", 'curl -d \'{"input"', /unclosed quote/],
  ["a command without a body", "curl https://x", /sends no body/],
  ["a command that reads a file", "curl -d @body.json https://x", /from a file/],
  ["JSON that is no request", '{"a":1}', /"input" and "processor"/],
  ["a list", "[]", /"input" and "processor"/],
  [
    "members of wrong types",
    '{"input":"x","processor":"base","source_policy":{"include_domains":5}}',
    /wrong type for the API/,
  ],
];
for (const [name, text, why] of UNREADABLE) {
  Deno.test(`an unreadable paste of ${name} says why`, () => {
    const pasted = readPaste(text, { keepHeaders: true });
    assert(!pasted.ok);
    assertMatch(pasted.why, why);
  });
}

Deno.test("members without a form field are listed", () => {
  const pasted = readPaste(
    JSON.stringify({
      input: "x",
      processor: "base",
      memory_scope_key: "k",
      webhook: null,
      advanced_settings: { location: "de", data_sources: { free: ["a"] } },
    }),
    { keepHeaders: false },
  );
  assert(pasted.ok);
  assertEquals(pasted.leftOut, ["memory_scope_key", "advanced_settings.data_sources"]);
  assertStrictEquals(pasted.values.location, "de");
});

Deno.test("an overlong link is not offered, and a query without fields fills nothing", () => {
  const long = { ...emptyForm(), input: "x".repeat(LINK_CHARS) };
  assertStrictEquals(formLink(long), null);
  assertStrictEquals(formLink(emptyForm()), "/");
  assertStrictEquals(
    valuesFromQuery(new URLSearchParams("next=/tasks&webhook_url=x")),
    null,
  );
});
