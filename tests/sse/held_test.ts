/** Small chunks wait for the end of a line before they are decoded, with no visible difference. */
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { chunked, SHAPES, TASK_API } from "../../bench/sse/shapes.ts";
import { SSEError, type SSEEvent, SSEParser, type SSEParserOptions } from "../../lib/sse/mod.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

function recorder(options: SSEParserOptions = {}) {
  const events: SSEEvent[] = [];
  const parser = new SSEParser({ ...options, onEvent: (event) => events.push(event) });
  return { events, parser, data: () => events.map(({ data }) => data) };
}

for (const shape of [TASK_API, ...SHAPES]) {
  Deno.test(`${shape.name}: the events are the same for any chunk size`, () => {
    const bytes = shape.bytes.subarray(0, 20_000);
    const whole = recorder();
    whole.parser.push(bytes);
    const unfinished = whole.parser.end();
    assert(whole.events.length > 10);
    for (const size of [1, 2, 3, 7, 64, 255, 256, 511, 512, 513, 1024]) {
      const { events, parser } = recorder();
      for (const chunk of chunked({ ...shape, bytes }, size)) parser.push(chunk);
      assertStrictEquals(parser.lastEventId, whole.parser.lastEventId, `${size} bytes`);
      assertStrictEquals(parser.end(), unfinished, `${size} bytes`);
      assertEquals(events, whole.events, `${size} bytes`);
    }
  });
}

Deno.test("an event is dispatched by the chunk that ends it, not by a later one", () => {
  for (const ending of ["\n\n", "\r\n\r\n", "\r\r"]) {
    const { parser, data } = recorder();
    for (const letter of "data: slow") parser.push(utf8(letter));
    assertEquals(data(), []);
    for (const end of ending.slice(0, -1)) parser.push(utf8(end));
    parser.push(utf8(ending.slice(-1)));
    assertEquals(data(), ["slow"], JSON.stringify(ending));
  }
});

Deno.test("a comment is reported by the chunk that ends its line", () => {
  const comments: string[] = [];
  const parser = new SSEParser({ onComment: (comment) => comments.push(comment) });
  parser.push(utf8(": still "));
  parser.push(utf8("here"));
  assertEquals(comments, []);
  parser.push(utf8("\n"));
  assertEquals(comments, ["still here"]);
});

Deno.test("strings continue where the previous bytes ended", () => {
  const { parser, data } = recorder();
  parser.push(utf8("data: by"));
  parser.push("tes, then ");
  parser.push(utf8("bytes "));
  parser.push(utf8("again\n"));
  parser.push("\n");
  assertEquals(data(), ["bytes, then bytes again"]);
});

Deno.test("large and small chunks can follow each other", () => {
  const { parser, data } = recorder();
  const large = "x".repeat(5000);
  for (const part of ["data: é", large, "日本", large, "😀", "\n", "\n"]) parser.push(utf8(part));
  assertEquals(data(), [`é${large}日本${large}😀`]);
});

Deno.test("a character cut between chunks stays whole, whether they are small or large", () => {
  for (const filler of ["", "y".repeat(600)]) {
    const { parser, data } = recorder();
    const bytes = utf8(`data: 😀${filler}\n\n`);
    for (const cut of [7, 8, 9]) {
      parser.push(bytes.slice(0, cut));
      parser.push(bytes.slice(cut));
    }
    assertEquals(data(), Array(3).fill(`😀${filler}`));
  }
});

