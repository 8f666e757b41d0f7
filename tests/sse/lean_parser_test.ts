/** The small parser for pages dispatches the same events as the large one. */
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { stub } from "@std/testing/mock";
import fc from "fast-check";
import { LeanParser, SSEError, type SSEEvent, SSEParser } from "../../lib/sse/mod.ts";
import { cuts, places, streamBytes } from "./support/arbitrary.ts";
import { GRAMMAR } from "./support/grammar.ts";
import { cutAt, pieces, utf8 } from "./support/read.ts";

function readWith(
  Parser: typeof SSEParser | typeof LeanParser,
  chunks: Iterable<Uint8Array>,
  lastEventId = "",
) {
  const events: SSEEvent[] = [];
  const retries: number[] = [];
  const parser = new Parser({
    onEvent: (event) => void events.push(event),
    onRetry: (ms) => void retries.push(ms),
    lastEventId,
  });
  for (const chunk of chunks) parser.push(chunk);
  return { events, retries, lastEventId: parser.lastEventId };
}

for (const { rule, input } of GRAMMAR) {
  Deno.test(`a lean parser: ${rule}`, () => {
    const bytes = new Uint8Array(typeof input === "string" ? utf8(input) : input);
    const whole = readWith(SSEParser, [bytes]);
    for (const size of [1, 2, 3, bytes.length]) {
      assertEquals(readWith(LeanParser, pieces(bytes, size)), whole, `${size} bytes`);
    }
  });
}

Deno.test("a lean parser reads any bytes in any chunks like the large one", () => {
  fc.assert(fc.property(streamBytes, cuts, fc.string(), (bytes, parts, id) => {
    const chunks = cutAt(bytes, places(bytes.length, parts));
    assertEquals(readWith(LeanParser, chunks, id), readWith(SSEParser, chunks, id));
  }));
});

Deno.test("a lean parser dispatches an event with the CR that ends it", () => {
  for (const ending of ["\r\r", "\r\n\r", "\n\r"]) {
    const chunks = ["data: 1", ...ending, ""].map(utf8);
    assertEquals(readWith(LeanParser, chunks).events.length, 1, JSON.stringify(ending));
    const more = [...chunks, ...["\n", "data: 2\n\n"].map(utf8)];
    assertEquals(readWith(LeanParser, more).events.length, 2, JSON.stringify(ending));
  }
});

Deno.test("a lean parser searches a long line once, for any chunking", () => {
  let searched = 0;
  const split = RegExp.prototype[Symbol.split];
  using _split = stub(RegExp.prototype, Symbol.split, function (this: RegExp, text, limit) {
    searched += text.length;
    return split.call(this, text, limit);
  });
  const length = 200_000;
  const { events } = readWith(LeanParser, pieces(utf8(`data: ${"x".repeat(length)}\n\n`), 1000));
  assertStrictEquals(events[0]?.data.length, length);
  assert(searched < 2 * length, `${searched} characters`);
});

Deno.test("a lean parser does not grow without limit", () => {
  const parser = new LeanParser({});
  const chunk = new Uint8Array(32 << 20).fill(97);
  parser.push(chunk);
  parser.push(chunk);
  const { kind, limit } = assertThrows(() => parser.push(utf8("a")), SSEError);
  assertStrictEquals(`${kind} ${limit}`, "limit maxEventBytes");
});
