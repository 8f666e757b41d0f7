/** Pastes of real programs and shells: read in full, or with a sentence about each value that is missing. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { readPaste } from "../../lib/tasks/paste/mod.ts";
import type { TaskFormValues } from "../../lib/tasks/fields/mod.ts";

const API = "https://api.parallel.ai/v1/tasks/runs";
const BODY = '{"input":"Ports","processor":"lite"}';
const CURL = `curl ${API} -d '${BODY}'`;

/** Read without a loss; with the form's values besides the input "Ports" and the processor lite. */
const WHOLE: Readonly<Record<string, string | readonly [string, Partial<TaskFormValues>]>> = {
  "jq in a pipe": `jq -n --arg q Ports '{input: $q, processor: "lite"}' | curl ${API} -d @-`,
  "jq in a substitution":
    `curl ${API} -d "$(jq -nc --arg q Ports '{input: $q, processor: "lite"}')"`,
  "jq with JSON": [
    `jq -n --argjson m '{"a":1}' '{input:"Ports",processor:"lite",metadata:$m}' | curl u --json @-`,
    { metadata: '{\n  "a": 1\n}' },
  ],
  "a pipe at the end of its line": `printf '%s' '${BODY}' |\n  curl ${API} -d @-`,
  "a command in a shell's argument": `bash -c "curl ${API} -d '${BODY.replaceAll('"', '\\"')}'"`,
  "a command for another host": `ssh box '${CURL.replaceAll("'", `'\\''`)}'`,
  "a line of a makefile": `run:\n\t@${CURL}`,
  "code between backticks": `\`${CURL}\``,
  "HTML's entities": CURL.replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
  "HTTPie's list items": [
    `http ${API} input=Ports processor=lite source_policy[include_domains][]=a.com source_policy[include_domains][]=b.org`,
    { include_domains: "a.com\nb.org" },
  ],
  "HTTPie's numbered items": [
    `http ${API} input=Ports processor=lite source_policy[include_domains][0]=a.com`,
    { include_domains: "a.com" },
  ],
  "a variable of cmd.exe":
    `set Q=Ports\ncurl ${API} -d "{\\"input\\":\\"%Q%\\",\\"processor\\":\\"lite\\"}"`,
  "text that PowerShell joins":
    `$q = 'Ports'\nirm u -Method Post -Body ('{"input":"' + $q + '","processor":"lite"}')`,
  "members that PowerShell sets": [
    `$b = @{ input = 'Ports'; processor = 'lite' }\n$b.metadata = @{ a = 'b' }\n$b['enable_events'] = $true\n$b.Add('previous_interaction_id', 'trun_1')\nirm u -Body ($b | ConvertTo-Json)`,
    {
      metadata: '{\n  "a": "b"\n}',
      enable_events: "on",
      previous_interaction_id: "trun_1",
    },
  ],
  "PowerShell's list without brackets": [
    `irm u -Body (@{ input = 'Ports'; processor = 'lite'; source_policy = @{ include_domains = 'a.com', 'b.org' } } | ConvertTo-Json)`,
    { include_domains: "a.com\nb.org" },
  ],
  "Python that sets members": [
    `payload = {"input": "Ports", "processor": "lite"}\npayload["metadata"] = {"a": "b"}\npayload.update({"enable_events": True})\nrequests.post(u, json=payload)`,
    { metadata: '{\n  "a": "b"\n}', enable_events: "on" },
  ],
  "Python that begins with nothing": [
    `p = {}\np["input"] = "Ports"\np["processor"] = "lite"\np["task_spec"] = {"output_schema": {"type": "text"}}\np["task_spec"]["output_schema"]["description"] = "short"`,
    { output_type: "text", text_description: "short" },
  ],
  "JavaScript that sets members": [
    `const body = { input: "Ports", processor: "base" };\nbody.processor = "lite";\nObject.assign(body, { metadata: { a: "b" } });`,
    { metadata: '{\n  "a": "b"\n}' },
  ],
  "Java that puts members":
    `JSONObject body = new JSONObject();\nbody.put("input", "Ports");\nbody.put("processor", "lite");`,
  "Java that joins text": String.raw`String b = "{\"input\":\"Ports\"," +` + "\n" +
    String.raw`  "\"processor\":\"lite\"}";`,
  "Java's Map.of": `var body = Map.of("input", "Ports", "processor", "lite");`,
  "Rust that inserts members":
    `let mut b = HashMap::new();\nb.insert("input", "Ports");\nb.insert("processor", "lite");`,
  "maps in a map of Go": [
    `b := map[string]any{"input": "Ports", "processor": "lite", "source_policy": map[string][]string{"include_domains": {"a.com", "b.org"}}, "task_spec": map[string]interface{}{"output_schema": map[string]any{"type": "text", "description": "d"}}}`,
    { include_domains: "a.com\nb.org", output_type: "text", text_description: "d" },
  ],
  "structs of Go": [
    `r := TaskRun{\n\tInput: "Ports",\n\tProcessor: "lite",\n\tTaskSpec: &TaskSpec{OutputSchema: Schema{Type: "text", Description: "d"}},\n\tMetadata: map[string]string{"TeamName": "x"},\n}`,
    { output_type: "text", text_description: "d", metadata: '{\n  "TeamName": "x"\n}' },
  ],
  "a variable of Go": `q := "Ports"\nb := map[string]any{"input": q, "processor": "lite"}`,
  "a class of C#": [
    `var r = new TaskRun { Input = "Ports", Processor = "lite", SourcePolicy = new SourcePolicy { IncludeDomains = new[] { "a.com" } } };`,
    { include_domains: "a.com" },
  ],
  "a dictionary of C#":
    `var d = new Dictionary<string, object> { { "input", "Ports" }, { "processor", "lite" } };`,
  "Kotlin's pairs": [
    `val b = mapOf("input" to "Ports", "processor" to "lite", "source_policy" to mapOf("include_domains" to listOf("a.com")))`,
    { include_domains: "a.com" },
  ],
  "symbols of Ruby": `request.body = JSON.dump({ :input => "Ports", "processor" => "lite" })`,
  "a variable of PHP": `<?php\n$q = "Ports";\n$d = ['input' => "$q", 'processor' => 'lite'];`,
  "types of TypeScript":
    `const q: string = "Ports";\nconst b: TaskRunInput = { input: q, processor: "lite" };`,
  "minified code": [
    `fetch("u",{method:"POST",body:JSON.stringify({input:"Ports",processor:"lite",enable_events:!0})})`,
    { enable_events: "on" },
  ],
  "a Postman body with comments": JSON.stringify({
    item: [{
      request: {
        body: { mode: "raw", raw: `{ // q\n "input":"Ports", "processor":"lite"}` },
      },
    }],
  }),
};
for (const [name, given] of Object.entries(WHOLE)) {
  const [text, more] = typeof given === "string" ? [given, {}] : given;
  Deno.test(`${name} is read in full`, () => {
    const pasted = readPaste(text, { keepHeaders: true });
    assert(pasted.ok, JSON.stringify(pasted));
    const expected = { input: "Ports", processor: "lite", ...more };
    const { values } = pasted;
    assertEquals(
      Object.fromEntries(
        Object.keys(expected).map((name) => [name, values[name as keyof TaskFormValues]]),
      ),
      expected,
    );
    assertEquals([pasted.leftOut, pasted.notes], [[], []]);
  });
}

