import { assertEquals, assertStrictEquals } from "@std/assert";
import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { cuts, places, streamText } from "./support/arbitrary.ts";
import { GRAMMAR } from "./support/grammar.ts";
import { cutAt, read, type Reading, utf8 } from "./support/read.ts";

/**
 * Compares this parser with eventsource-parser 4. Intended differences are listed; everything else must be
 * the same.
 */
const DEVIATIONS = [
  "id: theirs is that of the event's own block, ours the last one in force, as in the standard",
  "event: theirs is undefined where none was named, ours `message`",
  "retry: theirs is only called back, ours is in the event too",
  "BOM: theirs also takes three characters EF BB BF of a decoded string for one",
  "unknown fields: theirs are dropped without a word where they span chunks, ours always reported",
] as const;

interface Common {
  events: { event: string; data: string }[];
  comments: string[];
  retries: number[];
}

function theirs(chunks: Iterable<string>): Common {
  const out: Common = { events: [], comments: [], retries: [] };
  const parser = createParser({
    onEvent: ({ event = "message", data }) => void out.events.push({ event, data }),
    onComment: (text) => void out.comments.push(text),
    onRetry: (ms) => void out.retries.push(ms),
  });
  for (const chunk of chunks) parser.feed(chunk);
  return out;
}

const common = ({ events, comments, retries }: Reading): Common => ({
  events: events.map(({ event, data }) => ({ event, data })),
  comments,
  retries,
});

Deno.test("the deviations are few and named", () => assertStrictEquals(DEVIATIONS.length, 5));

Deno.test("every row of the grammar reads the same in both parsers, except for deviations", () => {
  for (const { rule, input } of GRAMMAR) {
    const bytes = typeof input === "string" ? utf8(input) : input;
    // Their input is text: ours decodes as it goes, so theirs is given what a decoder gives.
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    assertEquals(theirs([text]), common(read([bytes])), rule);
  }
});

Deno.test("any stream in any chunks reads the same in both parsers, except for deviations", () => {
  fc.assert(
    fc.property(streamText, cuts, (text, parts) => {
      fc.pre(!text.startsWith("\u00EF"));
      const chunks = cutAt(text, places(text.length, parts));
      assertEquals(theirs(chunks), common(read(chunks)));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("deviation: an ID persists here but not there", () => {
  const stream = "id: 1\ndata: a\n\ndata: b\n\n";
  const ids: (string | undefined)[] = [];
  createParser({ onEvent: ({ id }) => void ids.push(id) }).feed(stream);
  assertEquals(ids, ["1", undefined]);
  assertEquals(read([stream]).events.map(({ id }) => id), ["1", "1"]);
});
