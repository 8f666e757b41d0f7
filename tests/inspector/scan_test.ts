/** Every byte is covered, every broken rule is reported, and the events match the library's. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { type RuleId, RULES } from "../../routes/inspect/(_parts)/rules.ts";
import { type Block, StreamScanner } from "../../routes/inspect/(_parts)/scan.ts";
import { RULE_TEXTS } from "../../routes/inspect/(_parts)/rule_texts.ts";
import { SSEParser } from "../../lib/sse/mod.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function scan(stream: string | Uint8Array, size = Infinity): StreamScanner {
  const bytes = typeof stream === "string" ? encode(stream) : stream;
  const scanner = new StreamScanner();
  for (let at = 0; at < bytes.length; at += size) {
    scanner.push(bytes.subarray(at, Math.min(bytes.length, at + size)), null);
  }
  scanner.end();
  return scanner;
}

const rulesOf = (blocks: readonly Block[]) =>
  blocks.flatMap(({ faults }) => faults.map(({ rule, line, at }) => [rule, line, at]));

const RULE_CASES: readonly (readonly [
  title: string,
  stream: string,
  faults: readonly (readonly [RuleId, line: number, at: number])[],
])[] = [
  ["a clean stream has none", ": hi\nid: 1\nevent: a\ndata: b\nretry: 10\n\n", []],
  ["an unknown field", "foo: 1\ndata: x\n\n", [["unknown-field", 1, 0]]],
  ["a field in capitals", "data: x\nData: y\n\n", [["field-case", 2, 8]]],
  ["a space before the colon", "data : x\n\n", [["field-space", 1, 0]]],
  ["a space before the name", "data: x\n data: y\n\n", [["field-space", 2, 8]]],
  ["a line that is no field at all", "hello\ndata: x\n\n", [["no-colon", 1, 0]]],
  ["a field without its colon", "data\n\n", [["bare-field", 1, 0]]],
  ["JSON that goes on without data:", 'data: {\n  "a": 1\n}\n\n', [
    ["bare-json", 2, 8],
    ["bare-json", 3, 17],
  ]],
  ["an id with NUL", "id: a\0b\ndata: x\n\n", [["id-nul", 1, 0]]],
  ["a retry with a unit", "retry: 3s\ndata: x\n\n", [["retry-not-digits", 1, 0]]],
  ["a retry with a sign", "retry: -1\ndata: x\n\n", [["retry-not-digits", 1, 0]]],
  ["an empty retry", "retry:\ndata: x\n\n", [["retry-not-digits", 1, 0]]],
  ["a retry in other digits", "retry: ٣\ndata: x\n\n", [["retry-not-digits", 1, 0]]],
  ["a byte order mark inside", "data: x\n\n\uFEFFdata: y\n\n", [["bom-inside", 3, 9]]],
  ["an event without data", "event: a\n\n", [["no-data", 2, 9]]],
  ["an id alone is no fault", "id: 4\n\n", []],
  ["a field set twice", "event: a\nevent: b\ndata: x\n\n", [["set-twice", 2, 9]]],
  ["a missing blank line", "data: x\n", [["unfinished", 2, 8]]],
  ["a line cut in the middle", "data: x\n\ndata: y", [["unfinished", 3, 9]]],
  ["comments at the end are not cut off", "data: x\n\n: bye\n", []],
  ["the line counts over every kind of end", "data: a\r\n\r\ndata: b\r\rfoo\n\n", [
    ["no-colon", 5, 20],
  ]],
];

for (const [title, stream, expected] of RULE_CASES) {
  Deno.test(`${title} is reported with rule, line and byte, for any chunking`, () => {
    for (const size of [1, 2, 3, Infinity]) {
      assertEquals<unknown>(rulesOf(scan(stream, size).blocks), expected, `chunks of ${size}`);
    }
  });
}

Deno.test("bytes that are not UTF-8 are noted on their line", () => {
  const bytes = Uint8Array.of(...encode("data: "), 0xff, ...encode("\n\n"));
  const { blocks } = scan(bytes, 1);
  assertEquals(rulesOf(blocks), [["not-utf8", 1, 0]]);
  assertStrictEquals(blocks[0]?.data, "\uFFFD");
});

Deno.test("a replacement character that was actually sent is not an error", () => {
  assertEquals(rulesOf(scan("data: \uFFFD\n\n").blocks), []);
});

Deno.test("every rule explains itself in one sentence and links to the standard", () => {
  assertEquals(Object.keys(RULE_TEXTS).sort(), Object.keys(RULES).sort());
  for (const [id, { text, url }] of Object.entries(RULE_TEXTS)) {
    assertMatch(text, /^[A-Z].*\.$/s, id);
    assertMatch(url, /^https:\/\/html\.spec\.whatwg\.org\/.*#/);
  }
});

Deno.test("blocks say what they are", () => {
  const { blocks } = scan(
    ": ping\n\nid: 7\n\nevent: e\ndata: 1\ndata: 2\nretry: 5\n: note\n\ndata: 3",
  );
  assertEquals(
    blocks.map(({ kind, id, event, data, retry, comments }) => [
      kind,
      id,
      event,
      data,
      retry,
      comments,
    ]),
    [
      ["comment", "", "message", "", null, ["ping"]],
      ["silent", "7", "message", "", null, []],
      ["event", "7", "e", "1\n2", 5, ["note"]],
      ["unfinished", "7", "message", "3", null, []],
    ],
  );
});

Deno.test("a block's time is that of its end, not its start", () => {
  const scanner = new StreamScanner();
  scanner.push(encode("data: a"), 10);
  assertStrictEquals(scanner.pending, 7);
  scanner.push(encode("\n\ndata: b\n\nda"), 25);
  scanner.push(encode("ta: c"), 40);
  scanner.end();
  assertEquals(scanner.blocks.map(({ atMs }) => atMs), [25, 25, 40]);
});

Deno.test("line ends are counted, and a CRLF split between chunks counts once", () => {
  assertEquals(scan("data: a\r\ndata: b\rdata: c\n\r\n", 1).endings, { lf: 1, crlf: 2, cr: 1 });
});

Deno.test("one byte order mark at the start is removed, for any chunking", () => {
  for (const size of [1, 2, Infinity]) {
    const scanner = scan("\uFEFFdata: x\n\n", size);
    assertStrictEquals(scanner.bom, true);
    assertStrictEquals(scanner.blocks[0]?.data, "x");
    assertEquals(rulesOf(scanner.blocks), []);
  }
});

/** Text that looks enough like a stream to reach every corner. */
const piece = fc.constantFrom(
  ..."data: a|data:|data|event: e|event:|id: 1|id:|id: x\0|retry: 5|retry: x|: c|foo: b|é€😀|\uFEFF|Data: x"
    .split("|"),
  "\n",
  "\n\n",
  "\r",
  "\r\n",
  "\r\n\r\n",
);
const stream = fc.array(piece, { maxLength: 40 }).map((pieces) => encode(pieces.join("")));
const anyBytes = fc.uint8Array({ maxLength: 80 }).map((bytes) =>
  bytes.map((byte) => byte % 5 === 0 ? 10 : byte % 7 === 0 ? 13 : byte)
);

