import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { parseArgs } from "../../lib/chat/args.ts";

const GOOD: readonly (readonly [words: readonly string[], args: object])[] = [
  [[], {}],
  [["--help"], { help: true }],
  [["-h"], { help: true }],
  [["--sandbox", "--provider", "google"], { sandbox: true, provider: "google" }],
  [["--url=http://localhost:11434/v1"], { url: "http://localhost:11434/v1" }],
  [["--prompt=a=b\nc"], { prompt: "a=b\nc" }],
  [["--model", "a", "--model", "b"], { model: "b" }],
  [["--prompt", "-1 + 2?"], { prompt: "-1 + 2?" }],
  [["--prompt=--sandbox"], { prompt: "--sandbox" }],
  [["--system", "Be brief.", "--prompt", "Why?"], { system: "Be brief.", prompt: "Why?" }],
];

for (const [words, args] of GOOD) {
  Deno.test(`the arguments ${JSON.stringify(words)} are understood`, () => {
    assertEquals(parseArgs(words), { ok: true, args });
  });
}

const BAD: readonly (readonly [words: readonly string[], problem: RegExp])[] = [
  [["hello"], /“hello” is no option\. A question goes behind --prompt/],
  [["-x"], /“-x” is no option/],
  [["--"], /is no option/],
  [["--modell", "a"], /There is no option --modell/],
  [["--model"], /--model needs a value/],
  [["--model", "--sandbox"], /--model needs a value/],
  [["--prompt", "  "], /--prompt is empty/],
  [["--url="], /--url is empty/],
  [["--sandbox=no"], /--sandbox takes no value/],
  [["--key", "sk-1"], /put it in the environment/],
  [["--api-key=sk-1"], /put it in the environment/],
  [["--apikey=sk-1"], /put it in the environment/],
  [["--token", "sk-1"], /put it in the environment/],
];

for (const [words, problem] of BAD) {
  Deno.test(`the arguments ${JSON.stringify(words)} are refused with a reason`, () => {
    const parsed = parseArgs(words);
    assert(!parsed.ok);
    assertMatch(parsed.problem, problem);
    assertNotMatch(parsed.problem, /sk-1/);
  });
}
