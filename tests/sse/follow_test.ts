/** followSSE, which pages use with their own requests and classification. */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  type ConnectSSEInit,
  followSSE,
  LeanParser,
  type Requests,
  SSEError,
  type SSEEvent,
  SSEParser,
} from "../../lib/sse/mod.ts";
import { type Found, queued, type SSEParserOptions } from "../../lib/sse/event.ts";
import { type Answer, status, stream, upstream } from "./support/upstream.ts";
import { assertError } from "../assert_error.ts";

const URL = "http://upstream.test/events";
const end = stream(["data: done\n\n"]);
const isTerminal = ({ data }: { data: string }) => data === "done";

/** Asks with what the test gives for `fetch`, tries 503 again after three seconds, and nothing else. */
const REQUESTS: Requests = {
  ask: (url, init, lastEventId, signal) =>
    init.fetch!(url, {
      headers: new Headers(lastEventId === "" ? {} : { "last-event-id": lastEventId }),
      signal,
    }),
  refused: (_error, response) => Promise.resolve(response.status === 503 ? 3000 : undefined),
  parser: (options) => new SSEParser(options),
};

function follow(
  answers: readonly Answer[],
  given: ConnectSSEInit = {},
  requests: Partial<Requests> = {},
) {
  const { signal, ...rest } = given;
  const other = upstream(answers, rest);
  const ending = signal ?? new AbortController().signal;
  return { ...other, events: followSSE(URL, other.init, ending, { ...REQUESTS, ...requests }) };
}

async function all(events: AsyncIterable<SSEEvent>): Promise<string[]> {
  const data: string[] = [];
  for await (const event of events) data.push(event.data);
  return data;
}

const is = (kind: string, more: Partial<SSEError> = {}) => (error: unknown) => {
  assert(error instanceof SSEError, String(error));
  assertStrictEquals(error.kind, kind);
  for (const [name, value] of Object.entries(more)) {
    assertStrictEquals(Reflect.get(error, name), value);
  }
  return true;
};

Deno.test("it reconnects after the current ID, with the request that it is given", async () => {
  const { events, requests, names } = follow([
    stream(["id: 1\ndata: a\n\nid: 2\n\n"]),
    stream(["data: b\n\n"], { fail: new TypeError("reset") }),
    end,
  ], { isTerminal });
  assertEquals(await all(events), ["a", "b", "done"]);
  assertEquals(requests.map(({ headers }) => headers.get("last-event-id")), [null, "2", "2"]);
  assertStrictEquals(names().at(-1), "closed");
});

Deno.test("a rejection is retried after the classified delay, and a retry field counts", async () => {
  const { events, waits } = follow([status(503), stream(["retry: 7000\n\n"]), end], {
    isTerminal,
    reconnect: { random: () => 0 },
  });
  assertEquals(await all(events), ["done"]);
  assertEquals(waits(), [3000, 7000]);
});

for (const code of [200, 400, 401, 404, 429, 500]) {
  Deno.test(`a ${code} response without a stream is final if classified so`, async () => {
    const { events, requests, states } = follow([status(code), end], { isTerminal });
    const kind = code === 200 ? "content-type" : "http";
    assertError(
      await assertRejects(() => all(events)),
      is(kind, { status: code, retryable: false }),
    );
    assertStrictEquals(requests.length, 1);
    const last = states.at(-1);
    assert(last?.state === "closed" && last.reason === "failed");
  });
}

Deno.test("204 ends it, and so does the end of a stream without IDs", async () => {
  for (
    const [answer, reason] of [[status(204), "no-content"], [
      stream(["data: a\n\n"]),
      "ended",
    ]] as const
  ) {
    const { events, states } = follow([answer]);
    await all(events);
    assertEquals(states.at(-1), { state: "closed", reason });
  }
});

Deno.test("a request that its maker rejects is not made again", async () => {
  let asked = 0;
  const { events } = follow([], {}, {
    ask: () => {
      asked++;
      return Promise.reject(new SSEError("request", "no such place"));
    },
  });
  assertError(await assertRejects(() => all(events)), is("request", { message: "no such place" }));
  assertStrictEquals(asked, 1);
});

for (const ending of [true, false]) {
  Deno.test(`repeat: false is respected after ${ending ? "an end" : "a failure"}`, async () => {
    const first = ending
      ? stream(["id: 1\ndata: a\n\n"])
      : () => Promise.reject(new TypeError("x"));
    const { events, requests } = follow([first, end], { repeat: false });
    if (ending) assertEquals(await all(events), ["a"]);
    else assertError(await assertRejects(() => all(events)), is("network"));
    assertStrictEquals(requests.length, 1);
  });
}

for (const method of ["POST", "put", "DELETE", "QUERY"]) {
  Deno.test(`a ${method} is not repeated unless the caller asks for it`, async () => {
    const broken = stream(["id: 1\ndata: a\n\n"], { fail: new TypeError("reset") });
    for (const first of [broken, status(503), () => Promise.reject(new TypeError("x"))]) {
      const { events, requests } = follow([first, end], { method });
      assertError(await assertRejects(() => all(events)), { retryable: true });
      assertStrictEquals(requests.length, 1);
    }
    const { events, requests } = follow([stream(["id: 1\ndata: a\n\n"]), end], { method });
    assertEquals(await all(events), ["a"]);
    assertStrictEquals(requests.length, 1);
    const asked = follow([broken, end], { method, repeat: true, isTerminal });
    assertEquals(await all(asked.events), ["a", "done"]);
  });
}

