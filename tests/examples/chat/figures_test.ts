import { assertStrictEquals } from "@std/assert";
import type { Cost } from "../../../examples/apis/mod.ts";
import { figuresLine } from "../../../examples/chat/figures.ts";
import { printable } from "../../../examples/chat/terminal.ts";
import type { Collected } from "../../../lib/sse/mod.ts";

const ANSWER: Collected = {
  text: "Hi",
  model: "m-1",
  finish: "stop",
  usage: { inputTokens: 1200, outputTokens: 34, estimated: false },
  firstTokenMs: 312.4,
  totalMs: 1000,
  tokensPerSecond: 49.4,
};
const PRICE = { input: 1, output: 10 };

interface Figures {
  answer?: Collected;
  cost?: Cost;
  isFree?: boolean;
}

const LINES: readonly (readonly [what: string, figures: Figures, line: string])[] = [
  [
    "what the provider counted",
    { cost: PRICE },
    "m-1 · 1,200 in, 34 out · first token 0.31 s · 49 tokens/s · cost $0.0015",
  ],
  [
    "an unknown price",
    {},
    "m-1 · 1,200 in, 34 out · first token 0.31 s · 49 tokens/s · cost –",
  ],
  [
    "estimated counts, and the figures based on them",
    { answer: { ...ANSWER, usage: { outputTokens: 34, estimated: true } }, cost: PRICE },
    "m-1 · ~4 in, ~34 out · first token 0.31 s · ~49 tokens/s · cost ~$0.00034",
  ],
  [
    "an output counted only in part",
    {
      answer: { ...ANSWER, usage: { inputTokens: 9, outputTokens: 34, estimated: true } },
      cost: PRICE,
    },
    "m-1 · 9 in, ~34 out · first token 0.31 s · ~49 tokens/s · cost ~$0.00035",
  ],
  [
    "a price per request, without estimates",
    {
      answer: { ...ANSWER, usage: { outputTokens: 34, estimated: true } },
      cost: 0.005,
    },
    "m-1 · ~4 in, ~34 out · first token 0.31 s · ~49 tokens/s · cost $0.0050",
  ],
  [
    "the sandbox, which is free",
    { cost: 0.025, isFree: true },
    "m-1 · 1,200 in, 34 out · first token 0.31 s · 49 tokens/s · cost $0.025 at list price, not billed",
  ],
  [
    "an answer that never came",
    {
      answer: {
        text: "",
        usage: { inputTokens: 3, outputTokens: 0, estimated: false },
        totalMs: 9,
      },
      cost: PRICE,
    },
    "3 in, 0 out · first token – · – tokens/s · cost $0.0000030",
  ],
  [
    "slow and dear answers",
    {
      answer: { ...ANSWER, firstTokenMs: 61_234, tokensPerSecond: 4.26 },
      cost: { input: 0, output: 50_000 },
    },
    "m-1 · 1,200 in, 34 out · first token 61.2 s · 4.3 tokens/s · cost $1.70",
  ],
  [
    "nothing to pay",
    { cost: { input: 0, output: 0 } },
    "m-1 · 1,200 in, 34 out · first token 0.31 s · 49 tokens/s · cost $0.00",
  ],
];

for (const [what, { answer = ANSWER, cost, isFree }, line] of LINES) {
  Deno.test(`the line of figures shows ${what}`, () => {
    assertStrictEquals(figuresLine(answer, 15, cost, isFree), line);
  });
}

Deno.test("terminal output has no control characters except line breaks and tabs", () => {
  const evil = "a\x1b[31mred\x1b]52;c;aGk=\x07\r\nb\x00\x7f\x9b2Jc\td";
  assertStrictEquals(printable(evil), "a[31mred]52;c;aGk=\nb2Jc\td");
  assertStrictEquals(printable("Zürich — 東京 🌍"), "Zürich — 東京 🌍");
});
