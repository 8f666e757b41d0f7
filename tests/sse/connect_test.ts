import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { connectSSE, type ConnectState, SSEError } from "../../lib/sse/mod.ts";
import { all } from "./support/body.ts";
import { type Answer, status, stream, TYPE, upstream } from "./support/upstream.ts";
import { assertError } from "../assert_error.ts";

const URL = "http://upstream.test/events";
const done = { isTerminal: (event: { data: string }) => event.data === "done" };
const end = stream(["data: done\n\n"]);
const data = (events: { data: string }[]) => events.map((event) => event.data);

const is = (kind: string, more: Partial<SSEError> = {}) => (error: unknown) => {
  assert(error instanceof SSEError, String(error));
  assertStrictEquals(error.kind, kind);
  for (const [name, value] of Object.entries(more)) {
    assertStrictEquals(Reflect.get(error, name), value);
  }
  return true;
};

Deno.test("a terminal event is yielded and ends the stream", async () => {
  const { init, names, states, requests } = upstream([
    stream(["data: 1\n\ndata: done\n\ndata: after\n\n"], { open: true }),
  ], done);
  assertEquals(data(await all(connectSSE(URL, init))), ["1", "done"]);
  assertEquals(names(), ["connecting", "open", "closed"]);
  assertEquals(states.at(-1), { state: "closed", reason: "terminal" });
  assertStrictEquals(requests.length, 1);
});

Deno.test("a clean end before the terminal event leads to a reconnection", async () => {
  const { init, names, requests } = upstream([stream(["data: 1\n\n"]), end], done);
  assertEquals(data(await all(connectSSE(URL, init))), ["1", "done"]);
  assertEquals(names(), ["connecting", "open", "waiting", "connecting", "open", "closed"]);
  assertStrictEquals(requests.length, 2);
});

Deno.test("a broken or rejected connection is retried", async () => {
  const refuse: Answer = () => Promise.reject(new TypeError("refused"));
  const { init, states } = upstream([
    stream(["data: 1\n\n"], { fail: new Error("reset") }),
    refuse,
    end,
  ], done);
  assertEquals(data(await all(connectSSE(URL, init))), ["1", "done"]);
  const waiting = states.filter((state) => state.state === "waiting");
  assertEquals(waiting.map(({ error }) => error?.kind), ["network", "network"]);
  assertMatch(String(waiting[1]?.error?.cause), /refused/);
});

Deno.test("an event cut off by an interruption is not delivered in part", async () => {
  const { init } = upstream([stream(["data: 1\n\ndata: ha"]), stream(["data: lf\n\n"]), end], done);
  assertEquals(data(await all(connectSSE(URL, init))), ["1", "lf", "done"]);
});

Deno.test("Last-Event-ID is the current ID, including that of an event without data", async () => {
  const { init, requests } = upstream([
    stream(["id: 1\ndata: a\n\ndata: b\n\n"]),
    stream(["data: c\n\nid: 2\n\n"]),
    stream(["id: 3\ndata: unfinished\n"]),
    stream(["id:\ndata: reset\n\n"]),
    end,
  ], done);
  const events = await all(connectSSE(URL, init));
  assertEquals(
    requests.map(({ headers }) => headers.get("last-event-id")),
    [null, "1", "2", "2", null],
  );
  assertEquals(events.map(({ id }) => id), ["1", "1", "1", "", ""]);
});

Deno.test("an initial Last-Event-ID can be given, and stays current", async () => {
  const { init, requests } = upstream([stream(["data: a\n\n"]), end], {
    ...done,
    lastEventId: "41",
  });
  const events = await all(connectSSE(URL, init));
  assertEquals(events.map(({ id }) => id), ["41", "41"]);
  assertEquals(requests.map(({ headers }) => headers.get("last-event-id")), ["41", "41"]);
});

Deno.test("an ID beyond Latin-1 is sent as its UTF-8 bytes", async () => {
  const { init, requests } = upstream([end], { ...done, lastEventId: "№" });
  await all(connectSSE(URL, init));
  const sent = requests[0]?.headers.get("last-event-id") ?? "";
  assertStrictEquals(new TextDecoder().decode(Uint8Array.from(sent, (c) => c.charCodeAt(0))), "№");
});

