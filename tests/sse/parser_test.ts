import {
  assert,
  assertEquals,
  assertMatch,
  assertStrictEquals,
  assertThrows,
  fail,
} from "@std/assert";
import { SSEError, type SSEEvent, SSEParser, type SSEParserOptions } from "../../lib/sse/mod.ts";
import { pieces, read, utf8 } from "./support/read.ts";
import { assertError } from "../assert_error.ts";
import { threadTime } from "../cpu_time.ts";

/** A parser and the data of what it dispatched. */
function collecting(options: SSEParserOptions = {}) {
  const events: SSEEvent[] = [];
  const parser = new SSEParser({ onEvent: (event) => void events.push(event), ...options });
  return { parser, events, data: () => events.map((event) => event.data) };
}

Deno.test("an event is dispatched as soon as its blank line arrives", () => {
  const { parser, events } = collecting();
  parser.push("id: 1\nevent: note\ndata: a\r\ndata: b\n");
  assertEquals(events, []);
  parser.push(utf8("\n"));
  assertEquals(events, [{ id: "1", event: "note", data: "a\nb" }]);
});

Deno.test("lines may end in LF, CR and CRLF in turn, and only CR then LF is one line end", () => {
  const ends = ["\n", "\r", "\r\n"];
  for (const line of ends) {
    for (const blank of ends) {
      const { parser, data } = collecting();
      parser.push(`data: a${line}${blank}data: b${line}data: c${blank}${line}`);
      const whole = line + blank !== "\r\n";
      const last = blank + line !== "\r\n" ? ["b\nc"] : [];
      assertEquals(data(), whole ? ["a", ...last] : ["a\nb\nc"], JSON.stringify([line, blank]));
    }
  }
});

Deno.test("a CR at a chunk's end ends the line at once, and a following LF is ignored", () => {
  const { parser, data } = collecting();
  parser.push(utf8("data: a\r\r"));
  assertEquals(data(), ["a"]);
  parser.push(utf8("\ndata: b\r\n\r"));
  assertEquals(data(), ["a", "b"]);
  parser.push(utf8("\n"));
  parser.push(utf8("data: c\n\n"));
  assertEquals(data(), ["a", "b", "c"]);
});

Deno.test("a comment is reported as soon as its line ends", () => {
  const comments: string[] = [];
  const parser = new SSEParser({ onComment: (text) => void comments.push(text) });
  parser.push(utf8(": heart"));
  assertEquals(comments, []);
  parser.push(utf8("beat\n"));
  assertEquals(comments, ["heartbeat"]);
});

Deno.test("all callbacks are optional", () => {
  const parser = new SSEParser();
  parser.push("data: a\n: b\nretry: 1\nfoo\n\n");
  assertStrictEquals(parser.end(), false);
});

Deno.test("end says whether something unfinished was discarded", () => {
  for (const rest of ["data: b", "data: b\n", "dat", "id: 7"]) {
    const { parser } = collecting();
    parser.push("data: a\n\n" + rest);
    assertStrictEquals(parser.end(), true, rest);
    assertStrictEquals(parser.end(), false, "once");
  }
  for (const rest of ["", "\n", ": comment\n"]) {
    const { parser } = collecting();
    parser.push(utf8("data: a\n\n" + rest));
    assertStrictEquals(parser.end(), false, rest);
  }
});

Deno.test("after end the next push starts a new stream with its own BOM and keeps the current ID", () => {
  const { parser, events } = collecting();
  parser.push("id: 5\ndata: a\n\ndata: unfinished\n");
  parser.end();
  parser.push("\uFEFFdata: b\n\n");
  assertEquals(events.map(({ id, data }) => [id, data]), [["5", "a"], ["5", "b"]]);
});

Deno.test("reset drops the unfinished line, the event and the ID", () => {
  for (
    const unfinished of ["data: half", "data: whole\n", "id: 9\nevent: e\nretry: 1\ndata: x\n"]
  ) {
    for (const chunk of [unfinished, utf8(unfinished)]) {
      const { parser, events } = collecting();
      parser.push("id: 5\ndata: a\n\n");
      parser.push(chunk);
      parser.reset();
      parser.push("data: b\n\n");
      assertEquals(events[1], { id: "", event: "message", data: "b" });
      parser.reset("8");
      assertStrictEquals(parser.lastEventId, "8");
    }
  }
});