/** Bytes that are no UTF-8, or only the beginning of a character. */
const BROKEN: Readonly<Record<string, readonly number[]>> = {
  "continuation bytes alone": [0x80, 0xbf, 0x80, 0x80, 0x80],
  "a character without its end": [0xf0, 0x9f, 0x98],
  "first bytes in a row": [0xf0, 0xe2, 0xc3, 0xf4],
  "a character with a byte too many": [0xc3, 0xa9, 0xa9],
  "a surrogate": [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
  "what is never in UTF-8": [0xff, 0xc0, 0x8a, 0xf5, 0x80, 0xfe],
};

for (const [name, broken] of Object.entries(BROKEN)) {
  Deno.test(`${name}: replaced as the decoder does it, for any chunk size`, () => {
    for (const filler of ["", "é".repeat(400)]) {
      const bytes = new Uint8Array([
        ...utf8(`data: ${filler}`),
        ...broken,
        ...utf8("日\n\ndata: next\n\n"),
      ]);
      const expected = [filler + new TextDecoder().decode(new Uint8Array(broken)) + "日", "next"];
      for (const size of [1, 2, 3, 5, 64, 512, 513, 700, 801, 802, 803, 804, 805, 2000]) {
        const { parser, data } = recorder();
        for (const chunk of chunked({ name, events: 2, bytes }, size)) parser.push(chunk);
        assertEquals(data(), expected, `${size} bytes`);
      }
    }
  });
}

Deno.test("held input is unfinished at the end, flushed on request, and dropped by reset", () => {
  const { parser, data } = recorder();
  parser.push(utf8("data: half"));
  assertStrictEquals(parser.end(), true);
  parser.push(utf8("data: half"));
  parser.end({ flush: true });
  assertEquals(data(), ["half"]);
  parser.push(utf8("data: for"));
  parser.reset();
  parser.push(utf8("data: other\n\n"));
  assertEquals(data(), ["half", "other"]);
  assertStrictEquals(parser.end(), false);
});

Deno.test("a callback that throws keeps the rest, and small chunks do not overtake it", () => {
  const seen: string[] = [];
  let isBroken = true;
  const parser = new SSEParser({
    onEvent({ data }) {
      if (isBroken) throw new TypeError("mine");
      seen.push(data);
    },
  });
  assertThrows(() => parser.push(utf8("data: 1\n\ndata: 2\n\ndata: 3")), TypeError);
  isBroken = false;
  parser.push(utf8("4"));
  parser.push(utf8("\n\n"));
  assertEquals(seen, ["2", "34"]);
});

Deno.test("a callback may push without parsing held input twice", () => {
  for (const filler of ["", "x".repeat(600)]) {
    const seen: string[] = [];
    const parser = new SSEParser({
      onEvent({ data }) {
        seen.push(data);
        if (data === "1") parser.push(utf8("4"));
      },
    });
    parser.push(utf8(`:${filler}\n`));
    parser.push(utf8("data: 1"));
    parser.push(utf8("\n\ndata: 2\n\ndata: 3"));
    parser.push(utf8("\n\n"));
    assertEquals(seen, ["1", "2", "34"]);
  }
});

Deno.test("a callback may reset and drop the held input after its event", () => {
  const seen: string[] = [];
  const parser = new SSEParser({
    onEvent({ data }) {
      seen.push(data);
      if (data === "1") parser.reset();
    },
  });
  parser.push(utf8("data: 1"));
  parser.push(utf8("\n\ndata: 2\n\ndata: 3"));
  parser.push(utf8("data: 5\n\n"));
  assertEquals(seen, ["1", "5"]);
});

Deno.test("other buffer types are read by their bytes or rejected, even small ones", () => {
  const bytes = utf8("data: é..\n\n"); // 12 bytes
  const views = [
    new Uint8ClampedArray(bytes),
    new Uint16Array(bytes.buffer),
    new DataView(bytes.buffer),
    bytes.buffer,
  ];
  for (const view of views) {
    const { parser, data } = recorder();
    // Types would not allow it; chunks of a stream are whatever its source makes.
    Reflect.apply(parser.push, parser, [view]);
    assertEquals(data(), ["é.."], view.constructor.name);
  }
  for (const chunk of [[100, 97], 5, null, {}, { length: 3 }]) {
    const { parser } = recorder();
    assertThrows(() => Reflect.apply(parser.push, parser, [chunk]), TypeError);
  }
});

const LIMITS = [8, 20, 505, 511, 512, 513, 1530, 1536, 1540];

for (const limit of LIMITS) {
  Deno.test(`a line of ${limit} bytes is allowed and one more byte is not, for any chunking`, () => {
    for (const size of [1, 5, 64, 511, 512, 513, 4096]) {
      for (const [length, isAllowed] of [[limit, true], [limit + 1, false]] as const) {
        const { parser, data } = recorder({ maxLineBytes: limit });
        const line = "data: " + "x".repeat(length - 6);
        const bytes = utf8(`data: 1\n\n${line}\n\n`);
        const push = () => {
          for (const chunk of chunked({ name: "", events: 0, bytes }, size)) parser.push(chunk);
        };
        if (isAllowed) push();
        else assertStrictEquals(assertThrows(push, SSEError).limit, "maxLineBytes", `${size}`);
        assertEquals(data(), isAllowed ? ["1", line.slice(6)] : ["1"], `${size}`);
      }
    }
  });
}