Deno.test("every attempt uses the caller's method, headers and body", async () => {
  const { init, requests } = upstream([stream([]), end], {
    ...done,
    repeat: true,
    method: "POST",
    headers: { "x-api-key": "k", "content-type": "application/json" },
    body: '{"q":1}',
  });
  await all(connectSSE(URL, init));
  assertStrictEquals(requests.length, 2);
  for (const request of requests) {
    assertStrictEquals(request.method, "POST");
    assertStrictEquals(request.headers.get("x-api-key"), "k");
    assertStrictEquals(request.headers.get("accept"), "text/event-stream");
    assertStrictEquals(await request.text(), '{"q":1}');
  }
});

Deno.test("a body that is a stream is sent once without a retry", async () => {
  const { init, requests } = upstream([stream(["data: 1\n\n"]), end], {
    method: "POST",
    repeat: true,
    body: new Blob(["x"]).stream(),
  });
  const events: string[] = [];
  assertError(
    await assertRejects(async () => {
      for await (const event of connectSSE(URL, init)) events.push(event.data);
    }),
    is("attempts"),
  );
  assertEquals([events, requests.length], [["1"], 1]);
});

Deno.test("204 ends the stream for good, without an error", async () => {
  const { init, states, requests } = upstream([stream(["id: 1\ndata: 1\n\n"]), status(204), end]);
  assertEquals(data(await all(connectSSE(URL, init))), ["1"]);
  assertEquals(states.at(-1), { state: "closed", reason: "no-content" });
  assertStrictEquals(requests.length, 2);
});

for (const code of [400, 401, 403, 404, 408, 410, 422, 500, 501, 201, 206]) {
  Deno.test(`status ${code} is final`, async () => {
    const { init, states, requests } = upstream([status(code), end]);
    assertError(
      await assertRejects(() => all(connectSSE(URL, init))),
      is("http", { status: code, retryable: false }),
    );
    assertStrictEquals(requests.length, 1);
    const last = states.at(-1);
    assert(
      last?.state === "closed" && last.reason === "failed" && last.error instanceof SSEError,
    );
  });
}

for (const code of [429, 502, 503, 504]) {
  Deno.test(`status ${code} is retried`, async () => {
    const { init } = upstream([status(code), end], done);
    assertEquals(data(await all(connectSSE(URL, init))), ["done"]);
  });
}

Deno.test("the caller can decide which statuses are retried", async () => {
  const { init } = upstream([status(500), end], {
    ...done,
    isRetryable: (response) => response.status >= 500,
  });
  assertEquals(data(await all(connectSSE(URL, init))), ["done"]);
});

for (
  const type of [
    "application/json",
    "text/html",
    "",
    "text/event-streams",
    "text/plain, text/event-stream",
  ]
) {
  Deno.test(`content type "${type}" is final`, async () => {
    const headers: Record<string, string> = type ? { "content-type": type } : {};
    const answer: Answer = () => new Response(new Blob(["data: 1\n\n"]).stream(), { headers });
    const { init, requests } = upstream([answer, end]);
    assertError(
      await assertRejects(() => all(connectSSE(URL, init))),
      is("content-type", { status: 200 }),
    );
    assertStrictEquals(requests.length, 1);
  });
}

Deno.test("the content type is recognized in any case, with parameters", async () => {
  const answer: Answer = () =>
    new Response("data: done\n\n", {
      headers: { "content-type": "Text/Event-Stream;charset=utf-8" },
    });
  const { init } = upstream([answer], done);
  assertEquals(data(await all(connectSSE(URL, init))), ["done"]);
});

Deno.test("waits grow by the factor up to the maximum, and are a random part of that", async () => {
  const refuse = Array.from({ length: 6 }, (): Answer => status(503));
  const parts = [1, 0.5, 1, 0, 1, 1];
  const { init, waits } = upstream([...refuse, end], {
    ...done,
    reconnect: { initialMs: 100, factor: 2, maxMs: 1000, random: () => parts.shift() ?? 0 },
  });
  await all(connectSSE(URL, init));
  assertEquals(waits(), [100, 100, 400, 0, 1000, 1000]);
});

Deno.test("new events reset waits and attempts; a replay according to isProgress does not", async () => {
  let newest = 0;
  const replay = (to: number): Answer =>
    stream([Array.from({ length: to }, (_, n) => `data: ${n + 1}\n\n`).join("")]);
  const { init, waits } = upstream([replay(2), replay(2), replay(2), replay(3), replay(3)], {
    repeat: true,
    isProgress(event) {
      if (+event.data <= newest) return false;
      newest = +event.data;
      return true;
    },
    reconnect: { initialMs: 100, maxAttempts: 3 },
  });
  assertError(await assertRejects(() => all(connectSSE(URL, init))), is("attempts"));
  assertEquals(waits(), [100, 200, 400, 100, 200, 400]);
});

