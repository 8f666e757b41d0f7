import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { SSEError, SSEParserStream } from "../../lib/sse/mod.ts";
import { all, body } from "./support/body.ts";
import { assertError } from "../assert_error.ts";

Deno.test("it turns bytes into events without a TextDecoderStream", async () => {
  const events = await all(
    body(["data: \u00e9\n", "\nid: 1\ndata: b\n\n"]).stream.pipeThrough(new SSEParserStream()),
  );
  assertEquals(events, [
    { id: "", event: "message", data: "é" },
    { id: "1", event: "message", data: "b" },
  ]);
});

Deno.test("it accepts strings as well", async () => {
  const strings = ReadableStream.from(["data: ", "a\n\n"]);
  const events = await all(strings.pipeThrough(new SSEParserStream()));
  assertEquals(events.map(({ data }) => data), ["a"]);
});

Deno.test("it is a TransformStream", () => {
  const stream = new SSEParserStream();
  assert(stream instanceof TransformStream && stream instanceof SSEParserStream);
});

Deno.test("backpressure works: a slow reader pauses the source", async () => {
  const { stream, seen } = body(Array.from({ length: 100 }, (_, n) => `data: ${n}\n\n`));
  const reader = stream.pipeThrough(new SSEParserStream()).getReader();
  await reader.read();
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  assert(seen.pulled < 10, `${seen.pulled} chunks taken for one event`);
  await reader.cancel();
});

Deno.test("cancelling the events cancels the body", async () => {
  const { stream, seen } = body(["data: 1\n\n"], { open: true });
  for await (const event of stream.pipeThrough(new SSEParserStream())) {
    assertStrictEquals(event.data, "1");
    break;
  }
  assert(seen.cancelled);
});

Deno.test("an unfinished event is discarded, or dispatched on request", async () => {
  const stream = () => body(["data: 1\n\ndata: 2"]).stream;
  const read = async (flush: boolean) =>
    (await all(stream().pipeThrough(new SSEParserStream({ flush })))).map(({ data }) => data);
  assertEquals(await read(false), ["1"]);
  assertEquals(await read(true), ["1", "2"]);
});

Deno.test("an oversized event errors the stream and cancels the source", async () => {
  const { stream, seen } = body(["data: 1\n\n", "data: 123456\n\n"], { open: true });
  const got: string[] = [];
  assertError(
    await assertRejects(async () => {
      const events = stream.pipeThrough(new SSEParserStream({ maxEventBytes: 5 }));
      for await (const event of events) got.push(event.data);
    }),
    (error) => error instanceof SSEError && error.kind === "limit",
  );
  assertEquals(got, ["1"]);
  assert(seen.cancelled);
});

Deno.test("comments and retries can be observed", async () => {
  const seen: unknown[] = [];
  await all(
    body([": hi\nretry: 5\n\n"]).stream.pipeThrough(
      new SSEParserStream({
        onComment: (text) => void seen.push(text),
        onRetry: (ms) => void seen.push(ms),
      }),
    ),
  );
  assertEquals(seen, ["hi", 5]);
});
