import { assertEquals } from "@std/assert";
import { encodeSSE, LeanParser, parseSSE, type SSEEvent, SSEParser } from "../../lib/sse/mod.ts";

Deno.test("an event carries its block's retry, even without a retry listener", async () => {
  const text = "retry: 5\ndata: a\n\ndata: b\n\n";
  const expected = [
    { id: "", event: "message", data: "a", retry: 5 },
    { id: "", event: "message", data: "b" },
  ];
  for (const onRetry of [undefined, () => {}]) {
    const events: unknown[] = [];
    const parser = new SSEParser({ onEvent: (event) => events.push({ ...event }), onRetry });
    parser.push(text);
    assertEquals(events, expected);
    assertEquals(await Array.fromAsync(parseSSE(new Response(text), { onRetry })), expected);
  }
});

Deno.test("a retry of any length can be written again", () => {
  for (const digits of [21, 22, 400]) {
    const text = "retry: " + "9".repeat(digits) + "\ndata: a\n\n";
    const events: SSEEvent[] = [];
    const options = { onEvent: (event: SSEEvent) => void events.push(event) };
    for (const parser of [new SSEParser(options), new LeanParser(options)]) {
      parser.push(new TextEncoder().encode(text));
    }
    assertEquals(events.map(({ retry }) => retry), [1e20, 1e20]);
    for (const event of events) {
      assertEquals(encodeSSE(event), "retry: 100000000000000000000\nid: \ndata: a\n\n");
    }
  }
});