Deno.test("after the last attempt the error says why", async () => {
  const { init, requests } = upstream([status(503), status(503), status(503), end], {
    reconnect: { maxAttempts: 2 },
  });
  assertError(await assertRejects(() => all(connectSSE(URL, init))), (error) => {
    assert(error instanceof SSEError && error.cause instanceof SSEError);
    assertEquals([error.kind, error.cause.kind, error.cause.status], ["attempts", "http", 503]);
    return true;
  });
  assertStrictEquals(requests.length, 3);
});

Deno.test("without a limit it never gives up", async () => {
  const refuse = Array.from({ length: 50 }, (): Answer => status(503));
  const { init, requests } = upstream([...refuse, end], {
    ...done,
    reconnect: { maxAttempts: Infinity },
  });
  await all(connectSSE(URL, init));
  assertStrictEquals(requests.length, 51);
});

Deno.test("the server's retry field is the minimum wait before every later attempt", async () => {
  const retries: number[] = [];
  const { init, waits } = upstream([stream(["retry: 5000\n\n"]), status(503), end], {
    ...done,
    reconnect: { initialMs: 100 },
    onRetry: (ms) => void retries.push(ms),
  });
  await all(connectSSE(URL, init));
  assertEquals(waits(), [5100, 5200]);
  assertEquals(retries, [5000]);
});

Deno.test("Retry-After in seconds or as a date is the minimum wait, once", async () => {
  const { init, timers, waits } = upstream([
    status(429, { "retry-after": "7" }),
    () =>
      status(503, { "retry-after": new Date(timers.now() + 9000).toUTCString() })(new Request(URL)),
    status(503, { "retry-after": "soon" }),
    status(503, { "retry-after": "-5" }),
    end,
  ], { ...done, reconnect: { initialMs: 100, factor: 1 } });
  await all(connectSSE(URL, init));
  const [seconds, date, ...none] = waits();
  assertStrictEquals(seconds, 7100);
  assert(date !== undefined && date > 8000 && date <= 9100, `${date}`); // HTTP dates have no ms
  assertEquals(none, [100, 100]);
});

for (
  const [asks, answer, askedMs] of [
    ["retry", stream(["retry: 99999999999999999999\n\n"]), 1e20],
    ["Retry-After", status(503, { "retry-after": "999999999" }), 999999999000],
    [
      "Retry-After as a date",
      status(429, { "retry-after": "Fri, 31 Dec 9999 23:59:59 GMT" }),
      null,
    ],
  ] satisfies [string, Answer, number | null][]
) {
  Deno.test(`${asks}: an excessive wait is capped at an hour, and reported`, async () => {
    const { init, states } = upstream([answer, end], { ...done, reconnect: { initialMs: 100 } });
    await all(connectSSE(URL, init));
    const waiting = states.filter((state) => state.state === "waiting");
    assertEquals(waiting.map(({ ms }) => ms), [3_600_100]);
    if (askedMs !== null) assertStrictEquals(waiting[0]?.askedMs, askedMs);
    assert((waiting[0]?.askedMs ?? 0) > 3_600_000);
  });
}

Deno.test("the caller limits how long a server may ask to wait", async () => {
  for (const [maxAskedMs, ms] of [[5000, 5100], [Infinity, 2 ** 31 - 1]] as const) {
    const answer = status(503, { "retry-after": "999999999" });
    const { init, waits } = upstream([answer, end], {
      ...done,
      reconnect: { initialMs: 100, maxAskedMs },
    });
    await all(connectSSE(URL, init));
    assertEquals(waits(), [ms]);
  }
  const { init, states } = upstream([status(503, { "retry-after": "7" }), end], done);
  await all(connectSSE(URL, init));
  const waiting = states.find((state) => state.state === "waiting");
  assert(waiting && !("askedMs" in waiting), "an ordinary wait is no news");
});

