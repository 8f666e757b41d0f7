import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { SSEError, type SSEEvent, SSEParserStream } from "../../lib/sse/mod.ts";
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

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `data: ${from + n}\n\n`).join("");

/** Each reads the data of a stream of events to its end in another way. */
const READERS: Readonly<Record<string, (events: ReadableStream<SSEEvent>) => Promise<string[]>>> = {
  async "a loop"(events) {
    const data: string[] = [];
    for await (const event of events) data.push(event.data);
    return data;
  },
  async "a reader"(events) {
    const data: string[] = [];
    const reader = events.getReader();
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      data.push(step.value.data);
    }
    return data;
  },
  async "a pipe"(events) {
    const data: string[] = [];
    await events.pipeTo(new WritableStream({ write: (event) => void data.push(event.data) }));
    return data;
  },
  async "two loops over its branches"(events) {
    const [one, other] = await Promise.all(events.tee().map(READERS["a loop"]!));
    assertEquals(one, other);
    return one!;
  },
  async "a loop after a reader"(events) {
    const reader = events.getReader();
    const first = await reader.read();
    reader.releaseLock();
    return [first.value!.data, ...await READERS["a loop"]!(events)];
  },
  async "reads that do not wait for each other"(events) {
    const loop = events[Symbol.asyncIterator]();
    const data: string[] = [];
    for (let isOver = false; !isOver;) {
      for (const step of await Promise.all([loop.next(), loop.next(), loop.next()])) {
        if (step.done) isOver = true;
        else data.push(step.value.data);
      }
    }
    return data;
  },
};

for (const [name, read] of Object.entries(READERS)) {
  Deno.test(`${name} gets every event once and in order, the unfinished last one too`, async () => {
    for (const chunks of [[numbers(0, 9) + "data: 9"], [numbers(0, 4), numbers(4, 9), "data: 9"]]) {
      const events = body(chunks).stream.pipeThrough(new SSEParserStream({ flush: true }));
      assertEquals((await read(events)).join(""), "0123456789");
    }
  });
}

Deno.test("a loop gets the events before an error of the same chunk, then the error once", async () => {
  const { stream } = body([numbers(0, 3) + "data: 123456\n\n"]);
  const events = stream.pipeThrough(new SSEParserStream({ maxEventBytes: 5 }));
  const loop = events[Symbol.asyncIterator]();
  for (const data of ["0", "1", "2"]) assertStrictEquals((await loop.next()).value?.data, data);
  assertError(await assertRejects(() => loop.next()), (error) => error instanceof SSEError);
  assert((await loop.next()).done);
});

Deno.test("a loop locks the stream until it is left, and leaving it ends a read that waits", async () => {
  const { stream, seen } = body([numbers(0, 3)], { open: true });
  const events = stream.pipeThrough(new SSEParserStream());
  const loop = events[Symbol.asyncIterator]();
  assert(events.locked);
  for (let n = 0; n < 3; n++) await loop.next();
  const waits = loop.next();
  await loop.return?.();
  assert((await waits).done && (await loop.next()).done);
  assert(seen.cancelled && !events.locked);
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
