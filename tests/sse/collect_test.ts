import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import * as bare from "../../lib/sse/entries/tokens.ts";
import {
  anthropic,
  collect,
  type Collected,
  collectEvents,
  openai,
  parseSSE,
  SSEError,
  streamJSON,
} from "../../lib/sse/mod.ts";
import { all, body } from "./support/body.ts";
import { assertError } from "../assert_error.ts";

const chunk = (content: string, rest = "") =>
  `data: {"model":"m","choices":[{"delta":{"content":${JSON.stringify(content)}}}]${rest}}\n\n`;
const DONE = "data: [DONE]\n\n";

Deno.test("figures are live: each payload updates text, speed and the estimate", async () => {
  const clock = [0, 100, 300, 500, 700];
  const updates: Collected[] = [];
  const done = await collect(
    body([chunk(""), chunk("abcd"), chunk("efgh"), "data: [DONE]\n\n"]).stream,
    {
      provider: openai,
      now: () => clock.shift() ?? 700,
      price: { input: 1, output: 10 },
      onUpdate: (soFar) => void updates.push(soFar),
    },
  );
  assertEquals(updates.map(({ text }) => text), ["", "abcd", "abcdefgh"]);
  assertEquals(updates.map(({ usage }) => usage.outputTokens), [0, 1, 2]);
  assertEquals(updates.map(({ firstTokenMs }) => firstTokenMs), [undefined, 300, 300]);
  assertEquals(updates.map(({ totalMs }) => totalMs), [100, 300, 500]);
  assertStrictEquals(updates[2]?.tokensPerSecond, 2 / 0.2);
  assertStrictEquals(done.totalMs, 700);
  assertStrictEquals(done.usage.estimated, true);
  assertStrictEquals(done.cost, 2 * 10 / 1e6);
});

Deno.test("the provider's count replaces the estimate as soon as it arrives", async () => {
  const usage = ',"usage":{"prompt_tokens":3,"completion_tokens":40}';
  const done = await collect(body([chunk("abcd"), chunk("", usage), DONE]).stream);
  assertEquals(done.usage, { inputTokens: 3, outputTokens: 40, estimated: false });
});

Deno.test("reasoning and tool call arguments grow with each payload, separate from the text", async () => {
  const delta = (delta: unknown) =>
    `data: ${JSON.stringify({ object: "chat.completion.chunk", choices: [{ delta }] })}\n\n`;
  const seen: unknown[] = [];
  const answer = await collect(
    body([
      delta({ reasoning_content: "The " }),
      delta({ reasoning_content: "Elbe." }),
      delta({ content: "Let me look." }),
      delta({ tool_calls: [{ index: 0, id: "c", function: { name: "depth", arguments: "" } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '{"river":' } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '"Elbe"}' } }] }),
      DONE,
    ]).stream,
    {
      onUpdate: ({ text, reasoning, toolCalls }) => {
        seen.push([reasoning, text, toolCalls?.[0]?.arguments]);
      },
    },
  );
  assertEquals(seen, [
    ["The ", "", undefined],
    ["The Elbe.", "", undefined],
    ["The Elbe.", "Let me look.", undefined],
    ["The Elbe.", "Let me look.", ""],
    ["The Elbe.", "Let me look.", '{"river":'],
    ["The Elbe.", "Let me look.", '{"river":"Elbe"}'],
  ]);
  assertStrictEquals(answer.usage.outputTokens, Math.ceil("The Elbe.Let me look.".length / 4));
});

Deno.test("a kept snapshot of an answer does not change", async () => {
  const piece = (text: string) =>
    `data: ${
      JSON.stringify({
        choices: [{
          delta: { tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: text } }] },
        }],
      })
    }\n\n`;
  const kept: Collected[] = [];
  await collect(body([piece("1"), piece("2"), DONE]).stream, {
    onUpdate: (soFar) => void kept.push(soFar),
  });
  assertEquals(kept.map(({ toolCalls }) => toolCalls), [
    [{ id: "c", name: "f", arguments: "1" }],
    [{ id: "c", name: "f", arguments: "12" }],
  ]);
});

Deno.test("an answer's clock may start before the call, with the request", async () => {
  const { firstTokenMs, totalMs } = await collect(body([chunk("Hi"), DONE]).stream, {
    started: 100,
    now: () => 350,
  });
  assertEquals([firstTokenMs, totalMs], [250, 250]);
});

Deno.test("a price may depend on the model, and may be unknown", async () => {
  const price = (model: string | undefined) => model === "m" ? { input: 0, output: 4 } : undefined;
  assertStrictEquals((await collect(body([chunk("abcd"), DONE]).stream, { price })).cost, 4 / 1e6);
  const other = chunk("abcd").replace('"m"', '"n"');
  assertStrictEquals((await collect(body([other, DONE]).stream, { price })).cost, undefined);
});

