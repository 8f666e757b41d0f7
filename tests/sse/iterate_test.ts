import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Readable } from "node:stream";
import { runInNewContext } from "node:vm";
import { parseSSE, SSEError, type SSEEvent } from "../../lib/sse/mod.ts";
import { all, body } from "./support/body.ts";
import { utf8 } from "./support/read.ts";
import { assertError } from "../assert_error.ts";

const data = (events: SSEEvent[]) => events.map((event) => event.data);

Deno.test("it reads a body, a response and any asynchronous chunks", async () => {
  const text = "data: 1\n\ndata: é\n\n";
  async function* bytes() {
    for (const byte of utf8(text)) yield Uint8Array.of(byte);
  }
  async function* strings() {
    yield* text;
  }
  for (const source of [body([text]).stream, new Response(text), bytes(), strings()]) {
    assertEquals(data(await all(parseSSE(source))), ["1", "é"]);
  }
});

Deno.test("a response without a body is a stream without events", async () => {
  assertEquals(await all(parseSSE(new Response(null))), []);
});

Deno.test("it reads no further than requested", async () => {
  const { stream, seen } = body(["data: 1\n\ndata: 2\n\n", "data: 3\n\n", "data: 4\n\n"]);
  const events = parseSSE(stream);
  assertStrictEquals(seen.pulled, 0);
  await events.next();
  await events.next();
  assertStrictEquals(seen.pulled, 1);
  await events.next();
  assertStrictEquals(seen.pulled, 2);
  await events.return?.();
  assertStrictEquals(seen.pulled, 2);
});

Deno.test("breaking out of a loop cancels and releases the body", async () => {
  const { stream, seen } = body(["data: 1\n\n"], { open: true });
  for await (const event of parseSSE(stream)) {
    assertStrictEquals(event.data, "1");
    break;
  }
  assert(seen.cancelled);
  assertStrictEquals(stream.locked, false);
});

Deno.test("throwing out of a loop cancels the body", async () => {
  const { stream, seen } = body(["data: 1\n\n"], { open: true });
  await assertRejects(async () => {
    for await (const _ of parseSSE(stream)) throw new RangeError("mine");
  }, RangeError);
  assert(seen.cancelled);
});

Deno.test("breaking out of a loop over chunks returns their iterator", async () => {
  let returned = false;
  async function* chunks() {
    try {
      yield "data: 1\n\n";
      yield "data: 2\n\n";
    } finally {
      returned = true;
    }
  }
  for await (const _ of parseSSE(chunks())) break;
  assert(returned);
});

Deno.test("reading to the end releases the body", async () => {
  const { stream, seen } = body(["data: 1\n\n"]);
  await all(parseSSE(stream));
  assertStrictEquals(stream.locked, false);
  assertStrictEquals(seen.cancelled, undefined);
});

Deno.test("nothing follows the end or a return", async () => {
  for (const leave of [true, false]) {
    const events = parseSSE(body(["data: 1\n\ndata: 2\n\n"]).stream);
    await events.next();
    if (leave) await events.return?.();
    else await all(events);
    assertEquals(await events.next(), { done: true, value: undefined });
    assertEquals(await events.next(), { done: true, value: undefined });
  }
});

Deno.test("return ends a pending next at once, even if the server is silent", async () => {
  const { stream, seen } = body([], { open: true });
  const events = parseSSE(stream);
  const pending = events.next();
  await events.return?.();
  assertEquals(await pending, { done: true, value: undefined });
  assert(seen.cancelled);
});

Deno.test("aborting ends a pending next with the signal's reason and cancels the body", async () => {
  const controller = new AbortController();
  const { stream, seen } = body(["data: 1\n\n"], { open: true });
  const events = parseSSE(stream, { signal: controller.signal });
  await events.next();
  const pending = events.next();
  const reason = new Error("enough");
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => pending), reason);
  assertStrictEquals(seen.cancelled?.reason, reason);
  assertStrictEquals(await assertRejects(() => events.next()), reason);
});

