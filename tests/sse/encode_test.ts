import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { encodeSSE, encodeSSEBytes, SSEError, type SSEOutput } from "../../lib/sse/mod.ts";
import { read, utf8 } from "./support/read.ts";
import { assertError } from "../assert_error.ts";

const WRITTEN: readonly [what: string, event: SSEOutput, text: string][] = [
  ["data alone", { data: "a" }, "data: a\n\n"],
  [
    "every field, comment first",
    { id: "1", event: "e", data: "a", retry: 5, comment: "c" },
    ": c\nretry: 5\nid: 1\nevent: e\ndata: a\n\n",
  ],
  [
    "data of several lines, each its own",
    { data: "a\nb\r\nc\rd" },
    "data: a\ndata: b\ndata: c\ndata: d\n\n",
  ],
  ["empty data, which is still an event", { data: "" }, "data: \n\n"],
  ["data that is one line end", { data: "\n" }, "data: \ndata: \n\n"],
  ["data that begins with a space", { data: " a" }, "data:  a\n\n"],
  [
    "data that looks like a field",
    { data: "id: 7\nretry: 0\n\nevent: x" },
    "data: id: 7\ndata: retry: 0\ndata: \ndata: event: x\n\n",
  ],
  ["data that looks like a comment", { data: ": c" }, "data: : c\n\n"],
  ["an empty id, which takes the id back", { id: "", data: "a" }, "id: \ndata: a\n\n"],
  ["an empty type, which is message", { event: "", data: "a" }, "event: \ndata: a\n\n"],
  ["the type that is the default", { event: "message", data: "a" }, "data: a\n\n"],
  ["a heartbeat", { comment: "heartbeat" }, ": heartbeat\n\n"],
  ["an empty comment", { comment: "" }, ": \n\n"],
  [
    "a comment of several lines, none of them a field",
    { comment: "a\ndata: b\r\rid: c" },
    ": a\n: data: b\n: \n: id: c\n\n",
  ],
  ["retry alone", { retry: 0 }, "retry: 0\n\n"],
  ["nothing", {}, "\n"],
  ["what is undefined as what is not there", {
    id: undefined,
    event: undefined,
    data: undefined,
    retry: undefined,
    comment: undefined,
  }, "\n"],
];

for (const [what, event, text] of WRITTEN) {
  Deno.test(`encodes ${what}`, () => {
    assertStrictEquals(encodeSSE(event), text);
    assertEquals(encodeSSEBytes(event), utf8(text));
    const { ignored } = read([text]);
    assertEquals(ignored, []);
  });
}

const REFUSED: readonly [what: string, event: SSEOutput][] = [
  ["LF in id", { id: "1\ndata: injected", data: "a" }],
  ["CR in id", { id: "1\r", data: "a" }],
  ["NUL in id, which parsers ignore", { id: "1\0", data: "a" }],
  ["LF in event", { event: "e\n\ndata: injected", data: "a" }],
  ["CR in event", { event: "\re", data: "a" }],
  ["negative retry", { retry: -1 }],
  ["a fraction as retry", { retry: 1.5 }],
  ["NaN as retry", { retry: NaN }],
  ["Infinity as retry", { retry: Infinity }],
  ["a retry that prints as 1e+21", { retry: 1e21 }],
];

for (const [what, event] of REFUSED) {
  Deno.test(`refuses ${what}`, () => {
    for (const encode of [encodeSSE, encodeSSEBytes]) {
      assertError(
        assertThrows(() => encode(event)),
        (error) => error instanceof SSEError && error.kind === "encode",
      );
    }
  });
}

Deno.test("a parsed event can be encoded again", () => {
  const { events } = read(["id: 1\nevent: e\nretry: 9\ndata: a\ndata: b\n\n"]);
  assertEquals(read(events.map(encodeSSE)).events, events);
});
