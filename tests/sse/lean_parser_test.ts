/** The small parser for pages dispatches the same events as the large one. */
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
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
    const bytes = new Uint8Array([...(typeof input === "string" ? utf8(input) : input), 58]);
    const whole = readWith(SSEParser, [bytes]);
    for (const size of [1, 2, 3, bytes.length]) {
      assertEquals(readWith(LeanParser, pieces(bytes, size)), whole, `${size} bytes`);
    }
  });
}

Deno.test("a lean parser reads any bytes in any chunks like the large one", () => {
  fc.assert(fc.property(streamBytes, cuts, fc.string(), (bytes, parts, id) => {
    // A CR at the very end waits for what follows.
    const whole = new Uint8Array([...bytes, 58]);
    const chunks = cutAt(whole, places(whole.length, parts));
    assertEquals(readWith(LeanParser, chunks, id), readWith(SSEParser, chunks, id));
  }));
});

Deno.test("a lean parser does not grow without limit", () => {
  const parser = new LeanParser({});
  const chunk = new Uint8Array(32 << 20).fill(97);
  parser.push(chunk);
  parser.push(chunk);
  const { kind, limit } = assertThrows(() => parser.push(utf8("a")), SSEError);
  assertStrictEquals(`${kind} ${limit}`, "limit maxEventBytes");
});
