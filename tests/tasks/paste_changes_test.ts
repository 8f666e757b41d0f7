/** Pastes whose program, shell or page changes the request after it was written. */
import { assert, assertEquals } from "@std/assert";
import { readPaste } from "../../lib/tasks/paste/mod.ts";

const left = (expression: string) =>
  `${expression} was left out: your paste does not contain its value.`;
const changed = (change: string) =>
  `The program changes this request, which was left out: ${change}`;
const ANOTHER = "Another request was left out. Only the first one was read.";
const CURLY = "Its curly quotation marks were read as straight ones.";
const BODY = '{"input":"Ports","processor":"lite"}';
const METADATA = '{\n  "a": "b"\n}';

interface Expected {
  readonly input?: string;
  readonly metadata?: string;
  readonly domains?: string;
  readonly notes?: readonly string[];
}

const PY = 'b = {"input": "Ports", "processor": "lite"}\n';
const PY_WITH = 'b = {"input": "Ports", "processor": "lite", "metadata": {"a": "b"}}\n';
const PY_DOMAINS =
  'b = {"input": "Ports", "processor": "lite", "source_policy": {"include_domains": ["a.com"]}}\n';
const JS_WITH = 'const b = { input: "Ports", processor: "lite", metadata: { a: "b" } };\n';