Deno.test("lastEventId changes at dispatch, not at the ID line", () => {
  const parser = new SSEParser({ lastEventId: "0" });
  assertStrictEquals(parser.lastEventId, "0");
  parser.push("id: 1\n");
  assertStrictEquals(parser.lastEventId, "0");
  parser.push("\n");
  assertStrictEquals(parser.lastEventId, "1");
});

Deno.test("a callback that throws loses nothing: the rest comes with the next push", () => {
  for (const asBytes of [true, false]) {
    const seen: string[] = [];
    const parser = new SSEParser({
      onEvent({ data }) {
        seen.push(data);
        if (data === "2") throw new RangeError("mine");
      },
    });
    const chunk = (text: string) => asBytes ? utf8(text) : text;
    assertThrows(() => parser.push(chunk("data: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4")), RangeError);
    assertEquals(seen, ["1", "2"]);
    parser.push(chunk("5\n\n"));
    assertEquals(seen, ["1", "2", "3", "45"]);
  }
});

for (const [name, end] of [["CR", "\r"], ["CRLF", "\r\n"]] as const) {
  Deno.test(`a callback that throws or pushes loses nothing between lines ending in ${name}`, () => {
    const seen: string[] = [];
    const parser: SSEParser = new SSEParser({
      onEvent({ data }) {
        seen.push(data);
        if (data === "1") throw new RangeError("mine");
        if (data === "2") parser.push("data: pushed\n\ndata: 4\n");
      },
    });
    const lines = (...data: string[]) => data.map((value) => `data: ${value}${end}${end}`).join("");
    assertThrows(() => parser.push(lines("1", "2", "3")), RangeError);
    parser.push(utf8("\r\n" + lines("5")));
    parser.push("\n");
    assertEquals(seen, ["1", "2", "3", "5", "pushed", "4"]);
  });
}

Deno.test("a callback that always throws loses no chunk", () => {
  const stream = "data: 1\r\rdata: 2\r\rdata: é\r\rid: 4\rdata: 4\r\rdata: 5\n\n";
  for (
    const [size, asBytes] of [[1, true], [1, false], [7, true], [20, false], [99, true]] as const
  ) {
    const whole = asBytes ? utf8(stream) : stream;
    const seen: string[] = [];
    const parser = new SSEParser({
      onEvent({ data }) {
        seen.push(data);
        throw new RangeError("mine");
      },
    });
    const tried = (push: () => void) => {
      try {
        push();
      } catch (error) {
        assert(error instanceof RangeError, String(error));
      }
    };
    for (let at = 0; at < whole.length; at += size) {
      tried(() => parser.push(whole.slice(at, at + size)));
    }
    // At most one event a push: there may be as many left as there are.
    for (let left = 0; left < 5; left++) tried(() => parser.push(""));
    assertEquals(seen, ["1", "2", "é", "4", "5"], `${size} at a time`);
    assertStrictEquals(parser.lastEventId, "4");
    assertStrictEquals(parser.end(), false);
  }
});

Deno.test("a callback that throws at the end loses nothing: end gives the rest", () => {
  const seen: string[] = [];
  const parser = new SSEParser({
    onEvent({ data }) {
      seen.push(data);
      if (data === "1") throw new RangeError("mine");
    },
  });
  assertThrows(() => parser.push("data: 1\n\ndata: 2\n\n"), RangeError);
  parser.end();
  assertEquals(seen, ["1", "2"]);
});

Deno.test("a callback may reset the parser: nothing more of the chunk is dispatched", () => {
  for (const chunk of ["data: 1\n\ndata: 2\n\nda", utf8("data: 1\n\ndata: 2\n\nda")]) {
    const seen: string[] = [];
    const parser: SSEParser = new SSEParser({
      onEvent({ data }) {
        seen.push(data);
        if (data === "1") parser.reset();
      },
    });
    parser.push(chunk);
    parser.push("data: 3\n\n");
    assertEquals(seen, ["1", "3"]);
  }
});