const missing = (name: string) => `${name} was left out: your paste does not contain its value.`;
const ANOTHER = "Another request was left out. Only the first one was read.";
const FORM = "It sends a form, but the API takes JSON. Its fields were converted.";

/** Read with these notes, and nothing else. */
const NOTED: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "a request whose answer is polled": [
    `RUN=$(${CURL} | jq -r .run_id)\ncurl ${API}/$RUN/result`,
    "Another command was left out. Only the one that sends a task was read.",
  ],
  "a variable of curl": [
    `curl --expand-data '{"input":"{{Q}}","processor":"lite"}' u`,
    missing("{{Q}}"),
  ],
  "a variable of an editor": [
    `POST ${API}\n\n{"input":"About {{ city }}","processor":"lite"}`,
    missing("{{ city }}"),
  ],
  "a variable of a workflow": [
    `curl u -d '{"input":"\${{ inputs.q }}","processor":"lite"}'`,
    missing("${{ inputs.q }}"),
  ],
  "a variable of n8n": [
    JSON.stringify({
      nodes: [{ parameters: { jsonBody: '={"input":"{{ $json.q }}","processor":"lite"}' } }],
    }),
    missing("{{ $json.q }}"),
  ],
  "an unknown variable of cmd.exe": [
    String.raw`curl u -d "{\"input\":\"About %CITY%\",\"processor\":\"lite\"}"`,
    missing("%CITY%"),
  ],
  "an item of xargs": [
    `cat q | xargs -I{} curl u -d '{"input":"{}","processor":"lite"}'`,
    missing("{}"),
  ],
  "Go's Sprintf": [
    'body := fmt.Sprintf(`{"input": "%s", "processor": "lite"}`, q)',
    missing("%s"),
  ],
  "Python's percent": [
    `data = '{"input": "%s", "processor": "lite"}' % q`,
    "The program changes this text, which was left out: % q",
  ],
  "a replacement": [
    `d = '{"input": "CITY", "processor": "lite"}'.replace("CITY", q)`,
    'The program changes this text, which was left out: .replace("CITY", q)',
  ],
  "a replacement of PowerShell": [
    `irm u -Body ('{"input":"CITY","processor":"lite"}' -replace 'CITY',$q)`,
    "The program changes this text, which was left out: -replace 'CITY',$q)",
  ],
  "Kotlin's template": [
    `fun run(q: String) { val b = """{"input":"$q","processor":"lite"}""" }`,
    missing("$q"),
  ],
  "Swift's template": [
    String.raw`let b = "{\"input\":\"\(q)\",\"processor\":\"lite\"}"`,
    missing("\\(q)"),
  ],
  "Ruby's template": [`{ input: "On #{q}", processor: "lite" }.to_json`, missing("#{q}")],
  "PHP's template": [
    `function run($q) { return ['input' => "On $q", 'processor' => 'lite']; }`,
    missing("$q"),
  ],
  "C#'s template": [
    String.raw`var b = $"{{\"input\":\"{q}\",\"processor\":\"lite\"}}";`,
    missing("{q}"),
  ],
  "JSON inside a template": [
    '`{"input": ${JSON.stringify(q)}, "processor": "lite"}`;',
    missing("${JSON.stringify(q)}"),
  ],
  "a form of Postman": [
    JSON.stringify({
      item: [{
        request: {
          body: {
            mode: "urlencoded",
            urlencoded: [{ key: "input", value: "x" }, { key: "processor", value: "lite" }],
          },
        },
      }],
    }),
    FORM,
  ],
  "the parts of a form with types": [
    `curl u -F input=x -F processor=lite -F 'metadata={"a":"b"};type=application/json'`,
    FORM,
  ],
  "code beside a command": [
    `requests.post(u, json={"input": "a", "processor": "lite"})\n\n${CURL}`,
    ANOTHER,
  ],
};
for (const [name, [text, ...notes]] of Object.entries(NOTED)) {
  Deno.test(`${name} is read with a note`, () => {
    const pasted = readPaste(text, { keepHeaders: true });
    assert(pasted.ok, JSON.stringify(pasted));
    assertStrictEquals(pasted.values.processor, "lite");
    assertEquals([pasted.leftOut, pasted.notes], [[], notes]);
  });
}