const CASES: Readonly<Record<string, readonly [string, Expected?]>> = {
  "text that Python appends": [`q = "Po"\nq += "rts"\nc.create(input=q, processor="lite")`],
  "text that PHP appends": [
    `<?php $q = 'Po'; $q .= 'rts'; $b = ['input' => $q, 'processor' => 'lite'];`,
  ],
  "text of a member that is appended": [`${PY}b["input"] += " of Oslo"`, {
    input: "Ports of Oslo",
  }],
  "an unknown text that is appended": [
    `let q = "Ports";\nq += city;\ncreate({ input: q, processor: "lite" })`,
    { input: "", notes: [left("q += city")] },
  ],
  "a default that is not needed": [
    `let q = "Ports";\nq ??= "Docks";\ncreate({ input: q, processor: "lite" })`,
  ],
  "a dictionary that is merged": [`${PY}b |= {"metadata": {"a": "b"}}`, { metadata: METADATA }],
  "a member with a default": [`${PY}b.setdefault("metadata", {"a": "b"})`, { metadata: METADATA }],
  "a default of a member that is set": [`${PY_WITH}b.setdefault("metadata", {"c": "d"})`, {
    metadata: METADATA,
  }],
  "a deleted member": [`${PY_WITH}del b["metadata"]`],
  "a deleted property": [`${JS_WITH}delete b.metadata;\nfetch(u, { body: JSON.stringify(b) })`],
  "a member that a condition sets": [
    `const b = { input: "Ports", processor: "lite" };\nif (deep) {\n  b.processor = "ultra";\n}\nsend(JSON.stringify(b))`,
    { notes: [changed('b.processor = "ultra"')] },
  ],
  "a condition on the same line": [
    `const b = { input: "Ports", processor: "lite" };\nif (deep) b.processor = "ultra";\nsend(b)`,
    { notes: [changed('b.processor = "ultra"')] },
  ],
  "a condition without a keyword": [
    `const b = { input: "Ports", processor: "lite" };\ndeep && (b.processor = "ultra");\nsend(b)`,
    { notes: [changed('b.processor = "ultra"')] },
  ],
  "members that Python sets either way": [
    `${PY}if deep:\n    b["metadata"] = {"a": "b"}\nelse:\n    b.update({"metadata": {"c": "d"}})\npost(u, json=b)`,
    {
      notes: [changed('b["metadata"] = {"a": "b"}'), changed('b.update({"metadata": {"c": "d"}})')],
    },
  ],
  "a member that a condition removes": [`${JS_WITH}if (bare) delete b.metadata;\nsend(b)`, {
    metadata: METADATA,
    notes: [changed("delete b.metadata")],
  }],
  "a text that a condition changes": [
    `q = "Ports"\nif deep:\n    q = "Docks"\nc.create(input=q, processor="lite")`,
    { input: "", notes: [left("q")] },
  ],
  "a condition around everything": [
    `if (ready) {\n  const b = { input: "x", processor: "lite" };\n  b.input = "Ports";\n  send(b);\n}`,
  ],
  "conditions that hold": [
    `${PY}if __name__ == "__main__":\n    b["metadata"] = {"a": "b"}\n    post(u, json=b)`,
    { metadata: METADATA },
  ],
  "a member that was missing": [
    `${PY}if not b.get("metadata"):\n    b["metadata"] = {}\nb["metadata"]["a"] = "b"`,
    { metadata: METADATA },
  ],
  "names of the members to send": [`${JS_WITH}send(JSON.stringify(b, ["input", "processor"]))`, {
    metadata: METADATA,
    notes: [changed('JSON.stringify(b, ["input", "processor"])')],
  }],
  "names beside the request itself": [
    `send(JSON.stringify({ input: "Ports", processor: "lite" }, NAMES))`,
    { notes: [changed('JSON.stringify({ input: "Ports", processor: "lite" }, NAMES)')] },
  ],
  "a variable with picked members": [
    `const b = { input: "Ports", processor: "lite" };\nconst raw = JSON.stringify(b, pick);\nsend(raw)`,
    { notes: [changed("JSON.stringify(b, pick)")] },
  ],
  "an indentation of the text": [
    `send(JSON.stringify({ input: "Ports", processor: "lite" }, null, 2))`,
  ],
  "a popped member": [`${PY_WITH}b.pop("metadata", None)`],
  "a member that PHP unsets": [
    `<?php $b = ['input' => 'Ports', 'processor' => 'lite', 'metadata' => ['a' => 'b']];\nunset($b['metadata']);`,
  ],
  "an item that is appended": [
    `${PY_DOMAINS}b["source_policy"]["include_domains"].append("b.org")`,
    { domains: "a.com\nb.org" },
  ],
  "an item that a variable gets first": [
    `const d = [];\nd.push("a.com");\nd.push("b.org");\ncreate({ input: "Ports", processor: "lite", source_policy: { include_domains: d } })`,
    { domains: "a.com\nb.org" },
  ],
  "an item that a variable gets afterwards": [
    `d = ["a.com"]\nb = {"input": "Ports", "processor": "lite", "source_policy": {"include_domains": d}}\nd.append("b.org")`,
    { domains: "a.com\nb.org" },
  ],
  "items that are added": [
    `${PY_DOMAINS}b["source_policy"]["include_domains"].extend(more)`,
    {
      domains: "a.com",
      notes: [changed('b["source_policy"]["include_domains"].extend(more)')],
    },
  ],
  "members that a call removes": [`${PY_WITH}b.clear()`, {
    metadata: METADATA,
    notes: [changed("b.clear()")],
  }],
  "a request made from another": [
    `const b = { input: "Docks", processor: "lite" };\nconst c = { ...b, input: "Ports" };`,
  ],
  "a variable that gets a larger request": [
    `let b = { input: "Ports", processor: "lite" };\nb = { ...b, metadata: { a: "b" } };`,
    { metadata: METADATA },
  ],
  "an argument of a shell": [
    `curl u -d '{"input":"'"$1"'","processor":"lite"}'`,
    { input: "$1", notes: [left("$1")] },
  ],
  "all arguments of a shell": [
    `curl u -d "{\\"input\\":\\"$*\\",\\"processor\\":\\"lite\\"}"`,
    { input: "$*", notes: [left("$*")] },
  ],
  "a text that printf fills in": [
    `printf '{"input":"%s","processor":"%s"}\\n' Ports lite | curl u -d @-`,
  ],
  "a text that printf fills in with a variable": [
    `curl u -d "$(printf '{"input":"%s","processor":"lite"}' "$Q")"`,
    { input: "$Q", notes: [left("$Q")] },
  ],
  "a session of Python": [
    `>>> c.create(\n...     input="Ports",\n...     processor="lite",\n... )\nTaskRun(run_id='trun_1')`,
  ],
  "a session of IPython": [
    `In [3]: c.create(\n   ...:     input="Ports",\n   ...:     processor="lite",\n   ...: )\nOut[3]: TaskRun()`,
  ],
  "a notebook": [JSON.stringify({
    cells: [
      { cell_type: "markdown", source: ["# input and processor"] },
      { cell_type: "code", source: ["c.create(\n", '  input="Ports",\n', '  processor="lite")'] },
    ],
    nbformat: 4,
  })],
  "a command over several lines of a terminal": [
    `$ curl u \\\n>   -d '{"input":"Ports",\n>   "processor":"lite"}'\n{"run_id":"trun_1"}`,
  ],
  "lines with numbers": [`1  {\n2    "input": "Ports",\n3    "processor": "lite"\n4  }`],
  "lines with numbers and bars": [
    `  9 | c.create(\n 10 |     input="Ports",\n 11 |     processor="lite",\n 12 | )`,
  ],
  "added lines of a diff": [`+{\n+  "input": "Ports",\n+  "processor": "lite"\n+}`],
  "a command from a chat, with an apostrophe in its text": [
    `curl u \\\n  -H “a: b” \\\n  -d ‘{“input”: “What’s new”, “processor”: “lite”}’`,
    { input: "What’s new", notes: [CURLY] },
  ],
  "JSON from a word processor, with quotes in its text": [
    `{“input”: “The ‘best’ ports”, “processor”: “lite”}`,
    { input: "The ‘best’ ports", notes: [CURLY] },
  ],
  "code from a word processor, with both kinds of quotes": [
    `create({ input: ‘Ports’, processor: “lite” })`,
    { notes: [CURLY] },
  ],
  "quoted lines of a mail": [`> c.create(\n>   input="Ports",\n>   processor="lite")`],
};
for (const [name, [text, { notes = [], ...expected } = {}]] of Object.entries(CASES)) {
  Deno.test(`${name}: the paste is filled as it would be sent, or says what is missing`, () => {
    const pasted = readPaste(text, { keepHeaders: true });
    assert(pasted.ok, JSON.stringify(pasted));
    const { input, processor, metadata, include_domains: domains } = pasted.values;
    assertEquals({ input, processor, metadata, domains, notes: pasted.notes }, {
      input: "Ports",
      processor: "lite",
      metadata: "",
      domains: "",
      notes,
      ...expected,
    });
    assertEquals(pasted.leftOut, []);
  });
}

