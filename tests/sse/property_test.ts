import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  encodeSSE,
  encodeSSEBytes,
  parseSSE,
  type SSEEvent,
  SSEParserStream,
} from "../../lib/sse/mod.ts";
import { anyText, cuts, places, streamBytes, streamText } from "./support/arbitrary.ts";
import { all, body } from "./support/body.ts";
import { cutAt, pieces, read, utf8 } from "./support/read.ts";
import { reference } from "./support/reference.ts";

const runs = { numRuns: 1000 };

Deno.test("any bytes in any chunks read as the standard's algorithm reads them whole", () => {
  fc.assert(
    fc.property(streamBytes, cuts, (bytes, parts) => {
      const want = reference(bytes);
      assertEquals(read([bytes]), want);
      assertEquals(read(cutAt(bytes, places(bytes.length, parts))), want);
      assertEquals(read(pieces(bytes, 1)), want);
    }),
    runs,
  );
});

Deno.test("strings read like their bytes, wherever they are cut, including surrogate pairs", () => {
  fc.assert(
    fc.property(streamText, cuts, (text, parts) => {
      const want = reference(utf8(text));
      assertEquals(read([text]), want);
      assertEquals(read(cutAt(text, places(text.length, parts))), want);
      assertEquals(read(pieces(text, 1)), want);
    }),
    runs,
  );
});

Deno.test("bytes and strings may alternate at character boundaries", () => {
  fc.assert(
    fc.property(streamText, cuts, fc.array(fc.boolean(), { minLength: 13 }), (text, parts, as) => {
      const characters = [...text];
      const chunks = [];
      let from = 0;
      for (
        const to of [...places(characters.length, parts), characters.length].sort((a, b) => a - b)
      ) {
        const chunk = characters.slice(from, to).join("");
        chunks.push(as[chunks.length] ? chunk : utf8(chunk));
        from = to;
      }
      assertEquals(read(chunks), reference(utf8(text)));
    }),
    runs,
  );
});

Deno.test("a chunk's memory may be reused as soon as push returns", () => {
  fc.assert(
    fc.property(streamBytes, fc.integer({ min: 1, max: 9 }), (bytes, size) => {
      function* reused() {
        const memory = new Uint8Array(size);
        for (const piece of pieces(bytes, size)) {
          memory.set(piece);
          yield memory.subarray(0, piece.length);
          memory.fill(10);
        }
      }
      assertEquals(read(reused()), reference(bytes));
    }),
    { numRuns: 500 },
  );
});

Deno.test("long lines and streams beyond the look-back read the same for any chunking", () => {
  const long = fc.tuple(
    fc.constantFrom("data: ", ": ", "event: ", "junk"),
    fc.constantFrom("a", "é", "€", "😀", "\t", "a\rdata: b"),
    fc.integer({ min: 900, max: 2500 }),
    fc.constantFrom("\n\n", "\r\n\r\n", "\r\r", ""),
  ).map(([name, character, count, end]) => name + character.repeat(count) + end);
  fc.assert(
    fc.property(fc.array(long, { maxLength: 4 }), cuts, (parts, at) => {
      const bytes = utf8(parts.join(""));
      assertEquals(read(cutAt(bytes, places(bytes.length, at))), reference(bytes));
    }),
    { numRuns: 300 },
  );
});

Deno.test("parseSSE and SSEParserStream give the parser's events", async () => {
  await fc.assert(
    fc.asyncProperty(streamBytes, cuts, async (bytes, parts) => {
      const want = reference(bytes).events;
      const chunks = cutAt(bytes, places(bytes.length, parts));
      assertEquals(await all(parseSSE(body(chunks).stream)), want);
      assertEquals(await all(body(chunks).stream.pipeThrough(new SSEParserStream())), want);
    }),
    { numRuns: 300 },
  );
});

const name = anyText.map((text) => text.replace(/[\r\n]/g, ""));
const output = fc.record({
  id: name.map((text) => text.replaceAll("\0", "")),
  event: name,
  data: anyText,
  retry: fc.nat(),
  comment: anyText,
}, { requiredKeys: [] });

Deno.test("encoding and parsing round-trip: line ends become LF, and fields stay separate", () => {
  fc.assert(
    fc.property(fc.array(output, { maxLength: 6 }), cuts, (written, parts) => {
      const lf = (text: string) => text.replace(/\r\n?/g, "\n");
      let id = "";
      const events: SSEEvent[] = [];
      const comments: string[] = [];
      for (const event of written) {
        id = event.id ?? id;
        if (event.comment !== undefined) comments.push(...lf(event.comment).split("\n"));
        if (event.data === undefined) continue;
        const read: SSEEvent = { id, event: event.event || "message", data: lf(event.data) };
        events.push(event.retry === undefined ? read : { ...read, retry: event.retry });
      }
      const text = written.map(encodeSSE).join("");
      const bytes = Uint8Array.from(written.flatMap((event) => [...encodeSSEBytes(event)]));
      assertEquals(bytes, utf8(text));
      const reading = read(cutAt(bytes, places(bytes.length, parts)));
      assertEquals(reading, {
        events,
        comments,
        retries: written.flatMap(({ retry }) => retry === undefined ? [] : [retry]),
        ignored: [],
        lastEventId: id,
      });
    }),
    runs,
  );
});

Deno.test("parsed events encode to a stream that parses to the same events", () => {
  fc.assert(
    fc.property(streamBytes, (bytes) => {
      const { events } = reference(bytes);
      assertEquals(read(events.map(encodeSSE)).events, events);
    }),
    runs,
  );
});