Deno.test("a callback may push: pushed input is processed after the current input", () => {
  for (const as of [utf8, (text: string) => text]) {
    const seen: string[] = [];
    const parser: SSEParser = new SSEParser({
      onEvent({ data }) {
        seen.push(data);
        if (data === "1") parser.push(as("data: 4\n\ndata: 5\n\n"));
      },
    });
    parser.push(as("data: 1\n\ndata: 2\n\ndata: 3\n\n"));
    assertEquals(seen, ["1", "2", "3", "4", "5"]);
  }
});

const limitIs = (limit: string) => (error: unknown) => {
  assert(error instanceof SSEError);
  assertEquals([error.kind, error.limit], ["limit", limit]);
  assertMatch(error.message, new RegExp(limit));
  return true;
};

/** The same input at once, by one, by three, and as strings: the same must come of it. */
function everyWay(text: string) {
  const bytes = utf8(text);
  return [[bytes], pieces(bytes, 1), pieces(bytes, 3), [text], pieces(text, 1)];
}

Deno.test("data at the limit passes and one byte more does not, for any chunking", () => {
  for (const data of ["12345678", "éééé", "€€ab", "😀😀", "1\ndata: 3\ndata: 5678".slice(0, 19)]) {
    const size = utf8(data.replaceAll("\ndata: ", "\n")).length;
    for (const chunks of everyWay(`data: ok\n\ndata: ${data}\n\ndata: z\n\n`)) {
      const passes = read(chunks, { maxEventBytes: size });
      assertEquals([passes.error, passes.events.length], [undefined, 3], data);
      const fails = read(chunks, { maxEventBytes: size - 1, maxLineBytes: 1000 });
      assertMatch(fails.error ?? "", /maxEventBytes/, data);
      assertEquals(fails.events.map((event) => event.data), ["ok"], data);
    }
  }
});

Deno.test("a line at the limit passes and one byte more does not, for any kind of line", () => {
  for (const line of ["data: 12", ": commen", "unknown:", "event: é", "data: 日"]) {
    const size = utf8(line).length;
    for (const chunks of everyWay(`data: 1\n\n${line}\n\ndata: z\n\n`)) {
      assertStrictEquals(read(chunks, { maxLineBytes: size }).error, undefined, line);
      const fails = read(chunks, { maxLineBytes: size - 1 });
      assertMatch(fails.error ?? "", /maxLineBytes/, line);
      assertEquals(fails.events.map((event) => event.data), ["1"], line);
    }
  }
});

Deno.test("an endless line fails as soon as it is too long, before its end", () => {
  const { parser } = collecting({ maxLineBytes: 100 });
  parser.push(utf8("x".repeat(100)));
  assertError(assertThrows(() => parser.push(utf8("x"))), limitIs("maxLineBytes"));
});

Deno.test("an endless event fails as soon as it is too large", () => {
  const { parser } = collecting({ maxEventBytes: 100 });
  assertError(
    assertThrows(() => {
      for (let n = 0; n < 60; n++) parser.push(utf8("data: a\n"));
    }),
    limitIs("maxEventBytes"),
  );
});

Deno.test("endless comments and empty events do not count as one endless event", () => {
  const { parser, data } = collecting({ maxEventBytes: 20 });
  for (let n = 0; n < 100; n++) parser.push(utf8(": heartbeat\n"));
  for (let n = 0; n < 100; n++) parser.push(utf8("data: 1\n\n"));
  assertStrictEquals(data().length, 100);
});

Deno.test("after exceeding a limit the parser rejects input until it is reset", () => {
  const { parser, data } = collecting({ maxEventBytes: 3 });
  assertError(
    assertThrows(() => parser.push("data: 1\n\ndata: 1234\n\ndata: 2\n\n")),
    limitIs("maxEventBytes"),
  );
  assertError(assertThrows(() => parser.push("data: 3\n\n")), limitIs("maxEventBytes"));
  assertError(assertThrows(() => parser.end()), limitIs("maxEventBytes"));
  parser.reset();
  parser.push("data: 4\n\n");
  assertEquals(data(), ["1", "4"]);
});

Deno.test("a higher limit can be set", () => {
  const { parser, events } = collecting({ maxEventBytes: 16 << 20 });
  parser.push(`data: ${"x".repeat(9 << 20)}\n\n`);
  assertStrictEquals(events[0]?.data.length, 9 << 20);
});

