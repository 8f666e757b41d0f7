/** Pasted text is read or rejected with one sentence, and losses are reported. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { readPaste } from "../../lib/tasks/paste/mod.ts";
import { timeOf } from "../cpu_time.ts";

const API = "https://api.parallel.ai/v1/tasks/runs";
const BODY = '{"input":"it\'s \\"so\\"","processor":"lite"}';
const INPUT = 'it\'s "so"';
const SHELL = BODY.replaceAll("'", "'\\''");
const ESCAPED = BODY.replaceAll("\\", "\\\\");
const POWER = BODY.replaceAll('"', '`"');
const CARETS =
  '^"^{^\\^"input^\\^":^\\^"it\'s ^\\^\\^\\^"so^\\^\\^\\^"^\\^",^\\^"processor^\\^":^\\^"lite^\\^"^}^"';

/** Texts that stand for the same request, and lose nothing of it. */
const READ: Readonly<Record<string, string>> = {
  "a line with a prompt": `$ curl ${API} -d '${SHELL}'`,
  "a prompt with user and host": `anna@box:~/work$ curl ${API} -d '${SHELL}'`,
  "a line before curl":
    `export PARALLEL_API_KEY=k\ncurl ${API} -H "x-api-key: $PARALLEL_API_KEY" -d '${SHELL}'`,
  "a comment before curl": `# create a task\ncurl ${API} -d '${SHELL}'`,
  "several prompts": `$ cd work\n$ curl ${API} \\\n  -d '${SHELL}'`,
  "fenced code": "Try this:\n\n```bash\ncurl " + API + " -d '" + SHELL + "'\n```\n\nand wait.",
  "fenced JSON": "```json\n" + BODY + "\n```",
  "a here-document": `curl ${API} -d @- <<'EOF'\n${BODY}\nEOF`,
  "a here-document with tabs": `curl ${API} --json @- <<-END\n\t${ESCAPED}\n\tEND\n`,
  "a here-document that is piped": `cat <<'EOF' | curl ${API} -d @-\n${BODY}\nEOF`,
  "a here-string": `curl ${API} -d @- <<< '${SHELL}'`,
  "a here-document in a substitution": `curl ${API} -d "$(cat <<'EOF'\n${BODY}\nEOF\n)"`,
  "echo and a pipe": `echo '${SHELL}' | curl -X POST ${API} --data-binary @-`,
  "a file that is written first":
    `cat > body.json <<'EOF'\n${BODY}\nEOF\ncurl ${API} -d @body.json`,
  "a variable that is set": `BODY='${SHELL}'\ncurl ${API} -d "$BODY"`,
  "what follows in a pipe": `curl -s ${API} -d '${SHELL}' | jq .run_id`,
  "letters together": `curl -sSLd '${SHELL}' ${API}`,
  "a header that looks like data": `curl ${API} -H '-d foo' -H 'a: --data x' -d '${SHELL}'`,
  "an ANSI quote with octal and wide escapes": String
    .raw`curl ${API} -d $'{"input":"it\047s \x5c"\U0000073o\x5c\u0022","processor":"lite"}'`,
  "a translated quote": `curl ${API} -d $"${BODY.replace(/[\\"]/g, "\\$&")}"`,
  "an ANSI quote": `curl ${API} --data-raw $'${ESCAPED.replaceAll("'", "\\'")}'`,
  "cmd.exe": `curl ^"https://x^" ^\r\n  --data-raw ${CARETS}`,
  "cmd.exe after a prompt": `C:\\Users\\a>curl ^"https://x^" ^\n -H ^"a: b^" --json ${CARETS}`,
  "cmd.exe with doubled quotes":
    `curl.exe ${API} -d "{""input"":""it's \\\\""so\\\\"""",""processor"":""lite""}"`,
  "PowerShell":
    `Invoke-WebRequest -UseBasicParsing -Uri "${API}" \`\n-Method "POST" \`\n-Body "${POWER}"`,
  "PowerShell in bytes":
    `Invoke-WebRequest -Uri "x" -Body ([System.Text.Encoding]::UTF8.GetBytes("${
      POWER.replace("'", "$([char]39)")
    }"))`,
  "PowerShell with a here-string":
    `$body = @'\n${BODY}\n'@\nInvoke-RestMethod ${API} -Method Post -Body $body`,
  "PowerShell with a table":
    `$body = @{\n  input = "it's \`"so\`""  # question\n  "processor" = 'lite'\n} | ConvertTo-Json\nirm ${API} -Body $body`,
  "PowerShell's curl.exe": `curl.exe ${API} \`\n  -H "content-type: application/json" \`\n  -d "${
    BODY.replaceAll("\\", "\\\\").replaceAll('"', '\\"')
  }"`,
  "fetch as copied":
    `fetch("${API}", {\n  "headers": {"content-type": "application/json"},\n  "body": ${
      JSON.stringify(BODY)
    },\n  "method": "POST",\n  "mode": "cors"\n});`,
  "fetch by hand":
    `const res = await fetch('${API}', {\n  method: 'POST',\n  headers: { 'x-api-key': process.env.KEY },\n  body: JSON.stringify({\n    input: 'it\\'s "so"', // the question\n    processor: "lite",\n  }),\n});`,
  "fetch with variables":
    `const question = \`it's "so"\`;\nconst processor = "lite";\nconst raw = JSON.stringify({ input: question, processor });\nfetch("x", { method: "POST", body: raw, redirect: "follow" });`,
  "axios":
    `axios.post("${API}", { input: 'it\\'s "so"', processor: 'lite' }, { headers: { 'x-api-key': key } })`,
  "axios as Postman writes it":
    `const axios = require('axios');\nlet data = JSON.stringify({\n  "input": "it's \\"so\\"",\n  "processor": "lite"\n});\nlet config = { method: 'post', url: '${API}', data : data };\naxios.request(config);`,
  "requests":
    `import requests\n\nr = requests.post(\n    "${API}",\n    headers={"x-api-key": os.environ["KEY"]},\n    json={"input": "it's \\"so\\"", "processor": "lite"},  # go\n)\nprint(r.json())`,
  "requests as Postman writes it":
    `import json\npayload = json.dumps({\n  "input": "it's \\"so\\"",\n  "processor": "lite"\n})\nresponse = requests.request("POST", url, headers=headers, data=payload)`,
  "requests with a text": `requests.post(url, data='''${ESCAPED}'''.encode())`,
  "requests with a raw text": `requests.post(url, data=r'''${BODY}''')`,
  "the Python SDK":
    `run = client.task_run.create(\n    input="it's " '"so"',\n    processor="lite",\n    task_spec=None,\n)`,
  "the Python SDK's classes":
    `client.task_run.create(input=("it's "\n    '"so"'), processor="lite", task_spec=TaskSpecParam(output_schema=AutoSchemaParam(type="auto")))`,
  "the TypeScript SDK":
    `const run = await client.taskRun.create({ input: 'it\\'s ' + '"so"', processor: "lite" }, { maxRetries: 0 });`,
  "HTTPie": `http POST ${API} x-api-key:$KEY input='it'\\''s "so"' processor=lite`,
  "HTTPie with JSON":
    `https api.parallel.ai/v1/tasks/runs input="it's \\"so\\"" processor=lite enable_events:=false 'task_spec:={"output_schema": {"type": "auto"}}'`,
  "HTTPie with members of members":
    `http ${API} 'input=it'\\''s "so"' processor=lite task_spec[output_schema][type]=auto`,
  "HTTPie with a pipe": `echo '${SHELL}' | http POST ${API} x-api-key:k`,
  "HTTPie with a raw body": `http --raw '${SHELL}' POST ${API}`,
  "wget": `wget -qO- --post-data='${SHELL}' --header='x-api-key: k' ${API}`,
  "a Postman collection": JSON.stringify({
    info: { name: "Tasks", schema: "https://schema.getpostman.com/json/collection/v2.1.0/" },
    item: [{
      name: "Folder",
      item: [{
        name: "Create",
        request: {
          method: "POST",
          url: { raw: "{{base}}/v1/tasks/runs" },
          body: { mode: "raw", raw: BODY.replace("lite", "{{size}}") },
        },
      }],
    }],
    variable: [{ key: "size", value: "lite" }],
  }),
  "a HAR file": JSON.stringify({
    log: { entries: [{ request: { postData: { mimeType: "application/json", text: BODY } } }] },
  }),
  "a request in a file for an editor":
    `POST ${API} HTTP/1.1\nx-api-key: {{key}}\ncontent-type: application/json\n\n${BODY}\n`,
  "Go":
    `body := []byte(\`${ESCAPED}\`)\nreq, _ := http.NewRequest("POST", url, bytes.NewBuffer(body))`,
  "PHP": `$body = json_encode(["input" => "it's \\"so\\"", "processor" => "lite"]);`,
  "PHP with a key that is no text":
    `$x = [1 => ["input" => "it's \\"so\\"", "processor" => "lite"]];`,
  "Ruby's keywords": `client.create(input: "it's \\"so\\"", processor: "lite")`,
  "a line of an exported history": JSON.stringify({
    run: { run_id: "trun_1", processor: "lite", input: JSON.parse(BODY), output: null },
  }),
  "Swift":
    `let body = ["input": "it's \\"so\\"", "processor": "lite", "task_spec": ["output_schema": ["type": "auto"]]] as [String: Any]`,
  "Groovy": `post(body: [input: 'it\\'s "so"', processor: 'lite'])`,
  "Rust": `let body = r#"${BODY}"#;\nclient.post(url).body(body)`,
  "Rust with a macro": `let body = json!({"input": "it's \\"so\\"", "processor": "lite"});`,
  "C#": `var body = @"${BODY.replaceAll('"', '""')}";`,
  "C# without a class":
    `var body = new { input = "it's \\"so\\"", processor = "lite", task_spec = new { output_schema = new { type = "auto" } } };`,
  "C# with a raw text": `var body = """\n${BODY}\n""";`,
  "a Lua table": `local body = { input = "it's \\"so\\"", processor = "lite" }`,
  "curl in PowerShell": `curl.exe -X POST ${API} -d '${
    ESCAPED.replaceAll('"', '\\"').replaceAll("'", "''")
  }'`.replace("it''s", "it\\u0027s"),
  "JSON as a text shows it": ESCAPED.replaceAll('"', '\\"'),
  "invisible characters around it": `\u200b\ufeffcurl ${API} -d '${SHELL}'\u200b\n`,
  "prose around JSON": `Please run ${BODY} for me.`,
};
for (const [name, text] of Object.entries(READ)) {
  Deno.test(`${name} is read completely`, () => {
    const pasted = readPaste(text, { keepHeaders: false });
    assert(pasted.ok, JSON.stringify(pasted));
    assertStrictEquals(pasted.values.input, INPUT);
    assertStrictEquals(pasted.values.processor, "lite");
    assertStrictEquals(pasted.values.output_type, "auto");
    assertEquals([pasted.leftOut, pasted.notes], [[], []]);
  });
}