Deno.test("next may be called before the previous one resolves: events come in order, the end last", async () => {
  // Cut within events, so that some reads bring none and others several.
  const chunks = ["data: 1\n\ndata: 2\n\nda", "ta: 3\n", "\n", ": no event\n", "data: 4\n\n"];
  async function* asked() {
    yield* chunks;
  }
  for (const source of [body(chunks).stream, asked()]) {
    const events = parseSSE(source);
    const steps = await Promise.all(Array.from({ length: 6 }, () => events.next()));
    assertEquals(steps.map(({ value }) => value?.data), [
      "1",
      "2",
      "3",
      "4",
      undefined,
      undefined,
    ]);
    assertEquals(steps.map(({ done }) => done), [false, false, false, false, true, true]);
  }
});

Deno.test("a next called while another is pending does not overtake it", async () => {
  const { stream } = body(["data: 1\n\n", "data: 2\n\ndata: 3\n\n"]);
  const events = parseSSE(stream);
  const order: (string | undefined)[] = [];
  const note = async () => void order.push((await events.next()).value?.data);
  await Promise.all([note().then(note), note(), note()]);
  assertEquals(order, ["1", "2", "3", undefined]);
});

Deno.test("every pending next ends with the error after the events before it", async () => {
  const reason = new Error("reset");
  const events = parseSSE(body(["data: 1\n\n"], { fail: reason }).stream);
  const steps = await Promise.allSettled([events.next(), events.next(), events.next()]);
  assertEquals(steps.map(({ status }) => status), ["fulfilled", "rejected", "rejected"]);
  assertStrictEquals(await assertRejects(() => events.next()), reason);
});

for (const how of ["aborting", "returning"] as const) {
  Deno.test(`${how} ends pending nexts at once without further chunks`, async () => {
    let returns = 0;
    const silent: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return() {
          returns++;
          return new Promise<never>(() => {});
        },
      }),
    };
    const controller = new AbortController();
    const events = parseSSE(silent, { signal: controller.signal });
    const pending = Promise.allSettled([events.next(), events.next()]);
    const reason = new Error("enough");
    if (how === "aborting") controller.abort(reason);
    else events.return?.();
    const ended = how === "aborting"
      ? { status: "rejected", reason }
      : { status: "fulfilled", value: { done: true, value: undefined } };
    assertEquals<unknown>(await pending, [ended, ended]);
    assertStrictEquals(returns, 1);
  });
}

Deno.test("aborting drops parsed events that were not requested", async () => {
  const controller = new AbortController();
  const events = parseSSE(body(["data: 1\n\ndata: 2\n\n"]).stream, { signal: controller.signal });
  await events.next();
  controller.abort(new Error("enough"));
  assertMatch(String(await assertRejects(() => events.next())), /enough/);
});

Deno.test("an already aborted signal reads nothing", async () => {
  const { stream, seen } = body(["data: 1\n\n"]);
  const signal = AbortSignal.abort(new Error("before"));
  assertMatch(String(await assertRejects(() => all(parseSSE(stream, { signal })))), /before/);
  assertStrictEquals(seen.pulled, 0);
});

Deno.test("leaving the loop removes the signal's listener", async () => {
  let listening = 0;
  const signal = new AbortController().signal;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listening++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listening--;
    removeEventListener.apply(signal, args);
  };
  await all(parseSSE(body(["data: 1\n\n"]).stream, { signal }));
  assertStrictEquals(listening, 0);
});

Deno.test("a broken body is reported after the events before it", async () => {
  const reason = new Error("reset");
  const seen: string[] = [];
  assertStrictEquals(
    await assertRejects(async () => {
      const { stream } = body(["data: 1\n\ndata: unfinished"], { fail: reason });
      for await (const event of parseSSE(stream)) seen.push(event.data);
    }),
    reason,
  );
  assertEquals(seen, ["1"]);
});