Deno.test("silence counts as a dead connection, but a comment is not silence", async () => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let cancelled = false;
  const silent: Answer = () =>
    new Response(
      new ReadableStream<Uint8Array>({
        start: (given) => void (controller = given),
        cancel: () => void (cancelled = true),
      }),
      { headers: TYPE },
    );
  const comments: string[] = [];
  const { init, timers, states } = upstream([silent, end], {
    ...done,
    idleTimeoutMs: 1000,
    onComment: (text) => void comments.push(text),
  });
  const events = connectSSE(URL, init);
  const first = events.next();
  await timers.armed(1000);
  timers.advance(999);
  controller?.enqueue(new TextEncoder().encode(": heartbeat\n\n"));
  await timers.armed(1000);
  timers.advance(999);
  assertStrictEquals(states.filter(({ state }) => state === "waiting").length, 0);
  timers.advance(1);
  assertStrictEquals((await first).value?.data, "done");
  await events.return?.();
  assert(cancelled);
  assertEquals(comments, ["heartbeat"]);
  const waiting = states.find((state) => state.state === "waiting");
  assertStrictEquals(waiting?.error?.kind, "timeout");
  assertStrictEquals(timers.pending.size, 0);
});

Deno.test("a slow consumer does not count as a silent server", async () => {
  const { init, timers, requests } = upstream([
    stream(["data: 1\n\n", "data: done\n\n"], { open: true }),
  ], { ...done, idleTimeoutMs: 1000 });
  const seen: string[] = [];
  for await (const event of connectSSE(URL, init)) {
    seen.push(event.data);
    timers.advance(5000);
  }
  assertEquals([seen, requests.length], [["1", "done"], 1]);
});

Deno.test("a response timeout is retried, and a late response is discarded", async () => {
  let answer: ((response: Response) => void) | undefined;
  const cancelled = Promise.withResolvers<void>();
  const never: Answer = () => new Promise((resolve) => void (answer = resolve));
  const { init, timers, states } = upstream([never, end], { ...done, connectTimeoutMs: 500 });
  const events = all(connectSSE(URL, init));
  await timers.armed(500);
  timers.advance(500);
  assertEquals(data(await events), ["done"]);
  assertStrictEquals(states.find((state) => state.state === "waiting")?.error?.kind, "timeout");
  answer?.(new Response(new ReadableStream({ cancel: () => cancelled.resolve() })));
  await cancelled.promise;
});

Deno.test("an oversized event is final, because a retry would return it again", async () => {
  const { init, requests } = upstream([stream(["data: 1\n\ndata: 123456\n\n"]), end], {
    maxEventBytes: 5,
  });
  const seen: string[] = [];
  assertError(
    await assertRejects(async () => {
      for await (const event of connectSSE(URL, init)) seen.push(event.data);
    }),
    is("limit", { limit: "maxEventBytes" }),
  );
  assertEquals([seen, requests.length], [["1"], 1]);
});

Deno.test("a callback's own error reaches the caller and is not retried", async () => {
  const { init, requests } = upstream([stream(["data: 1\n\n"]), end], {
    isProgress: () => {
      throw new RangeError("mine");
    },
  });
  await assertRejects(() => all(connectSSE(URL, init)), RangeError);
  assertStrictEquals(requests.length, 1);
});

for (
  const [when, answer, until] of [
    ["before the answer", () => new Promise<Response>(() => {}), "connecting"],
    ["while the stream is silent", stream([], { open: true }), "open"],
    ["while it waits", status(503), "waiting"],
  ] satisfies [string, Answer, ConnectState["state"]][]
) {
  Deno.test(`aborting ${when} ends it at once with the signal's reason`, async () => {
    const controller = new AbortController();
    const { init, timers, states } = upstream([answer], {
      signal: controller.signal,
      idleTimeoutMs: 1e6,
      connectTimeoutMs: 1e6,
      onState: ({ state }) => {
        if (state === until) controller.abort(new Error("enough"));
      },
    });
    assertMatch(String(await assertRejects(() => all(connectSSE(URL, init)))), /enough/);
    const last = states.at(-1);
    assert(last?.state === "closed" && last.reason === "aborted");
    assertStrictEquals(timers.pending.size, 0);
  });

  Deno.test(`returning ${when} ends the pending next at once`, async () => {
    const reached = Promise.withResolvers<void>();
    const { init, timers, states } = upstream([answer], {
      idleTimeoutMs: 1e6,
      connectTimeoutMs: 1e6,
      onState: ({ state }) => state === until && reached.resolve(),
    });
    const events = connectSSE(URL, {
      ...init,
      timers: { ...timers, setTimeout: () => 0, clearTimeout() {} },
    });
    const pending = events.next();
    await reached.promise;
    await events.return?.();
    assertEquals(await pending, { done: true, value: undefined });
    assertEquals(states.at(-1), { state: "closed", reason: "returned" });
  });
}