Deno.test("a complete but empty answer is an empty answer", async () => {
  const done = await collect(body([DONE]).stream, { now: () => 5 });
  assertEquals(done, { text: "", usage: { outputTokens: 0, estimated: true }, totalMs: 0 });
});

Deno.test("streamJSON yields payloads, skips empty data and stops at [DONE]", async () => {
  const { stream, seen } = body([
    'data: {"a":1}\n\ndata:\n\ndata: [1]\n\ndata: text\n\n',
    "data: [DONE]\n\n",
    "data: 9\n\n",
  ]);
  assertEquals(await all(streamJSON(stream)), [{ a: 1 }, [1], "text"]);
  assert(seen.cancelled);
  assertStrictEquals(seen.pulled, 2);
});

Deno.test("streamJSON can require JSON or leave text unchanged", async () => {
  const text = "data: 42\n\ndata: {x\n\n";
  assertEquals(await all(streamJSON(body([text]).stream, { as: "text" })), ["42", "{x"]);
  for (const as of ["auto", "json"] as const) {
    assertError(
      await assertRejects(() => all(streamJSON(body([text]).stream, { as }))),
      (error) => error instanceof SSEError && error.kind === "json" && error.text === "{x",
    );
  }
  await assertRejects(
    () => all(streamJSON(body(["data: hi\n\n"]).stream, { as: "json" })),
    SSEError,
  );
});

Deno.test("streamJSON yields white space between texts, and skips it between JSON values", async () => {
  const text = 'data: {"a":1}\n\ndata:  \n\ndata:\n\ndata: 2\n\n';
  for (
    const [as, payloads] of [
      ["auto", [{ a: 1 }, " ", 2]],
      ["text", ['{"a":1}', " ", "2"]],
      ["json", [{ a: 1 }, 2]],
    ] as const
  ) assertEquals<unknown>(await all(streamJSON(body([text]).stream, { as })), payloads);
});

Deno.test("streamJSON accepts parsed events, chunks, strings and responses alike", async () => {
  const text = 'data: {"a":1}\n\n';
  const response = new Response(text);
  async function* strings() {
    yield text.slice(0, 5);
    yield text.slice(5);
  }
  async function* nothing(): AsyncGenerator<string> {}
  assertEquals(await all(streamJSON(parseSSE(body([text]).stream))), [{ a: 1 }]);
  assertEquals(await all(streamJSON(response)), [{ a: 1 }]);
  assertEquals(await all(streamJSON(strings())), [{ a: 1 }]);
  assertEquals(await all(streamJSON(nothing())), []);
});

Deno.test("leaving a loop over parsed events also releases the body", async () => {
  const { stream, seen } = body(["data: 1\n\ndata: 2\n\n"], { open: true });
  for await (const payload of streamJSON(parseSSE(stream))) {
    assertStrictEquals(payload, 1);
    break;
  }
  assert(seen.cancelled);
});

const HI = 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n';

Deno.test("the right one of several providers is detected from the first events", async () => {
  for (const given of [[anthropic, openai], { provider: [anthropic, openai] }]) {
    for (const read of [bare.collect, collect]) {
      const { text, provider } = await read(new Response(HI), given);
      assertEquals([text, provider], ["Hi", "openai"]);
    }
  }
});

Deno.test("the entry without built-in providers uses the given one, and fails without one", async () => {
  assertStrictEquals((await bare.collect(new Response(HI), openai)).text, "Hi");
  let text = "";
  for await (const token of bare.streamTokens(new Response(HI), openai)) text += token;
  assertStrictEquals(text, "Hi");
  for (const given of [undefined, [], [anthropic], {}]) {
    assertError(
      await assertRejects(() => bare.collect(new Response(HI), given)),
      { name: "SSEError", kind: "provider", code: "unknown" },
    );
  }
});

Deno.test("plain text needs no provider", async () => {
  assertStrictEquals((await bare.collect(new Response("data: a\n\ndata: b\n\n"))).text, "ab");
});

Deno.test("parsed events are collected without a parser", async () => {
  const answer = await collectEvents(parseSSE(new Response(HI)), openai);
  assertEquals([answer.text, answer.provider], ["Hi", "openai"]);
  assertError(
    await assertRejects(() =>
      collectEvents(parseSSE(new Response(HI.replace("data: [DONE]\n\n", ""))), openai)
    ),
    { name: "SSEError", kind: "incomplete", text: "Hi" },
  );
});