/** How long a piece of work is repeated until its time says something (ms). */
const MEASURED_MS = 80;

/**
 * That `work` takes less than `times` as much processor time as `base`. The best of ten turns counts: the first
 * ones compile, and in some the collector clears up after other tests.
 */
function assertTakesLess(base: () => void, work: () => void, times: number) {
  let [quick, slow] = [Infinity, Infinity];
  for (let turn = 0; turn < 10; turn++) {
    quick = Math.min(quick, averageTime(base));
    slow = Math.min(slow, averageTime(work));
    if (turn > 0 && slow < quick * times) return;
  }
  fail(`${slow} ms against ${quick} ms: ${times} times as long or more`);
}

function averageTime(work: () => void): number {
  const started = threadTime();
  for (let turns = 1;; turns++) {
    work();
    const ms = threadTime() - started;
    if (ms >= MEASURED_MS) return ms / turns;
  }
}

for (
  const [shape, stream] of [
    ["one line, in small chunks", (n: number) => pieces(utf8(`data: ${"x".repeat(n)}\n\n`), 64)],
    [
      "one line, in large chunks",
      (n: number) => pieces(utf8(`data: ${"é".repeat(n / 2)}\n\n`), 1024),
    ],
    [
      "one event of many lines",
      (n: number) => pieces(utf8("data: x\n".repeat(n / 8) + "\n"), 1024),
    ],
    ["lines without a colon in one chunk", (n: number) => [utf8("x\n".repeat(n / 2))]],
    ["a string, unit by unit", (n: number) => pieces(`data: ${"x".repeat(n / 8)}\n\n`, 1)],
    ["CRs, in one chunk", (n: number) => [utf8("data: x\r".repeat(n / 8))]],
    ["CRs before one LF", (n: number) => [utf8("data: x\r".repeat(n / 8) + "\n")]],
    ["LFs before one CR", (n: number) => [utf8("data: x\n".repeat(n / 8) + "\r")]],
    ["CRLFs, in one chunk", (n: number) => [utf8("data: xx\r\n\r\n".repeat(n / 12))]],
  ] satisfies [string, (n: number) => Iterable<Uint8Array | string>][]
) {
  Deno.test(`time is linear in the input: ${shape}`, () => {
    const reading = (n: number) => {
      const chunks = [...stream(n)];
      return () => void read(chunks, { maxEventBytes: 1 << 26 });
    };
    // Eight times the input; quadratic would be sixty-four times the time. From 512 KiB on the collector
    // moves what was read, and one of a busy machine takes up to eighty times as long for it.
    assertTakesLess(reading(1 << 14), reading(1 << 17), 32);
  });
}

Deno.test("an event of many lines near its limit takes linear time", () => {
  const chunks = pieces(utf8("data: xxxxxxxx\n".repeat(40_000)), 16384);
  const within = (maxEventBytes: number) => () => void read(chunks, { maxEventBytes });
  // Counting the bytes anew for each line of the last third would take a thousand times as long.
  assertTakesLess(within(1 << 26), within(400 << 10), 16);
});

Deno.test("a character split between chunks is decoded anywhere in the stream", () => {
  const bytes = utf8("data: a\n\ndata: 😀\n\ndata: b\n\n");
  for (let cut = 1; cut < bytes.length; cut++) {
    const { parser, data } = collecting();
    parser.push(utf8("data: ascii\n\n"));
    parser.push(bytes.subarray(0, cut));
    parser.push(bytes.subarray(cut));
    parser.push(utf8("data: ascii\n\n"));
    assertEquals(data(), ["ascii", "a", "😀", "b", "ascii"], `cut at ${cut}`);
  }
});

Deno.test("an unfinished character before a string or at the end is replaced and not kept", () => {
  const { parser, data } = collecting();
  parser.push(utf8("data: é").subarray(0, 7));
  parser.push("!\n\n");
  parser.push(utf8("data: é").subarray(0, 7));
  parser.end({ flush: true });
  parser.push(utf8("data: next\n\n"));
  assertEquals(data(), ["\uFFFD!", "\uFFFD", "next"]);
});