Deno.test("an oversized event is reported after the events before it, and the body is cancelled", async () => {
  const { stream, seen } = body(["data: 1\n\ndata: 2\n\ndata: 12345\n\ndata: 3\n\n"], {
    open: true,
  });
  const got: string[] = [];
  assertError(
    await assertRejects(async () => {
      for await (const event of parseSSE(stream, { maxEventBytes: 4 })) got.push(event.data);
    }),
    (error) => error instanceof SSEError && error.kind === "limit",
  );
  assertEquals(got, ["1", "2"]);
  assert(seen.cancelled);
});

Deno.test("an unfinished event is discarded, or dispatched on request", async () => {
  const stream = () => body(["data: 1\n\ndata: 2"]).stream;
  assertEquals(data(await all(parseSSE(stream()))), ["1"]);
  assertEquals(data(await all(parseSSE(stream(), { flush: true }))), ["1", "2"]);
});

Deno.test("comments, retries and ignored lines can be observed", async () => {
  const seen: unknown[] = [];
  const events = await all(parseSSE(body([": hi\nretry: 5\n", "foo\nid: 1\ndata: x\n\n"]).stream, {
    onComment: (text) => void seen.push(text),
    onRetry: (ms) => void seen.push(ms),
    onIgnored: (line) => void seen.push(line),
    lastEventId: "0",
  }));
  assertEquals(seen, ["hi", 5, "foo"]);
  assertEquals(events, [{ id: "1", event: "message", data: "x", retry: 5 }]);
});

Deno.test("callbacks are called in the order of the stream, for any chunking", async () => {
  const text = ": a\n\ndata: 1\n\n: b\n\n: c\ndata: 2\nretry: 5\nxyz\n\n: d\n\n";
  const want = [": a", "1", ": b", ": c", "retry 5", "xyz", "2", ": d"];
  for (const chunks of [[text], [...text], [text.slice(0, 12), text.slice(12)]]) {
    const seen: string[] = [];
    const events = parseSSE(body(chunks).stream, {
      onComment: (comment) => void seen.push(`: ${comment}`),
      onRetry: (ms) => void seen.push(`retry ${ms}`),
      onIgnored: (line) => void seen.push(line),
    });
    for await (const { data } of events) {
      seen.push(data);
      // What comes after this event comes after all that is done for it.
      await Promise.resolve();
    }
    assertEquals(seen, want);
  }
});

Deno.test("a heartbeat is reported while waiting for the next event", async () => {
  const heartbeat = Promise.withResolvers<string>();
  const { stream } = body(["data: 1\n\n", ": still here\n\n"], { open: true });
  const events = parseSSE(stream, { onComment: heartbeat.resolve });
  await events.next();
  const pending = events.next();
  assertStrictEquals(await heartbeat.promise, "still here");
  await events.return?.();
  assertStrictEquals((await pending).done, true);
});

Deno.test("the current ID is available even if no event carries it", async () => {
  const events = parseSSE(body(["id: 1\ndata: a\n\n", "id: 2\n\n"]).stream);
  assertStrictEquals(events.lastEventId, "");
  await events.next();
  assertStrictEquals(events.lastEventId, "1");
  await events.next();
  assertStrictEquals(events.lastEventId, "2");
});

for (
  const [what, source] of [
    ["a string", "data: 1\n\n"],
    ["a URL", new URL("http://localhost/")],
    ["nothing", undefined],
    ["null", null],
    ["a number", 5],
    ["a promise of a response", Promise.resolve(new Response("data: 1\n\n"))],
    ["an object without a body", {}],
    ["an object whose body is none", { body: { a: 1 } }],
    ["an object whose body is text", { body: "data: 1\n\n" }],
    ["an array", ["data: 1\n\n"]],
    ["bytes", utf8("data: 1\n\n")],
  ] as const
) {
  Deno.test(`${what} is rejected at once with a TypeError`, () => {
    // deno-lint-ignore no-explicit-any
    assertError(assertThrows(() => parseSSE(source as any)), {
      name: "TypeError",
      message: /response/,
    });
  });
}