Deno.test("an end without the terminal event is reported if nothing is retried", async () => {
  const { events } = follow([stream(["data: a\n\n"])], { isTerminal, repeat: false });
  assertError(await assertRejects(() => all(events)), is("incomplete"));
});

Deno.test("it gives up after the allowed attempts", async () => {
  const refuse: Answer = () => Promise.reject(new TypeError("refused"));
  const { events } = follow([refuse, refuse, refuse, end], { reconnect: { maxAttempts: 2 } });
  assertError(
    await assertRejects(() => all(events)),
    (error) => is("attempts")(error) && /2 reconnections.*refused/.test(String(error)),
  );
});

Deno.test("silence counts from the last chunk, and ends the connection", async () => {
  const { events, timers, states } = follow([
    stream(["data: a\n\n"], { open: true }),
    end,
  ], { isTerminal, idleTimeoutMs: 500 });
  assertStrictEquals((await events.next()).value?.data, "a");
  const next = events.next();
  await timers.armed(500);
  timers.advance(500);
  assertStrictEquals((await next).value?.data, "done");
  await events.return(undefined);
  const waiting = states.find(({ state }) => state === "waiting");
  assert(waiting?.state === "waiting");
  assertStrictEquals(waiting.error?.message, "silence for 500 ms");
});

Deno.test("its signal ends a pending next and releases the body", async () => {
  const controller = new AbortController();
  let cancelled = false;
  const silent = () =>
    new Response(new ReadableStream({ cancel: () => void (cancelled = true) }), {
      headers: { "content-type": "text/event-stream" },
    });
  const { events, states } = follow([silent], {
    signal: controller.signal,
    onState: ({ state }) => state === "open" && queueMicrotask(() => controller.abort("enough")),
  });
  assertStrictEquals(await assertRejects(() => events.next()), "enough");
  assert(cancelled);
  assertEquals(states.at(-1), { state: "closed", reason: "aborted", error: "enough" });
});

Deno.test("an oversized event is reported after the events before it", async () => {
  const { events } = follow([stream(["data: 1\n\ndata: 12345\n\n"])], { maxEventBytes: 4 });
  assertStrictEquals((await events.next()).value?.data, "1");
  assertError(await assertRejects(() => events.next()), is("limit"));
});

for (
  const [how, parser, expected] of [
    ["as their chunk is parsed", REQUESTS.parser, ["x", "y", "1", "2"]],
    [
      "in the order of the stream, with a queue",
      (options: SSEParserOptions, found: (item: Found) => void) =>
        new SSEParser(queued(options, found)),
      ["1", "x", "2", "y"],
    ],
    ["as they are read by a lean parser", (options: SSEParserOptions) => new LeanParser(options), [
      "x",
      "y",
      "1",
      "2",
    ]],
  ] as const
) {
  Deno.test(`comments are reported ${how}`, async () => {
    const seen: string[] = [];
    const { events } = follow(
      [stream(["data: 1\n\n:x\ndata: 2\n\n:y\n"])],
      { onComment: (comment) => void seen.push(comment) },
      { parser },
    );
    for await (const { data } of events) seen.push(data);
    assertEquals<unknown>(seen, expected);
  });
}

Deno.test("waits grow with each consecutive failure, and start over at a new event", async () => {
  const refuse: Answer = () => Promise.reject(new TypeError("refused"));
  const { events, waits } = follow([
    refuse,
    refuse,
    stream(["data: old\n\n"]),
    stream(["data: new\n\n"]),
    refuse,
    end,
  ], {
    isTerminal,
    isProgress: ({ data }) => data !== "old",
    reconnect: { initialMs: 10, factor: 3, maxMs: 200 },
  });
  assertEquals(await all(events), ["old", "new", "done"]);
  assertEquals(waits(), [10, 30, 90, 10, 30]);
});

Deno.test("a server's requested delay is capped and reported", async () => {
  const { events, states } = follow([status(503), end], {
    isTerminal,
    reconnect: { random: () => 0, maxAskedMs: 1000 },
  });
  await all(events);
  const waiting = states.find(({ state }) => state === "waiting");
  assert(waiting?.state === "waiting");
  assertEquals([waiting.ms, waiting.askedMs, waiting.error?.status], [1000, 3000, 503]);
});

Deno.test("a caller's mistake is thrown unchanged", async () => {
  const { events, requests } = follow([stream(["data: a\n\n"]), end], {
    isProgress: () => {
      throw new RangeError("mine");
    },
  });
  await assertRejects(() => all(events), RangeError);
  assertStrictEquals(requests.length, 1);
});

Deno.test("leaving the loop releases the body", async () => {
  let cancelled = false;
  const open = () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("data: a\n\n")),
        cancel: () => void (cancelled = true),
      }),
      { headers: { "content-type": "text/event-stream" } },
    );
  const { events, states } = follow([open]);
  for await (const { data } of events) {
    assertStrictEquals(data, "a");
    break;
  }
  assert(cancelled);
  assertEquals(states.at(-1), { state: "closed", reason: "returned" });
});