Deno.test("aborting during the request ends it, even if the fetch ignores signals", async () => {
  const controller = new AbortController();
  const fetch = () => {
    controller.abort(new Error("enough"));
    return new Promise<Response>(() => {});
  };
  assertMatch(
    String(await assertRejects(() => all(connectSSE(URL, { fetch, signal: controller.signal })))),
    /enough/,
  );
});

Deno.test("a body that breaks after a silence timeout reports the silence", async () => {
  // Like a real fetch: the abort breaks the body before it is cancelled.
  const fetch = (_: string, { signal }: RequestInit) =>
    Promise.resolve(
      new Response(
        new ReadableStream({
          start: (controller) =>
            signal?.addEventListener("abort", () => controller.error(signal.reason)),
        }),
        { headers: TYPE },
      ),
    );
  const { init, timers, states } = upstream([end], { idleTimeoutMs: 1000, ...done });
  const answers = [fetch, init.fetch];
  const events = all(connectSSE(URL, {
    ...init,
    fetch: (url, given) => answers.shift()!(url, given),
  }));
  await timers.armed(1000);
  timers.advance(1000);
  assertEquals(data(await events), ["done"]);
  assertStrictEquals(states.find((state) => state.state === "waiting")?.error?.kind, "timeout");
});

for (let ticks = 0; ticks < 12; ticks++) {
  Deno.test(`aborting ${ticks} ticks after the response ends it and releases the body`, async () => {
    const controller = new AbortController();
    let cancelled = false;
    // A fetch that knows no signals, and a body that never says anything.
    const fetch = () => {
      const silent = new ReadableStream({ cancel: () => void (cancelled = true) });
      const answer = Promise.resolve(new Response(silent, { headers: TYPE }));
      let after: Promise<unknown> = answer;
      for (let tick = 0; tick < ticks; tick++) after = after.then(() => {});
      after.then(() => controller.abort(new Error("enough")));
      return answer;
    };
    assertMatch(
      String(await assertRejects(() => all(connectSSE(URL, { fetch, signal: controller.signal })))),
      /enough/,
    );
    assert(cancelled);
  });
}

Deno.test("aborting drops received events that were not read", async () => {
  const controller = new AbortController();
  const { init, states } = upstream(
    [stream(["data: 1\n\ndata: 2\n\ndata: 3\n\n"], { open: true })],
    {
      signal: controller.signal,
    },
  );
  const seen: string[] = [];
  assertMatch(
    String(
      await assertRejects(async () => {
        for await (const event of connectSSE(URL, init)) {
          seen.push(event.data);
          controller.abort(new Error("enough"));
        }
      }),
    ),
    /enough/,
  );
  assertEquals(seen, ["1"]);
  const last = states.at(-1);
  assert(last?.state === "closed" && last.reason === "aborted");
});

Deno.test("an already aborted signal makes no request", async () => {
  const { init, requests } = upstream([end], { signal: AbortSignal.abort(new Error("no")) });
  assertMatch(String(await assertRejects(() => all(connectSSE(URL, init)))), /no/);
  assertStrictEquals(requests.length, 0);
});

Deno.test("breaking out of the loop cancels the body", async () => {
  let cancelled = false;
  const answer: Answer = () =>
    new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) =>
          controller.enqueue(new TextEncoder().encode("data: 1\n\ndata: 2\n\n")),
        cancel: () => void (cancelled = true),
      }),
      { headers: TYPE },
    );
  const { init, states } = upstream([answer]);
  for await (const event of connectSSE(URL, init)) {
    assertStrictEquals(event.data, "1");
    break;
  }
  assert(cancelled);
  assertEquals(states.at(-1), { state: "closed", reason: "returned" });
});

Deno.test("offline it waits for the network, and continues at once when it is back", async () => {
  const navigator = { onLine: true };
  const network = Object.assign(new EventTarget(), { navigator });
  const { init, timers, states, requests } = upstream([
    () => {
      navigator.onLine = false;
      return Promise.reject(new TypeError("offline"));
    },
    end,
  ], {
    ...done,
    network,
    onState(state) {
      if (state.state !== "waiting") return;
      assertStrictEquals(state.offline, true);
      setTimeout(() => {
        timers.advance(1e9);
        assertStrictEquals(requests.length, 1, "no attempt while offline");
        navigator.onLine = true;
        network.dispatchEvent(new Event("online"));
      });
    },
  });
  assertEquals(data(await all(connectSSE(URL, init))), ["done"]);
  assertStrictEquals(states.filter(({ state }) => state === "waiting").length, 1);
});
