/** Pastes of programs with functions, conversions and names of their own. */
import { assert, assertEquals } from "@std/assert";
import { readPaste } from "../../lib/tasks/paste/mod.ts";

const left = (expression: string) =>
  `${expression} was left out: your paste does not contain its value.`;
const own = (name: string) =>
  `Your paste has its own “${name}”, which was not run: what it sends may be different.`;
const BODY = '{ "input": "Ports", "processor": "lite" }';

interface Expected {
  readonly input?: string;
  readonly metadata?: string;
  readonly notes?: readonly string[];
}

const CASES: Readonly<Record<string, readonly [string, Expected?]>> = {
  // Texts.
  "a text without its margin": [
    `c.create(input=textwrap.dedent("""\\\n    Ports\n      - large\n\n    - small\n    """), processor="lite")`,
    { input: "Ports\n  - large\n\n- small\n" },
  ],
  "a text whose lines have no margin in common": [
    `c.create(input=dedent("""Ports\n    - large"""), processor="lite")`,
    { input: "Ports\n    - large" },
  ],
  // Backslashes.
  "an escape that Python does not have": [
    String.raw`c.create(input="Ports \d+ \[a\]", processor="lite")`,
    { input: String.raw`Ports \d+ \[a\]` },
  ],
  "an escape that JavaScript does not have": [
    String.raw`c.create({ input: "P\orts", processor: "lite" })`,
  ],
  "characters by their codes": [
    String.raw`c.create(input="\x50\157rts \U0001F6A2\u4e2d", processor="lite")`,
    { input: "Ports 🚢中" },
  ],
  "a character by its name": [
    String.raw`c.create(input="Ports \N{BULLET}", processor="lite")`,
    { input: String.raw`Ports \N{BULLET}`, notes: [left(String.raw`\N{BULLET}`)] },
  ],
  "PHP's single quotes": [
    String.raw`$b = ['input' => 'C:\new \'a\'', 'processor' => 'lite'];`,
    { input: String.raw`C:\new 'a'` },
  ],
  "Ruby's single quotes": [
    String.raw`client.create(input: 'C:\new', processor: 'lite')`,
    { input: String.raw`C:\new` },
  ],
  "Ruby's text with a variable": [
    `q = "Ports"\nbody = <<~JSON\n  {"input":"#{q}","processor":"lite"}\nJSON`,
  ],
  "a line that Rust joins": [
    `let b = json!({"input": "Ports \\\n      and docks", "processor": "lite"});`,
    { input: "Ports and docks" },
  ],
  "Java's text block": [
    `String q = """\n    Ports\n      - large \\\n    or small\n    """;\nvar b = Map.of("input", q, "processor", "lite");`,
    { input: "\nPorts\n  - large or small\n" },
  ],
  "Kotlin's margins": [
    `val q = """\n    Ports\n      - large\n""".trimIndent()\nval b = mapOf("input" to q, "processor" to "lite")`,
    { input: "\nPorts\n  - large\n" },
  ],
  "Python's text with its margin": [
    `q = """\n    Ports\n      - large"""\nc.create(input=q, processor="lite")`,
    { input: "\n    Ports\n      - large" },
  ],
  // Functions.
  "members of a known object": [
    `base = {"processor": "lite"}\nc.create(**base, input="Ports")`,
  ],
  "a command that is commented out": [
    `# curl u -d '{"input":"Docks","processor":"base"}'\ncurl u -d '${BODY}'`,
  ],
  "a default that no call replaces": [
    `function run(q = "Ports") { return c.create({ input: q, processor: "lite" }); }\nrun();`,
  ],
  "a default that a call replaces": [
    `function run(q = "Docks") { return c.create({ input: q, processor: "lite" }); }\nrun("Ports");`,
  ],
  "a parameter of an arrow function": [
    `const run = async (q: string) => {\n  await c.create({ input: q, processor: "lite" });\n};\nawait run("Ports");`,
  ],
  "a keyword of a call": [
    `def run(a, q="Docks"):\n    c.create(input=q, processor="lite")\n\nrun(1, q="Ports")`,
  ],
  "a parameter that calls give different values": [
    `def run(q="Docks"):\n    c.create(input=q, processor="lite")\n\nrun("Ports")\nrun("Rivers")`,
    { input: "", notes: [left("q")] },
  ],
  "a default that one of two calls replaces": [
    `def run(q="Docks"):\n    c.create(input=q, processor="lite")\n\nrun()\nrun("Rivers")`,
    { input: "", notes: [left("q")] },
  ],
  "a parameter whose value is computed": [
    `def run(q="Docks"):\n    c.create(input=q, processor="lite")\n\nrun(ask())`,
    { input: "", notes: [left("ask()")] },
  ],
  "a recursive function": [
    `def run(q="Ports"):\n    c.create(input=q, processor="lite")\n    run(q)\n\nrun()`,
    { input: "", notes: [left("q")] },
  ],
  "a method that is called like a function": [
    `def create(q="Ports"):\n    return c.create(input=q, processor="lite")\n\ncreate()`,
  ],
  // Conversions.
  "numbers that are converted": [
    `c.create(input="Ports", processor="lite", metadata={"a": int("5"), "b": float("1.5"), "c": str(7)})`,
    { metadata: '{"a":5,"b":1.5,"c":"7"}' },
  ],
  "booleans that are converted": [
    `c.create(input="Ports", processor="lite", metadata={"a": str(True)})`,
    { metadata: '{"a":"True"}' },
  ],
  "a number that JSON does not have": [
    `c.create(input="Ports", processor="lite", metadata={"a": float("inf"), "b": 1})`,
    { metadata: '{"b":1}', notes: [left('float("inf")')] },
  ],
  "a number that is cut": [
    `c.create(input="Ports", processor="lite", metadata={"a": int(5.7), "b": 1})`,
    { metadata: '{"b":1}', notes: [left("int(5.7)")] },
  ],
  "an ID that is converted": [
    `c.create({ input: "Ports", processor: "lite", metadata: { a: String(12345678901234567890n) } })`,
    { metadata: '{"a":"12345678901234567890"}' },
  ],
  // Names of its own.
  "a program with its own JSON": [
    `const JSON = { stringify: () => "other" };\nfetch(u, { body: JSON.stringify(${BODY}) })`,
    { notes: [own("JSON")] },
  ],
  "a program with its own class json": [
    `class json:\n    def dumps(x): return "other"\n\nrequests.post(u, data=json.dumps(${BODY}))`,
    { notes: [own("json")] },
  ],
  "a program with its own function String": [
    `function String(x) { return "other" }\nc.create({ input: String("Ports"), processor: "lite" })`,
    { notes: [own("String")] },
  ],
  "a program with its own undefined": [
    `const undefined = 3;\nc.create({ input: "Ports", processor: "lite", metadata: undefined })`,
    { notes: [own("undefined")] },
  ],
  "a variable with the name of a module": [
    `const json = ${BODY};\nfetch(u, { body: JSON.stringify(json) })`,
  ],
  "an encoder": [
    `const encoder = new TextEncoder();\nfetch(u, { body: encoder.encode(JSON.stringify(${BODY})) })`,
  ],
  "a module that is loaded": [
    `const fetch = require("node-fetch");\nconst JSON = require("json-bigint");\nfetch(u, { body: JSON.stringify(${BODY}) })`,
  ],
};
for (const [name, [text, expected = {}]] of Object.entries(CASES)) {
  Deno.test(`${name}: the paste is filled as it would be sent, or says what may differ`, () => {
    const pasted = readPaste(text, { keepHeaders: true });
    assert(pasted.ok, JSON.stringify(pasted));
    const { input = "Ports", metadata = "", notes = [] } = expected;
    const { values } = pasted;
    assertEquals(
      [values.input, values.processor, values.metadata.replace(/\s+/g, ""), pasted.notes],
      [input, "lite", metadata, [...notes]],
    );
  });
}
