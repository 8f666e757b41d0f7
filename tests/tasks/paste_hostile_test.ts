/** Pasted texts that are made to take long: a server goes on with other requests meanwhile. */
import { assert, assertEquals } from "@std/assert";
import { readPaste, readPasteInTurns } from "../../lib/tasks/paste/mod.ts";
import { tokensOf } from "../../lib/tasks/paste/tokens.ts";
import { timeOf } from "../cpu_time.ts";

const REQUEST = '{"input":"x","processor":"lite"}';
const CHARS = 60_000;

/** A text of one part again and again, between others. */
const repeated = (before: string, part: string, after: string) =>
  before + part.repeat((CHARS - before.length - after.length) / part.length) + after;

const TEXTS = [
  ["nested members", repeated("client.task_run.create(input=", "{a:", REQUEST)],
  ["nested calls", repeated("", "dict(a=", ' processor="lite")')],
  ["nested variables", repeated("curl https://api.example/ -d ", "${", REQUEST)],
  ["open brackets", repeated("requests.post(url, json={'input': ", "([{", REQUEST)],
] as const;

for (const [name, text] of TEXTS) {
  Deno.test(`a paste of ${name} lets other work go on`, async () => {
    let isOver = false, turns = 0;
    const reading = readPasteInTurns(text, { keepHeaders: false }).finally(() => isOver = true);
    for (; !isOver; turns++) await new Promise((resolve) => setTimeout(resolve));
    assert(turns > 3, `${turns} turns`);
    assertEquals(await reading, readPaste(text, { keepHeaders: false }));
  });
}

Deno.test("a line of very many here-documents is read", () => {
  const text = repeated("curl https://api.example/ -d @- ", "<<EOF | cat ", `\n${REQUEST}\nEOF\n`);
  assert(readPaste(text, { keepHeaders: false }));
});

const sent = (input: string) =>
  `fetch(u, {body: JSON.stringify({input: ${input}, processor: "lite"})})`;
/** Short texts whose values double with each line, or that hold themselves. */
const DOUBLING = [
  [
    "a shell's variables",
    "a=xxxxxxxxxx\n",
    "a=$a$a\n",
    `curl -d '{"input":"'$a'","processor":"lite"}' x`,
  ],
  [
    "a shell's files",
    "cat > f <<E\nxxxxxxxxxx\nE\n",
    "a=$(cat f)\necho $a$a > f\n",
    "curl -d @f x",
  ],
  ["joined texts", "a = 'xxxxxxxxxx'\n", "a = a + a\n", sent("a")],
  ["texts that are added", "a = 'xxxxxxxxxx'\n", "a += a\n", sent("a")],
  ["templates", "a = 'xxxxxxxxxx'\n", "a = `${a}${a}`\n", sent("a")],
  ["objects", "a = {x: 1}\n", "a = {a: a, b: a}\n", sent("a")],
  [
    "PowerShell's texts",
    "$a = 'xxxxxxxxxx'\n",
    '$a = "$a$a"\n',
    "ConvertTo-Json @{input=$a;processor='lite'}",
  ],
  [
    "PowerShell's tables",
    "$a = @{x=1}\n",
    "$a = @{a=$a;b=$a}\n",
    "ConvertTo-Json @{input=$a;processor='lite'}",
  ],
  ["a request in itself", "a = {input: 'x', processor: 'lite'}\n", "a.metadata = a\n", "fetch(a)"],
  [
    "a list in itself",
    "a = []\n",
    "a.push(a)\n",
    'fetch({input: "x", processor: "lite", metadata: a})',
  ],
  ["a table in itself", "$a = @{input='x';processor='lite'}\n", "$a.b = $a\n", "ConvertTo-Json $a"],
] as const;

for (const [name, first, line, last] of DOUBLING) {
  Deno.test(`a paste that doubles ${name} 40 times is read or refused, and computes little`, () => {
    const read = readPaste(first + line.repeat(40) + last, { keepHeaders: false });
    assert(JSON.stringify(read).length < 1_000_000);
  });
}

Deno.test("members that grow after they were used twice in each other are counted as they are sent", () => {
  const names = Array.from({ length: 40 }, (_, at) => `t${at}`);
  const empty = names.map((name) => `${name} = {}\n`).join("");
  const uses = names.slice(1).map((name, at) => `t${at}.a = ${name}\nt${at}.b = ${name}\n`).join(
    "",
  );
  const text = `${empty}t0.input = "x"\nt0.processor = "lite"\n${uses}fetch(t0)`;
  assertEquals(readPaste(text, { keepHeaders: false }).ok, false);
});

Deno.test("a variable of 20,000 characters that is used several times is read", () => {
  const text = `a = "${"word ".repeat(4_000)}"\nb = a\nc = b\n${sent("c")}`;
  const read = readPaste(text, { keepHeaders: false });
  assertEquals(read.ok && read.values.input.length, 20_000);
});

Deno.test("commands with very many parts or formats let other work go on", async () => {
  for (
    const text of [
      ("fetch(" + "curl -d ".repeat(7_500)).slice(0, CHARS),
      repeated("", "curl -d x\n", ""),
    ]
  ) {
    let isOver = false, turns = 0;
    const reading = readPasteInTurns(text, { keepHeaders: false }).finally(() => isOver = true);
    for (; !isOver; turns++) await new Promise((resolve) => setTimeout(resolve));
    assert(turns > 3, `${turns} turns`);
    await reading;
  }
});

const UNCLOSED = [
  ["Rust's raw strings", 'r#"'],
  ["quotes that are escaped", '\\"'],
  ["long strings", "x '''y "],
  ["C#'s verbatim strings", '@"a" @"'],
] as const;

for (const [name, part] of UNCLOSED) {
  Deno.test(`${name} that never close take no longer than others, whatever follows them`, () => {
    const closed = repeated("", '"a" ', "\n\nx");
    tokensOf(closed);
    const usual = timeOf(() => {
      for (let round = 0; round < 10; round++) tokensOf(closed);
    }) / 10;
    const time = timeOf(() => tokensOf(repeated("", part, "\n\nx")));
    // Quadratic time was 150 times as long or more.
    assert(time < 30 * usual + 20, `${time} ms, usually ${usual}`);
  });
}
