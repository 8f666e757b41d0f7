/** When a request is repeated, and when a stream is over. */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { connectSSE, type ConnectSSEInit, SSEError } from "../../lib/sse/mod.ts";
import { type Answer, status, stream, upstream } from "./support/upstream.ts";
import { assertError } from "../assert_error.ts";

const URL = "http://upstream.test/events";
const plain = stream(["data: 1\n\n"]);
const withId = stream(["id: 7\ndata: 1\n\n"]);
const broken = stream(["data: 1\n\n"], { fail: new TypeError("terminated") });
const refuse: Answer = () => Promise.reject(new TypeError("fetch failed"));
const isTerminal = ({ data }: { data: string }) => data === "done";

/** Follows to the end: what came, how often it was asked, and how it ended. */
async function follow(answers: readonly Answer[], given: ConnectSSEInit) {
  const { init, requests, states } = upstream(answers, {
    ...given,
    reconnect: { maxAttempts: 3, ...given.reconnect },
  });
  const data: string[] = [];
  let error: unknown;
  try {
    for await (const event of connectSSE(URL, init)) data.push(event.data);
  } catch (thrown) {
    assert(thrown instanceof SSEError, String(thrown));
    error = thrown;
  }
  const last = states.at(-1);
  assert(last?.state === "closed");
  assertStrictEquals(last.error, error);
  return {
    data: data.join(),
    requests: requests.length,
    end: error instanceof SSEError ? error.kind : last.reason,
  };
}

const end = stream(["data: done\n\n"]);

for (
  const [what, init, answers, want] of [
    ["GET without ids ends", {}, [plain, end], ["1", 1, "ended"]],
    ["GET with an id goes on", {}, [withId, status(204)], ["1", 2, "no-content"]],
    ["GET from a first id goes on", { lastEventId: "3" }, [plain, status(204)], [
      "1",
      2,
      "no-content",
    ]],
    ["GET with a terminal event to come goes on", { isTerminal }, [plain, end], [
      "1,done",
      2,
      "terminal",
    ]],
    ["GET that is told to goes on", { repeat: true }, [plain, status(204)], [
      "1",
      2,
      "no-content",
    ]],
    ["GET that is told not to ends, ids or not", { repeat: false }, [withId, end], [
      "1",
      1,
      "ended",
    ]],
    ["POST ends", { method: "POST", body: "{}" }, [plain, end], ["1", 1, "ended"]],
    ["post in small letters ends", { method: "post", body: "{}" }, [plain, end], [
      "1",
      1,
      "ended",
    ]],
    ["POST with ids ends", { method: "POST", body: "{}" }, [withId, end], ["1", 1, "ended"]],
    ["PUT ends", { method: "PUT" }, [withId, end], ["1", 1, "ended"]],
    ["DELETE ends", { method: "DELETE" }, [withId, end], ["1", 1, "ended"]],
    ["POST whose terminal event comes ends with it", { method: "POST", isTerminal }, [end], [
      "done",
      1,
      "terminal",
    ]],
    ["POST whose terminal event is missing says so", { method: "POST", isTerminal }, [plain, end], [
      "1",
      1,
      "incomplete",
    ]],
    ["POST that is told to goes on", { method: "POST", repeat: true, isTerminal }, [plain, end], [
      "1,done",
      2,
      "terminal",
    ]],
  ] satisfies [string, ConnectSSEInit, Answer[], [string, number, string]][]
) {
  Deno.test(`after a clean end: ${what}`, async () => {
    // What is asked too often is answered with the last.
    const all = [...answers, ...Array.from({ length: 6 }, () => answers.at(-1)!)];
    const { data, requests, end } = await follow(all, init);
    assertEquals([data, requests, end], want);
  });
}

for (
  const [what, answer, kind] of [
    ["that is refused", refuse, "network"],
    ["whose stream breaks", broken, "network"],
    ["answered with 503", status(503), "http"],
    ["answered with 429 and Retry-After", status(429, { "retry-after": "1" }), "http"],
  ] satisfies [string, Answer, string][]
) {
  for (const method of ["POST", "PATCH"]) {
    Deno.test(`${method} ${what} is not resent, and its error is unchanged`, async () => {
      const { requests, end } = await follow([answer, plain], { method, body: "{}" });
      assertEquals([requests, end], [1, kind]);
    });
  }

  Deno.test(`POST ${what} is resent on request`, async () => {
    const { requests, end } = await follow([answer, status(204)], {
      method: "POST",
      body: "{}",
      repeat: true,
    });
    assertEquals([requests, end], [2, "no-content"]);
  });

  Deno.test(`GET ${what} is resent, unless that is forbidden`, async () => {
    assertEquals((await follow([answer, status(204)], {})).requests, 2);
    const { requests, end } = await follow([answer, status(204)], { repeat: false });
    assertEquals([requests, end], [1, kind]);
  });
}