/** Texts that are read in part: what is said of the rest. */
const IN_PART: readonly (readonly [string, string, RegExp])[] = [
  [
    "a shell variable in double quotes",
    `curl ${API} -d "{\\"input\\": \\"About $TOPIC\\", \\"processor\\": \\"lite\\"}"`,
    /\$TOPIC was left out/,
  ],
  [
    "a shell variable in a here-document",
    `curl ${API} -d @- <<EOF\n{"input": "About \${TOPIC}", "processor": "lite"}\nEOF`,
    /\$\{TOPIC\} was left out/,
  ],
  [
    "a substitution",
    `curl ${API} -d "{\\"input\\": \\"On $(date)\\", \\"processor\\": \\"lite\\"}"`,
    /\$\(date\)/,
  ],
  [
    "a second request",
    `curl ${API} -d '${SHELL}'\ncurl ${API} -d '${SHELL}'`,
    /Another request was left out/,
  ],
  [
    "a second command",
    `curl ${API} -d '${SHELL}'\ncurl ${API}/trun_1/result`,
    /Another command was left out/,
  ],
  [
    "several -d",
    `curl ${API} -d '{"input": "x",' -d '"processor": "lite"}'`,
    /parts of its body were joined/,
  ],
  ["a form", `curl ${API} -d input=What -d processor=lite`, /sends a form/],
  ["a form with parts", `curl ${API} -F 'input=What?' -F processor=lite`, /sends a form/],
  [
    "a variable of a program",
    `fetch(u, { body: JSON.stringify({ input: question, processor: "lite" }) })`,
    /question/,
  ],
  ["a call", `requests.post(u, json={"input": ask(), "processor": "lite"})`, /ask\(\)/],
  [
    "a template",
    "axios.post(u, { input: `About ${topic.name}`, processor: 'lite' })",
    /\$\{topic\.name\}/,
  ],
  [
    "an f-string",
    `requests.post(u, json={"input": f"About {topic}", "processor": "lite"})`,
    /\{topic\}/,
  ],
  ["spread members", `create({ ...defaults, input: "x", processor: "lite" })`, /defaults/],
  [
    "a Postman variable",
    JSON.stringify({
      item: [{ request: { body: { raw: '{"input":"About {{topic}}","processor":"lite"}' } } }],
    }),
    /\{\{topic\}\}/,
  ],
  [
    "a group",
    JSON.stringify({ inputs: [1, 2, 3].map((n) => ({ input: `${n}`, processor: "lite" })) }),
    /2 more requests were left out/,
  ],
  ["quotes that Word made", "{“input”: “it’s so”, “processor”: “lite”}", /curly/],
  ["quotes that a chat made", `curl ${API} -d ‘{“input”:“so”,“processor”:“lite”}’`, /curly/],
  ["an unknown processor", '{"input":"x","processor":"mega"}', /“mega” is not a known processor/],
  [
    "a PowerShell variable",
    `irm x -Body (@{ input = $question; processor = "lite" } | ConvertTo-Json)`,
    /\$question/,
  ],
  [
    "a name that stands twice in code",
    `create({ input: "a", processor: "lite", input: "b" })`,
    /“input” appears twice/,
  ],
];
for (const [name, text, expected] of IN_PART) {
  Deno.test(`${name} is reported as left out`, () => {
    const pasted = readPaste(text, { keepHeaders: false });
    assert(pasted.ok, JSON.stringify(pasted));
    assertMatch(pasted.notes.join(" "), expected);
  });
}

