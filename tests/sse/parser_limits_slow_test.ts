/** The parser's default limits, which only the largest data reaches. */
import { assertStrictEquals, assertThrows } from "@std/assert";
import { SSEError, type SSEEvent, SSEParser } from "../../lib/sse/mod.ts";
import { assertError } from "../assert_error.ts";
import { pieces, utf8 } from "./support/read.ts";

function collecting() {
  const events: SSEEvent[] = [];
  return { parser: new SSEParser({ onEvent: (event) => void events.push(event) }), events };
}

const limitIs = (limit: string) => (error: unknown) =>
  error instanceof SSEError && error.kind === "limit" && error.limit === limit &&
  error.message.includes(limit);

Deno.test("by default an event may have at most 64 MiB", () => {
  const most = "x".repeat(64 << 20);
  const { parser, events } = collecting();
  for (const piece of pieces(`data: ${most}\n\n`, 1 << 20)) parser.push(piece);
  assertStrictEquals(events[0]?.data.length, 64 << 20);
  assertError(assertThrows(() => parser.push(`data: ${most}x\n\n`)), limitIs("maxEventBytes"));
  parser.reset();
  assertError(assertThrows(() => parser.push(`: ${most}1234567\n`)), limitIs("maxLineBytes"));
});

Deno.test("the largest events of documented APIs are read with the default limits", () => {
  const image = `{"type":"image_generation.completed","b64_json":"${"iVBORw0K".repeat(28 << 17)}"}`;
  const text = `{"type":"response.output_text.done","text":"${"日本".repeat(4 << 18)}"}`;
  for (const data of [image, text]) {
    const { parser, events } = collecting();
    for (const piece of pieces(utf8(`data: ${data}\n\n`), 65536)) parser.push(piece);
    assertStrictEquals(events[0]?.data.length, data.length);
  }
});
