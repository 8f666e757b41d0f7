import { assertEquals, assertMatch, assertNotMatch, assertThrows } from "@std/assert";
import { optionsOf, UsageError } from "../../../examples/chat/setup.ts";

const GOOD: readonly (readonly [args: readonly string[], options: object])[] = [
  [[], {}],
  [["--help"], { help: true }],
  [["-h"], { help: true }],
  [["--sandbox", "--provider", "google"], { sandbox: true, provider: "google" }],
  [["--url=http://localhost:11434/v1"], { url: "http://localhost:11434/v1" }],
  [["--prompt=a=b\nc"], { prompt: "a=b\nc" }],
  [["--model", "a", "--model", "b"], { model: "b" }],
  [["--prompt=-1 + 2?"], { prompt: "-1 + 2?" }],
  [["--prompt=--sandbox"], { prompt: "--sandbox" }],
  [["--system", "Be brief.", "--prompt", "Why?"], { system: "Be brief.", prompt: "Why?" }],
];

for (const [args, options] of GOOD) {
  Deno.test(`the options ${JSON.stringify(args)} are understood`, () => {
    assertEquals({ ...optionsOf(args) }, options);
  });
}

const BAD: readonly (readonly [args: readonly string[], problem: RegExp])[] = [
  [["hello"], /Unexpected argument 'hello'/],
  [["-x"], /Unknown option '-x'/],
  [["--modell", "a"], /Unknown option '--modell'/],
  [["--model"], /--model <value>' argument missing/],
  [["--model", "--sandbox"], /--model/],
  [["--prompt", "  "], /--prompt is empty/],
  [["--url="], /--url is empty/],
  [["--sandbox=no"], /--sandbox/],
  [["--key", "sk-1"], /Put it into the environment/],
  [["--api-key=sk-1"], /Put it into the environment/],
  [["--apikey=sk-1"], /Put it into the environment/],
  [["--token", "sk-1"], /Put it into the environment/],
];

for (const [args, problem] of BAD) {
  Deno.test(`the options ${JSON.stringify(args)} are rejected with a reason`, () => {
    const { message } = assertThrows(() => optionsOf(args), UsageError);
    assertMatch(message, problem);
    assertNotMatch(message, /sk-1/);
  });
}