const schema = { type: "object", properties: { a: { type: "string" } } };
const LEFT_OUT: readonly (readonly [string, object, readonly string[]])[] = [
  ["a description beside a schema", {
    task_spec: { output_schema: { type: "json", json_schema: schema, description: "x" } },
  }, ["task_spec.output_schema.description"]],
  ["a member beside an automatic schema", {
    task_spec: { output_schema: { type: "auto", more: 1 } },
  }, ["task_spec.output_schema.more"]],
  ["a member of the task spec", { task_spec: { output_schema: "x", name: "n" } }, [
    "task_spec.name",
  ]],
  ["a member beside an input schema", {
    task_spec: { output_schema: "x", input_schema: { type: "text", description: "y", title: "t" } },
  }, ["task_spec.input_schema.title"]],
  ["an empty list of event types", { webhook: { url: "https://a.com/", event_types: [] } }, [
    "webhook.event_types",
  ]],
  ["a webhook's secret", { webhook: { url: "https://a.com", secret: "s" } }, ["webhook.secret"]],
  ["data sources", { advanced_settings: { data_sources: { free: ["a"] } } }, [
    "advanced_settings.data_sources",
  ]],
  ["nothing of the usual spellings", {
    task_spec: { output_schema: { json_schema: schema }, input_schema: "a name" },
    source_policy: { include_domains: ["Example.com", "example.com"], exclude_domains: [] },
    webhook: { url: "https://a.com", event_types: ["task_run.status"] },
    metadata: {},
    mcp_servers: [{ name: "d", url: "https://d.com", headers: { k: "v" }, allowed_tools: [] }],
    enable_events: null,
    previous_interaction_id: null,
  }, []],
];
for (const [name, more, expected] of LEFT_OUT) {
  Deno.test(`a paste reports what it leaves out: ${name}`, () => {
    const text = JSON.stringify({ input: " x\n", processor: "base", ...more });
    for (const keepHeaders of [true, false]) {
      const pasted = readPaste(text, { keepHeaders });
      assert(pasted.ok, JSON.stringify(pasted));
      assertEquals(pasted.leftOut, expected);
    }
  });
}

