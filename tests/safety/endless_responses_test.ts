/** API responses without an end, or larger than they look: each has a limit. */
import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { TaskClient } from "../../lib/parallel/client.ts";
import { ANSWER_BYTES } from "../../lib/parallel/limits.ts";
import { withProxy } from "../proxy/proxy_app.ts";

const CHUNK = 1024 * 1024;
const JSON_TYPE = { "content-type": "application/json" };

/** A body without an end, and how much of it was taken. */
function endless() {
  const gone = Promise.withResolvers<void>();
  const source = { taken: 0, gone: gone.promise };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      source.taken += CHUNK;
      controller.enqueue(new Uint8Array(CHUNK).fill(0x20));
    },
    cancel: () => gone.resolve(),
  }, { highWaterMark: 0 });
  return { source, body };
}

const calls: Readonly<Record<string, (client: TaskClient) => Promise<{ ok: boolean }>>> = {
  create: (client) => client.create({ input: "x", processor: "lite" }),
  retrieve: (client) => client.retrieve("trun_1"),
  input: (client) => client.input("trun_1"),
  result: (client) => client.result("trun_1", { timeoutSeconds: 1 }),
};

for (const [name, call] of Object.entries(calls)) {
  for (const status of [200, 500]) {
    Deno.test(`an endless response to ${name} with status ${status} is abandoned at its limit`, async () => {
      const { source, body } = endless();
      const client = new TaskClient({
        baseUrl: "https://api.example",
        apiKey: "pk-test-key-1234",
        fetch: () => Promise.resolve(new Response(body, { status, headers: JSON_TYPE })),
      });
      const result = await call(client);
      assertStrictEquals(result.ok, false);
      assertMatch(JSON.stringify(result), /malformed.*more than 16,777,216 bytes/);
      await source.gone;
      assert(source.taken <= ANSWER_BYTES + CHUNK);
    });
  }
}

Deno.test("a small response that unpacks beyond its limit is abandoned", async () => {
  const blank = new Blob([new Uint8Array(2 * ANSWER_BYTES).fill(0x20)]);
  const packed = await new Response(blank.stream().pipeThrough(new CompressionStream("gzip")))
    .bytes();
  assert(packed.byteLength < CHUNK);
  const headers = { ...JSON_TYPE, "content-encoding": "gzip" };
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response(packed, { headers }),
  );
  const client = new TaskClient({
    baseUrl: `http://127.0.0.1:${server.addr.port}`,
    apiKey: "pk-test-key-1234",
    fetch,
  });
  const result = await client.result("trun_1", { timeoutSeconds: 1 });
  assert(!result.ok && result.failure.kind === "malformed");
});

const REQUESTS: readonly [method: string, path: string][] = [
  ["GET", "/api/v1/tasks/runs/trun_1"],
  ["GET", "/api/v1/tasks/runs/trun_1/input"],
  ["GET", "/api/v1/tasks/runs/trun_1/result"],
  ["POST", "/api/v1/tasks/runs"],
  ["POST", "/api/v1/tasks/groups"],
  ["POST", "/api/v1/tasks/groups/tgrp_1/runs"],
  ["POST", "/api/v1/chat/completions"],
];

for (const [method, path] of REQUESTS) {
  Deno.test(`${method} ${path}: an endless response gives 502 in the API's format`, async () => {
    const { source, body } = endless();
    await withProxy(async ({ fetch }) => {
      const headers = { "x-api-key": "pk-test-key-1234", ...JSON_TYPE };
      const asked = { method, headers, ...(method === "POST" ? { body: "{}" } : {}) };
      const response = await fetch(path, asked);
      assertStrictEquals(response.status, 502);
      const { type, error } = await response.json();
      assertStrictEquals(type, "error");
      assertMatch(error.message, /more than 16,777,216 bytes/);
      await source.gone;
      // The buffers of the sockets are extra.
      assert(source.taken <= ANSWER_BYTES + 32 * CHUNK);
    }, {
      api: () => new Response(body, { headers: JSON_TYPE }),
    });
  });
}