Deno.test("a response that was already read gives a TypeError, not an empty stream", async () => {
  const response = new Response("data: 1\n\n");
  await response.text();
  assertThrows(() => parseSSE(response), TypeError);
  assertThrows(() => parseSSE(body(["data: 1\n\n"]).stream && lockedBody()), TypeError);
});

function lockedBody() {
  const { stream } = body([]);
  stream.getReader();
  return stream;
}

Deno.test("a failed response gives an error at once and leaves its body to the caller", async () => {
  const response = new Response("why", { status: 429 });
  assertError(
    assertThrows(() => parseSSE(response)),
    (error) => error instanceof SSEError && error.kind === "http" && error.status === 429,
  );
  assertStrictEquals(await response.text(), "why");
});

Deno.test("a Node stream can be read, also as a response's body or from Express", async () => {
  const node = () => Readable.from([utf8("data: 1\n\nda"), utf8("ta: 2\n\n")]);
  const express = Object.assign(node(), { body: { parsed: true } });
  for (const source of [node(), { body: node() }, express]) {
    assertEquals(data(await all(parseSSE(source))), ["1", "2"]);
  }
  const read = node();
  for await (const _ of read);
  assertThrows(() => parseSSE(read), TypeError);
});

for (const how of ["aborting", "returning"] as const) {
  Deno.test(`${how} a silent Node stream destroys it and its socket`, async () => {
    const silent = new Readable({ read() {} });
    const destroyed = new Promise((resolve) => silent.once("close", resolve));
    const controller = new AbortController();
    const events = parseSSE(silent, { signal: controller.signal });
    const pending = events.next();
    if (how === "aborting") controller.abort(new Error("enough"));
    else events.return?.();
    await pending.then(
      ({ done }) => assert(done),
      (error) => assertMatch(`${error}`, /enough/),
    );
    await destroyed;
  });
}

Deno.test("chunks of another realm count as bytes", async () => {
  const foreign = runInNewContext("new Uint8Array([100,97,116,97,58,49,10,10])");
  assert(!(foreign instanceof Uint8Array));
  async function* chunks() {
    yield foreign;
  }
  assertEquals(data(await all(parseSSE(chunks()))), ["1"]);
});

Deno.test("a callback that leaves or aborts ends the loop there", async () => {
  for (const how of ["leave", "abort"] as const) {
    const controller = new AbortController();
    const got: string[] = [];
    const { stream, seen } = body(["data: 1\n\n: stop\ndata: 2\n\n"], { open: true });
    const events = parseSSE(stream, {
      signal: controller.signal,
      onComment() {
        if (how === "leave") events.return();
        else controller.abort(new Error("enough"));
      },
    });
    const reading = (async () => {
      for await (const event of events) got.push(event.data);
    })();
    await reading.catch((error) => assertMatch(String(error), /enough/));
    assertEquals(got, ["1"]);
    assert(seen.cancelled);
  }
});

Deno.test("a callback that throws ends the loop with its error", async () => {
  const { stream, seen } = body(["data: 1\n\n: x\n"], { open: true });
  const got: string[] = [];
  await assertRejects(async () => {
    const onComment = () => {
      throw new RangeError("mine");
    };
    for await (const event of parseSSE(stream, { onComment })) got.push(event.data);
  }, RangeError);
  assertEquals(got, ["1"]);
  assert(seen.cancelled);
});

Deno.test("leaving the loop closes the connection of a fetch", async () => {
  const closed = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () =>
    new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(utf8("data: 1\n\n")),
        cancel: () => closed.resolve(),
      }),
    ));
  const response = await fetch(`http://127.0.0.1:${server.addr.port}/`);
  for await (const _ of parseSSE(response)) break;
  await closed.promise;
  await server.shutdown();
});