Deno.test("numbers keep their digits in every pasted format", () => {
  const body = '{"input":{"id":1234567890123456789},"processor":"lite"}';
  for (
    const text of [
      body,
      `curl x -d '${body}'`,
      `fetch(u, { body: ${JSON.stringify(body)} })`,
      `create({ input: { id: 1234567890123456789 }, processor: "lite" })`,
      `create({ input: { id: 1_234_567_890_123_456_789n }, processor: "lite" })`,
      `create(input={"id": 1234567890123456789}, processor="lite")`,
      `create({ input: { id: JSON.rawJSON("1234567890123456789") }, processor: "lite" })`,
      `create(input={"id": 0x112210F47DE98115}, processor="lite")`,
      `http POST x processor=lite input:='{"id": 1234567890123456789}'`,
      `http POST x processor=lite 'input[id]:=1234567890123456789'`,
      `curl x -d processor=lite -d 'input={"id":1234567890123456789}'`,
    ]
  ) {
    const pasted = readPaste(text, { keepHeaders: false });
    assert(pasted.ok, text);
    assertMatch(pasted.values.input, /"id": 1234567890123456789\n/);
  }
});

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  [
    "a name that stands twice",
    '{"input":"a","input":"b","processor":"lite"}',
    /"input" appears twice/,
  ],
  [
    "a name that stands twice in a command",
    `curl x -d '{"input":"a","input":"b","processor":"lite"}'`,
    /appears twice/,
  ],
  ["YAML", "input: What?\nprocessor: lite\n", /^This is YAML/],
  ["a file", "curl x -d @body.json", /from a file: paste that text$/],
  ["an input that is not there", "curl x -d @-", /from its input/],
  ["a body of another API", `fetch(u, { body: JSON.stringify({ q: 1 }) })`, /not JSON, a command/],
  ["a very long text", "x".repeat(600_000), /more than 200000 characters/],
  [
    "a Postman body that variables break",
    JSON.stringify({
      item: [{ request: { body: { raw: '{"input":{{q}},"processor":"lite"}' } } }],
    }),
    /only with the values of \{\{q\}\}/,
  ],
];
for (const [name, text, why] of REFUSED) {
  Deno.test(`a paste of ${name} is rejected with one sentence`, () => {
    const pasted = readPaste(text, { keepHeaders: false });
    assert(!pasted.ok, JSON.stringify(pasted));
    assertMatch(pasted.why, why);
  });
}

