/** A request that may be billed is sent once, whatever fails. */
import { assert, assertStrictEquals } from "@std/assert";
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
      // Whatever waits by then would only now be sent.
      for (let turn = 0; turn < 3; turn++) {
        timers.advance(3_600_000);
        await new Promise((resolve) => setTimeout(resolve));
      }
      assertStrictEquals(requests.length, 1, `seed ${seed}: ${name}`);
    }
    assert(names.size >= 8, [...names].join());
  });
}
