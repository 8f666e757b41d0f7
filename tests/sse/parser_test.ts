import assert from "node:assert/strict";
import { parseSSE, SSEParser } from "../../lib/sse/mod.ts";

Deno.test("an event comes out as soon as its blank line is in", () => {
  const seen: unknown[] = [];
  const parser = new SSEParser({ onEvent: (event) => seen.push(event) });
  parser.push("id: 1\nevent: note\ndata: a\r\ndata: b\n");
  assert.deepEqual(seen, []);
  parser.push(new TextEncoder().encode("\n"));
  assert.deepEqual(seen, [{ id: "1", event: "note", data: "a\nb" }]);
});

Deno.test("breaking out of a loop cancels the body", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("data: x\n\n")),
    cancel: () => void (cancelled = true),
  });
  for await (const event of parseSSE(body)) {
    assert.equal(event.data, "x");
    break;
  }
  assert.ok(cancelled);
});