Deno.test("a dollar sign and braces are text where no program fills them in", () => {
  for (
    const [text, input] of [
      ['{"input":"a {{b}} $c #{d}","processor":"lite"}', "a {{b}} $c #{d}"],
      [`create({ input: "costs $5 or $price", processor: "lite" })`, "costs $5 or $price"],
      [`curl u -d '{"input":"100% of %20","processor":"lite"}'`, "100% of %20"],
    ] as const
  ) {
    const pasted = readPaste(text, { keepHeaders: true });
    assert(pasted.ok, text);
    assertEquals([pasted.values.input, pasted.notes], [input, []]);
  }
});

const FROM_FILE = /^This command reads its body from a file: paste that text$/;
const REFUSED: Readonly<Record<string, readonly [string, RegExp]>> = {
  "a value from a file": ["curl u --data-urlencode input@q.txt -d processor=lite", FROM_FILE],
  "a part from a file": ["curl u -F 'input=<q.txt' -F processor=lite", FROM_FILE],
  "an upload": ["curl -T body.json u", FROM_FILE],
  "wget's file": ["wget --post-file=body.json u", FROM_FILE],
  "a file of PowerShell": ["Invoke-RestMethod u -Method Post -InFile body.json", FROM_FILE],
  "a file in a pipe": [
    "cat body.json | http POST u",
    /^This command reads its body from its input/,
  ],
  "a body that a command computes": [
    `curl u -d "$(python make.py)"`,
    /^This command computes its body with \$\(python make\.py\): paste that text$/,
  ],
  "a change that jq makes": [
    `jq -n '{input:"a",processor:"lite"} | .input = "b"' | curl u -d @-`,
    /^This command reads its body from its input/,
  ],
  "an address": [`${API}/trun_1`, /^This is an address/],
  "a request without a processor": [
    `requests.post(u, json={"input": "Ports"})`,
    /^This names no processor/,
  ],
  "a language that is not read": [
    `(post u {:body (write-str {:input "Ports" :processor "lite"})})`,
    /^This has “input” and “processor” in a form that cannot be read: paste the request as JSON$/,
  ],
};
for (const [name, [text, why]] of Object.entries(REFUSED)) {
  Deno.test(`${name} is refused with a sentence that names it`, () => {
    for (const keepHeaders of [true, false]) {
      const pasted = readPaste(text, { keepHeaders });
      assert(!pasted.ok, JSON.stringify(pasted));
      assertMatch(pasted.why, why);
    }
  });
}
