import { assertEquals } from "@std/assert";
import { parseSSE, SSEParser } from "../../lib/sse/mod.ts";

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