Deno.test("it dispatches the same events as SSEParser for any bytes in any chunks", () => {
  fc.assert(
    fc.property(fc.oneof(stream, anyBytes), fc.integer({ min: 1, max: 9 }), (bytes, size) => {
      const events: unknown[] = [];
      const comments: string[] = [];
      const parser = new SSEParser({
        onEvent: ({ id, event, data, retry }) => events.push([id, event, data, retry ?? null]),
        onComment: (comment) => comments.push(comment),
      });
      parser.push(bytes);
      parser.end();
      const { blocks } = scan(bytes, size);
      const dispatched = blocks.filter(({ kind }) => kind === "event");
      assertEquals(
        dispatched.map(({ id, event, data, retry }) => [id, event, data, retry]),
        events,
      );
      // An unfinished last line is shown; a parser has no reason to read it.
      const seen = blocks.flatMap((block) => block.comments);
      assertEquals(seen.slice(0, comments.length), comments);
    }),
    { numRuns: 400 },
  );
});

Deno.test("blocks follow each other without a gap and cover every byte", () => {
  fc.assert(
    fc.property(fc.oneof(stream, anyBytes), fc.integer({ min: 1, max: 9 }), (bytes, size) => {
      const { blocks } = scan(bytes, size);
      let at = 0;
      for (const { from, to } of blocks) {
        assertStrictEquals(from, at);
        assert(to > from);
        at = to;
      }
      // What is left over holds no line at all: blank lines and a byte order mark.
      if (blocks.length > 0) assertStrictEquals(at, bytes.length);
    }),
    { numRuns: 400 },
  );
});