Deno.test("reading long texts of changes terminates", () => {
  for (const piece of ["a=[];a.push(", "b.pop(", "a+=", ">>> a\n", "1 {\n", "del a["]) {
    readPaste(`let a = ${BODY};` + piece.repeat(190_000 / piece.length), { keepHeaders: false });
  }
});

const BASE = `{"input": "a", "processor": "lite"}`;
const MADE_OF_BASE = [
  ["JavaScript's spread", `const b = ${BASE};\nclient.taskRun.create({...b, input: "x"});`],
  ["Object.assign", `const b = ${BASE};\ncreate(Object.assign({}, b, {input: "x"}));`],
  ["Python's **", `b = ${BASE}\nclient.task_run.create(**{**b, "input": "x"})`],
  ["Python's |", `b = ${BASE}\nclient.task_run.create(**(b | {"input": "x"}))`],
  ["Python's dict()", `b = ${BASE}\nclient.task_run.create(**dict(b, input="x"))`],
] as const;

for (const [name, text] of MADE_OF_BASE) {
  Deno.test(`a request that is made from another by ${name} is one request`, () => {
    const read = readPaste(text, { keepHeaders: false });
    assert(read.ok);
    assertEquals([read.values.input, read.values.processor, read.notes], ["x", "lite", []]);
  });
}

Deno.test("a request that is sent itself is told of, although another is made from it", () => {
  const text = `const b = ${BASE};\nawait create(b);\nawait create({...b, input: "x"});`;
  const read = readPaste(text, { keepHeaders: false });
  assert(read.ok);
  assertEquals(read.notes, [ANOTHER]);
});

Deno.test("a dictionary that is merged with one from elsewhere keeps its members, and says what is missing", () => {
  const text = `c.create(**({"input": "x", "processor": "lite"} | extra))`;
  const read = readPaste(text, { keepHeaders: false });
  assert(read.ok);
  assertEquals(read.values.input, "x");
  assertEquals(read.notes, ["extra was left out: your paste does not contain its value."]);
});
