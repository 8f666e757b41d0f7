/** How a reconnection sends an ID that someone else chose. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { connectSSE, SSEError } from "../../lib/sse/mod.ts";
import { all } from "./support/body.ts";
import { stream, upstream } from "./support/upstream.ts";
import { assertError } from "../assert_error.ts";

const URL = "http://upstream.test/events";
const end = stream(["data: done\n\n"]);
const isTerminal = (event: { data: string }) => event.data === "done";

const IDS: readonly { says: string; id: string; sent?: string | null }[] = [
  { says: "digits", id: "41" },
  { says: "words", id: "a: b, c; d" },
  { says: "a tab inside", id: "a\tb" },
  { says: "a colon at the start", id: ":1" },
  { says: "4,096 bytes", id: "x".repeat(4096) },
  { says: "a control character", id: "a\x01b", sent: null },
  { says: "an escape", id: "\x1b[31m", sent: null },
  { says: "DEL", id: "a\x7f", sent: null },
  { says: "vertical tab", id: "a\vb", sent: null },
  { says: "more than 4,096 bytes", id: "x".repeat(4097), sent: null },
  { says: "4,096 bytes in fewer characters", id: "é".repeat(2048), sent: "Ã©".repeat(2048) },
  { says: "more bytes in fewer characters", id: "é".repeat(2049), sent: null },
  { says: "more than an argument list holds", id: "é".repeat(300_000), sent: null },
];

for (const { says, id, sent = id } of IDS) {
  Deno.test(`an ID with ${says} is ${sent === null ? "kept and not sent" : "sent"}`, async () => {
    const { init, requests } = upstream([stream([`id: ${id}\ndata: 1\n\n`]), end], { isTerminal });
    const events = await all(connectSSE(URL, init));
    assertEquals(events.map((event) => [event.id, event.data]), [[id, "1"], [id, "done"]]);
    assertEquals(requests.map(({ headers }) => headers.get("last-event-id")), [null, sent]);
  });

  Deno.test(`an initial ID with ${says} is treated the same`, async () => {
    const { init, requests } = upstream([end], { isTerminal, lastEventId: id });
    const [event] = await all(connectSSE(URL, init));
    assertStrictEquals(event?.id, id);
    assertStrictEquals(requests[0]?.headers.get("last-event-id"), sent);
  });
}

for (
  const [id, says] of [["1\r\nx-admin: 1", "line ends"], ["\0", "NUL"], [
    " ",
    "only a space",
  ]] as const
) {
  Deno.test(`an initial ID with ${says} gives no header and no error`, async () => {
    const { init, requests } = upstream([end], { isTerminal, lastEventId: id });
    await all(connectSSE(URL, init));
    assert(!requests[0]?.headers.get("last-event-id"));
    assertStrictEquals(requests[0]?.headers.get("x-admin"), null);
  });
}

Deno.test("with a real fetch, an ID with a control character does not stop reconnecting", async () => {
  const asked: (string | null)[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, ({ headers }) => {
    asked.push(headers.get("last-event-id"));
    const text = asked.length === 1 ? "id: a\x01b\ndata: 1\n\n" : "id: é\ndata: done\n\n";
    return new Response(text, { headers: { "content-type": "text/event-stream" } });
  });
  const events = await all(connectSSE(`http://127.0.0.1:${server.addr.port}/`, {
    isTerminal,
    reconnect: { random: () => 0 },
  }));
  await server.shutdown();
  assertEquals(events.map(({ id }) => id), ["a\x01b", "é"]);
  assertEquals(asked, [null, null]);
});

for (
  const [url, expected] of [
    ["http://upstream.test/events", "http://upstream.test/events?last=a%01+b"],
    ["http://upstream.test/events?x=1", "http://upstream.test/events?x=1&last=a%01+b"],
    ["http://upstream.test/events#part", "http://upstream.test/events?last=a%01+b"],
    ["http://upstream.test/events#a?b", "http://upstream.test/events?last=a%01+b"],
  ] as const
) {
  Deno.test(`the ID can be in the query instead: ${url}`, async () => {
    const { init, requests } = upstream([stream(["id: a\x01 b\ndata: 1\n\n"]), end], {
      isTerminal,
      lastEventIdParam: "last",
    });
    await all(connectSSE(url, init));
    assertEquals(requests.map((request) => request.url), [url, expected]);
    assertStrictEquals(
      requests[1]?.headers.get("last-event-id"),
      null,
      "no header that needs a preflight",
    );
  });
}

const is = (kind: string) => (error: unknown) => {
  assert(error instanceof SSEError, String(error));
  assertStrictEquals(error.kind, kind, error.message);
  assert(error.cause !== undefined);
  return true;
};

for (
  const [what, url, init] of [
    ["a URL that is none", "no url", {}],
    ["a scheme that cannot be fetched", "ftp://localhost/", {}],
    ["a port that may not be used", "http://localhost:6667/", {}],
    ["a header's value with a control character", "http://localhost:9/", {
      headers: { "x-key": "a\x01" },
    }],
    ["a header's name with a space", "http://localhost:9/", { headers: { "x key": "a" } }],
    ["a body with GET", "http://localhost:9/", { body: "x" }],
    ["a method that is none", "http://localhost:9/", { method: "A B", repeat: true }],
  ] satisfies [string, string, RequestInit & { repeat?: boolean }][]
) {
  Deno.test(`${what} fails at once, as an impossible request`, async () => {
    let attempts = 0;
    const events = connectSSE(url, {
      ...init,
      signal: null,
      onState: ({ state }) => void (state === "connecting" && attempts++),
    });
    assertError(await assertRejects(() => all(events)), is("request"));
    assertStrictEquals(attempts, 1);
  });
}

for (
  const [what, fetch] of [
    ["throws a TypeError", () => Reflect.get(Object(undefined), "x").y],
    ["throws at once", () => {
      throw new RangeError("mine");
    }],
    ["rejects with a ReferenceError", () => Promise.reject(new ReferenceError("x is not defined"))],
    ["calls what is no function", async () => await Object({}).nothing()],
    [
      "lacks the permission",
      () => Promise.reject(new Deno.errors.NotCapable('Requires net access to "h"')),
    ],
  ] as const
) {
  Deno.test(`a custom fetch that ${what} is not called again`, async () => {
    let calls = 0;
    const events = connectSSE(URL, {
      fetch: () => {
        calls++;
        return fetch();
      },
    });
    assertError(await assertRejects(() => all(events)), is("request"));
    assertStrictEquals(calls, 1);
  });
}

for (
  const cause of [
    new TypeError("Failed to fetch"),
    new TypeError("fetch failed", {
      cause: Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" }),
    }),
    new TypeError("NetworkError when attempting to fetch resource."),
    new TypeError("Load failed"),
    new TypeError("terminated"),
    new Error("socket hang up"),
    new DOMException("The connection was reset.", "NetworkError"),
  ]
) {
  Deno.test(`“${cause.message}” counts as a network error and is retried`, async () => {
    const { init, requests, states } = upstream([() => Promise.reject(cause), end], { isTerminal });
    await all(connectSSE(URL, init));
    assertStrictEquals(requests.length, 2);
    const waiting = states.find((state) => state.state === "waiting");
    assertStrictEquals(waiting?.error?.kind, "network");
    assertMatch(
      waiting?.error?.message ?? "",
      cause.cause ? /ECONNREFUSED/ : RegExp(cause.message),
    );
  });
}