Deno.test("the final message names the URL, the attempts and the cause", async () => {
  const cause = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED ::1:9") });
  const { init } = upstream(Array.from({ length: 4 }, (): Answer => () => Promise.reject(cause)), {
    reconnect: { maxAttempts: 3 },
  });
  assertError(
    await assertRejects(() =>
      (async () => {
        for await (const _ of connectSSE(URL, init));
      })()
    ),
    (error) => {
      assert(error instanceof SSEError);
      for (const part of [URL, "3", "ECONNREFUSED"]) assert(error.message.includes(part), part);
      return true;
    },
  );
});

Deno.test("a heartbeat is reported in order with the events", async () => {
  const seen: string[] = [];
  const { init } = upstream([
    stream([": a\n\ndata: 1\n\n: b\n\nretry: 5\nxyz\ndata: done\n\n: after the end\n\n"]),
  ], {
    isTerminal,
    onComment: (text) => void seen.push(`: ${text}`),
    onRetry: (ms) => void seen.push(`retry ${ms}`),
    onIgnored: (line) => void seen.push(line),
  });
  for await (const { data } of connectSSE(URL, init)) {
    seen.push(data);
    await Promise.resolve();
  }
  assertEquals(seen, [": a", "1", ": b", "retry 5", "xyz", "done"]);
});

Deno.test("outside a browser a header bypasses caches, and the cache option is not set", async () => {
  const asked: RequestInit[] = [];
  const fetch = (_: string, init: RequestInit) => {
    asked.push(init);
    return Promise.resolve(new Response(null, { status: 204 }));
  };
  const follow = async (init: ConnectSSEInit) => {
    for await (const _ of connectSSE(URL, { fetch, ...init }));
    const { headers, cache } = asked.pop() ?? {};
    return [new Headers(headers).get("cache-control"), cache];
  };
  assertEquals(await follow({}), ["no-cache", undefined]);
  assertEquals(await follow({ headers: { "cache-control": "max-age=0" } }), [
    "max-age=0",
    undefined,
  ]);
  // There the header would make another origin's leave necessary, and `cache` sends it without.
  const network = { navigator: { onLine: true } };
  assertEquals(await follow({ network }), [null, "no-store"]);
  assertEquals(await follow({ network, cache: "reload" }), [null, "reload"]);
});

Deno.test("over Deno's own fetch the server sees Cache-Control: no-cache", async () => {
  const asked: (string | null)[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, ({ headers }) => {
    asked.push(headers.get("cache-control"));
    return new Response(null, { status: 204 });
  });
  for await (const _ of connectSSE(`http://127.0.0.1:${server.addr.port}/`));
  await server.shutdown();
  assertEquals(asked, ["no-cache"]);
});

Deno.test("the caller can set Accept", async () => {
  const { init, requests } = upstream([status(204)], { headers: { accept: "text/*" } });
  for await (const _ of connectSSE(URL, init));
  assertStrictEquals(requests[0]?.headers.get("accept"), "text/*");
});

Deno.test("a POST that is silent too long is not resent, and the error says why", async () => {
  const { init, timers, requests } = upstream([stream(["data: 1\n\n"], { open: true })], {
    method: "POST",
    idleTimeoutMs: 1000,
  });
  const events = connectSSE(URL, init);
  assertStrictEquals((await events.next()).value?.data, "1");
  const ended = assertRejects(() => events.next()).then((error) =>
    assertError(error, { kind: "timeout", message: "silence for 1000 ms" })
  );
  await timers.armed(1000);
  timers.advance(1000);
  await ended;
  assertStrictEquals(requests.length, 1);
});

Deno.test("a POST without a response is not resent", async () => {
  const { init, timers, requests } = upstream([() => new Promise<Response>(() => {})], {
    method: "POST",
    connectTimeoutMs: 500,
  });
  const ended = assertRejects(() => connectSSE(URL, init).next()).then((error) =>
    assertError(error, { kind: "timeout" })
  );
  await timers.armed(500);
  timers.advance(500);
  await ended;
  assertStrictEquals(requests.length, 1);
});
