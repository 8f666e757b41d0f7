import assert from "node:assert/strict";
import {
  collect,
  type Collected,
  openai,
  parseSSE,
  SSEError,
  streamJSON,
} from "../../lib/sse/mod.ts";
import { all, body } from "./support/body.ts";

const chunk = (content: string, rest = "") =>
  `data: {"model":"m","choices":[{"delta":{"content":${JSON.stringify(content)}}}]${rest}}\n\n`;

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
  assert.deepEqual(updates.map(({ text }) => text), ["", "abcd", "abcdefgh"]);
  assert.deepEqual(updates.map(({ usage }) => usage.outputTokens), [0, 1, 2]);
  assert.deepEqual(updates.map(({ firstTokenMs }) => firstTokenMs), [undefined, 300, 300]);
  assert.deepEqual(updates.map(({ totalMs }) => totalMs), [100, 300, 500]);
  assert.equal(updates[2]?.tokensPerSecond, 2 / 0.2);
  assert.equal(done.totalMs, 700);
  assert.equal(done.usage.estimated, true);
  assert.equal(done.cost, 2 * 10 / 1e6);
});

Deno.test("the provider's count replaces the estimate as soon as it comes", async () => {
  const usage = ',"usage":{"prompt_tokens":3,"completion_tokens":40}';
  const done = await collect(body([chunk("abcd"), chunk("", usage)]).stream);
  assert.deepEqual(done.usage, { inputTokens: 3, outputTokens: 40, estimated: false });
});

Deno.test("a price may depend on the model, and may be unknown", async () => {
  const price = (model: string | undefined) => model === "m" ? { input: 0, output: 4 } : undefined;
  assert.equal((await collect(body([chunk("abcd")]).stream, { price })).cost, 4 / 1e6);
  const other = chunk("abcd").replace('"m"', '"n"');
  assert.equal((await collect(body([other]).stream, { price })).cost, undefined);
});

Deno.test("an empty answer is an empty answer", async () => {
  const done = await collect(body([]).stream, { now: () => 5 });
  assert.deepEqual(done, { text: "", usage: { outputTokens: 0, estimated: true }, totalMs: 0 });
});

Deno.test("streamJSON yields payloads, skips empty data and stops at [DONE]", async () => {
  const { stream, seen } = body([
    'data: {"a":1}\n\ndata:\n\ndata: [1]\n\ndata: text\n\n',
    "data: [DONE]\n\n",
    "data: 9\n\n",
  ]);
  assert.deepEqual(await all(streamJSON(stream)), [{ a: 1 }, [1], "text"]);
  assert.ok(seen.cancelled);
  assert.equal(seen.pulled, 2);
});

Deno.test("streamJSON can insist on JSON, or leave text alone", async () => {
  const text = "data: 42\n\ndata: {x\n\n";
  assert.deepEqual(await all(streamJSON(body([text]).stream, { as: "text" })), ["42", "{x"]);
  for (const as of ["auto", "json"] as const) {
    await assert.rejects(
      all(streamJSON(body([text]).stream, { as })),
      (error) => error instanceof SSEError && error.kind === "json" && error.text === "{x",
    );
  }
  await assert.rejects(all(streamJSON(body(["data: hi\n\n"]).stream, { as: "json" })), SSEError);
});

Deno.test("streamJSON gives white space where text is welcome, and skips it between JSON", async () => {
  const text = 'data: {"a":1}\n\ndata:  \n\ndata:\n\ndata: 2\n\n';
  for (
    const [as, payloads] of [
      ["auto", [{ a: 1 }, " ", 2]],
      ["text", ['{"a":1}', " ", "2"]],
      ["json", [{ a: 1 }, 2]],
    ] as const
  ) assert.deepEqual(await all(streamJSON(body([text]).stream, { as })), payloads);
});

Deno.test("streamJSON takes events already parsed, chunks, strings and responses alike", async () => {
  const text = 'data: {"a":1}\n\n';
  const response = new Response(text);
  async function* strings() {
    yield text.slice(0, 5);
    yield text.slice(5);
  }
  async function* nothing(): AsyncGenerator<string> {}
  assert.deepEqual(await all(streamJSON(parseSSE(body([text]).stream))), [{ a: 1 }]);
  assert.deepEqual(await all(streamJSON(response)), [{ a: 1 }]);
  assert.deepEqual(await all(streamJSON(strings())), [{ a: 1 }]);
  assert.deepEqual(await all(streamJSON(nothing())), []);
});

Deno.test("leaving a loop over parsed events leaves the body too", async () => {
  const { stream, seen } = body(["data: 1\n\ndata: 2\n\n"], { open: true });
  for await (const payload of streamJSON(parseSSE(stream))) {
    assert.equal(payload, 1);
    break;
  }
  assert.ok(seen.cancelled);
});
