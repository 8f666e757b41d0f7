/** A stream that quotes the caller's key is passed on without it, and otherwise unchanged. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { streamWithoutKey } from "../../lib/proxy/key_filter.ts";
import { errorJson, withProxy } from "./proxy_app.ts";

const KEY = "pk-pk-pk-key";
const encoder = new TextEncoder();

/** What comes of a text that arrives in pieces of these lengths, the last of them again and again. */
async function filtered(text: string, lengths: readonly number[], key = KEY): Promise<string> {
  const bytes = encoder.encode(text);
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (let at = 0, n = 0; at < bytes.byteLength; n++) {
        const length = lengths[Math.min(n, lengths.length - 1)]!;
        controller.enqueue(bytes.slice(at, at += length));
      }
      controller.close();
    },
  });
  return await new Response(streamWithoutKey(body, key)).text();
}

const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ["nothing of it", "data: naïve 数据 🦕\n\n"],
  ["the key alone", KEY],
  ["the key twice in a row", `a${KEY}${KEY}z`],
  ["a beginning before the key", `pk-pk-${KEY}.`],
  ["a beginning at the end", `x${KEY.slice(0, -1)}`],
  ["beginnings that come to nothing", "pk-pk-pk-kez pk-pk-pk pk-key pppk-"],
  ["the key between other words", `data: {"a":"数${KEY}据"}\n\ndata: ${KEY}\n\n`],
];

for (const [name, text] of TEXTS) {
  Deno.test(`a stream's key is found for any chunking: ${name}`, async () => {
    const expected = text.replaceAll(KEY, "[redacted]");
    const { byteLength } = encoder.encode(text);
    for (let first = 1; first <= byteLength; first++) {
      for (const then of [1, 2, 3, 7, byteLength]) {
        assertStrictEquals(
          await filtered(text, [first, then]),
          expected,
          `cut at ${first}, ${then}`,
        );
      }
    }
  });
}

Deno.test("a key that is too short counts as a normal word", async () => {
  assertStrictEquals(await filtered("a demo", [1], "demo"), "a demo");
});

Deno.test("bytes that cannot be part of the key are passed on at once", async () => {
  const { readable, writable } = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  const writer = writable.getWriter();
  const reader = streamWithoutKey(readable, KEY).getReader();
  const chunk = encoder.encode("data: whole\n\n");
  void writer.write(chunk);
  assertEquals((await reader.read()).value, chunk);
  void writer.write(encoder.encode("data: pk-p"));
  assertEquals((await reader.read()).value, encoder.encode("data: "));
  void writer.write(encoder.encode("x"));
  assertEquals((await reader.read()).value, encoder.encode("pk-px"));
  await reader.cancel();
});

Deno.test("a group's events and a chat never contain the key when they reach a caller", () => {
  const headers = { "content-type": "text/event-stream" };
  const quoting = (key: string) => `event: error\ndata: ${JSON.stringify(errorJson(key))}\n\n`;
  return withProxy(async ({ fetch }) => {
    for (
      const [path, method] of [
        ["/api/v1beta/tasks/groups/tgrp_1/events", "GET"],
        ["/api/v1/chat/completions", "POST"],
      ] as const
    ) {
      const response = await fetch(path, {
        method,
        headers: { "x-api-key": "pk-test-key-1234" },
        body: method === "POST" ? "{}" : null,
      });
      assertStrictEquals(await response.text(), quoting("the key [redacted]"), path);
    }
  }, {
    api: (request) =>
      new Response(quoting(`the key ${request.headers.get("x-api-key")}`), { headers }),
  });
});
