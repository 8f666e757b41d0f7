/** A request that may be billed is sent only once, despite any failure. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { collect, connectSSE, type ConnectSSEInit } from "../../lib/sse/mod.ts";
import { type Answer, status, stream, upstream } from "./support/upstream.ts";

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
function randomOf(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const EVENTS = 'id: 1\nretry: 5\ndata: {"choices":[{"delta":{"content":"Hi"}}]}\n\n: beat\n\n' +
  "id: 2\nevent: tick\ndata: two\ndata: lines\n\ndata: [DONE]\n\n";

const pick = <T>(random: () => number, from: readonly T[]): T =>
  from[Math.floor(random() * from.length)]!;

/** What the server, or the way to it, does to the first request. */
function failure(random: () => number): { name: string; answer: Answer; isSilent?: boolean } {
  const cut = Math.floor(random() * EVENTS.length);
  const part = EVENTS.slice(0, cut);
  const code = pick(random, [204, 301, 400, 401, 404, 408, 409, 425, 429, 500, 502, 503, 504, 529]);
  const later = pick<Record<string, string>>(random, [{}, { "retry-after": "1" }, {
    "retry-after": "Fri, 01 Jan 1971 00:00:00 GMT",
  }]);
  const error = pick(random, [
    new TypeError("fetch failed", { cause: new Error("ECONNRESET") }),
    new DOMException("The operation timed out.", "TimeoutError"),
    new Error("socket hang up"),
  ]);
  return pick(random, [
    { name: `status ${code}`, answer: status(code, later) },
    { name: `an end after ${cut} bytes`, answer: stream([part]) },
    { name: `a break after ${cut} bytes`, answer: stream([part], { fail: error }) },
    { name: `silence after ${cut} bytes`, answer: stream([part], { open: true }), isSilent: true },
    { name: "no connection", answer: () => Promise.reject(error) },
    { name: "no answer", answer: () => new Promise<Response>(() => {}), isSilent: true },
    {
      name: "a page",
      answer: () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    },
    {
      name: "no body",
      answer: () => new Response(null, { headers: { "content-type": "text/event-stream" } }),
    },
  ]);
}

for (
  const [how, more] of [
    ["a POST", { method: "POST" }],
    ["a PATCH with a body", { method: "PATCH", body: "{}" }],
  ] as const
) {
  Deno.test(`${how} is sent once in each of 100 seeded failures`, async () => {
    const names = new Set<string>();
    for (let seed = 1; seed <= 100; seed++) {
      const random = randomOf(seed);
      const { name, answer, isSilent } = failure(random);
      names.add(name.replace(/\d+/, "n"));
      const given: ConnectSSEInit = {
        ...more,
        headers: { authorization: "Bearer k" },
        lastEventId: pick(random, ["", "7"]),
        ...(isSilent && { idleTimeoutMs: 1000, connectTimeoutMs: 1000 }),
        ...(random() < 0.5 && { isTerminal: ({ data }) => data === "[DONE]" }),
        ...(random() < 0.3 && { isRetryable: () => true }),
        reconnect: { initialMs: 1, maxAttempts: pick(random, [0, 3, Infinity]) },
      };
      const { init, requests, timers } = upstream([answer, stream([EVENTS])], given);
      const events = connectSSE("https://api.test/answers", init);
      const isCollected = random() < 0.5;
      const over = isCollected
        ? collect(events).catch(() => {})
        : Array.fromAsync(events).catch(() => {});
      if (isSilent) {
        await timers.armed(1000);
        timers.advance(1000);
      }
      await over;
      // A waiting request would be sent only now.
      for (let turn = 0; turn < 3; turn++) {
        timers.advance(3_600_000);
        await new Promise((resolve) => setTimeout(resolve));
      }
      assertStrictEquals(requests.length, 1, `seed ${seed}: ${name}`);
    }
    assert(names.size >= 8, [...names].join());
  });
}

const FORM = new FormData();
FORM.set("question", "Why?");

/** Bodies, and what the server gets of each: its content type and length. */
const BODIES: readonly (readonly [name: string, body: BodyInit, type: string, length: string])[] = [
  ["text", "Wh\u00fd?", "text/plain;charset=utf-8", "5"],
  ["bytes", new Uint8Array([1, 2, 3]), "", "3"],
  ["a buffer", new ArrayBuffer(4), "", "4"],
  [
    "parameters",
    new URLSearchParams({ q: "1" }),
    "application/x-www-form-urlencoded;charset=utf-8",
    "3",
  ],
  ["a Blob", new Blob(["{}"], { type: "application/json" }), "application/json", "2"],
  ["a form", FORM, "multipart/form-data; boundary=", ""],
];

/**
 * A server that answers GETs, and closes the connection of a POST that it has read. Deno sends such a
 * request again if the connection was used before and its body is in memory.
 */
async function withClosingServer(use: (url: string, posts: string[]) => Promise<void>) {
  const posts: string[] = [];
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const serve = async (connection: Deno.Conn) => {
    const chunk = new Uint8Array(4096);
    for (let heard = "";;) {
      const size = await connection.read(chunk).catch(() => null);
      if (size === null) break;
      heard += new TextDecoder().decode(chunk.subarray(0, size));
      const end = heard.indexOf("\r\n\r\n");
      if (end < 0) continue;
      if (heard.startsWith("POST")) {
        posts.push(heard.slice(0, end));
        break;
      }
      heard = "";
      const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
      await connection.write(new TextEncoder().encode(answer));
    }
    connection.close();
  };
  const connections: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) connections.push(serve(connection));
  })();
  try {
    await use(`http://127.0.0.1:${listener.addr.port}/`, posts);
  } finally {
    listener.close();
    await accepting;
    await Promise.all(connections);
  }
}

for (const [name, body, type, length] of BODIES) {
  Deno.test(`a POST of ${name} is sent once by the runtime too, with its type and length`, () =>
    withClosingServer(async (url, posts) => {
      for (let n = 1; n <= 5; n++) {
        await (await fetch(url)).text(); // leaves a connection in the pool
        const over = Array.fromAsync(connectSSE(url, { method: "POST", body }));
        assertStrictEquals(await over.then(() => "", ({ kind }) => kind), "network");
        assertStrictEquals(posts.length, n);
      }
      const fields = new Map(
        posts[0]!.split("\r\n").slice(1).map((line) => {
          const [name = "", value = ""] = line.split(": ");
          return [name, value] as const;
        }),
      );
      assert((fields.get("content-type") ?? "").toLowerCase().startsWith(type), posts[0]);
      if (length) assertStrictEquals(fields.get("content-length"), length);
    }));
}

Deno.test("the caller's own fetch gets the body as it was given, and a content type wins over the body's", async () => {
  const seen: unknown[] = [];
  await Array.fromAsync(connectSSE("http://localhost/", {
    method: "POST",
    body: "{}",
    fetch(_url, { body }) {
      seen.push(body);
      return Promise.resolve(new Response(null, { status: 204 }));
    },
  }));
  assertEquals(seen, ["{}"]);
  await withClosingServer(async (url, posts) => {
    const headers = { "content-type": "application/json" };
    await Array.fromAsync(connectSSE(url, { method: "POST", headers, body: "{}" })).catch(() => {});
    assert(posts[0]?.includes("content-type: application/json"), posts[0]);
  });
});