const long = (text: string) => text.repeat(Math.floor(190_000 / text.length));
const HOSTILE: Readonly<Record<string, string>> = {
  braces: long("{"),
  brackets: long("[{a:["),
  calls: long("{a:f({"),
  quotes: long("\"'`"),
  carets: `curl ^"${long('^\\^"')}`,
  substitutions: `curl -d "${long("$(`")}`,
  parentheses: `curl -d "${long("$(")}`,
  "here-documents": long("cat <<E | curl -d @-\n"),
  backticks: `Invoke-WebRequest ${long('`"')}`,
  tables: `ConvertTo-Json ${long("@{a=")}`,
  assignments: long("a={b:a,"),
  "PowerShell texts": `irm ${long('"')}`,
  fences: long("```\n"),
  prompts: long("$ "),
  comments: long("/* "),
  backslashes: `curl.exe "${long("\\")}`,
  ticks: long("`"),
  tildes: long("~"),
  "spaces inside": `a${long(" ")}a`,
  "lines of carriage returns": long("~~~\r"),
  "folders of carriage returns": `curl ^"${long("\rA:\\")}`,
  "escaped quotes": long('\\"'),
  "a prompt without an end": `a@${long("a")}`,
  "unclosed substitutions of PowerShell": `ConvertTo-Json @{a="${long("$(")}"}`,
  "quotes after a string": `f("a${long('"')}a)`,
  "commands in substitutions": long("$(curl "),
  "commands in an argument": `bash -c "${long("curl x ")}"`,
  "variables of cmd.exe": `curl "{\\"${long("%a")}`,
  "bodies with comments": JSON.stringify({ a: `{"input"${long('"\\')}` }),
  "typed lists": long("[]a{"),
  "expressions": `<?php "${long("{$a")}`,
  "line ends in a substitution": `curl -d "$(echo 'a${long("\n")}a')"`,
};
for (const [name, text] of Object.entries(HOSTILE)) {
  Deno.test(`reading a long text of ${name} terminates`, () => {
    const ms = timeOf(() => void readPaste(text, { keepHeaders: false }));
    assert(ms < 10_000, `${ms} ms`);
  });
}
