/** Everything that waits ends at once on an abort or a `return`, and releases its resources. */
import { assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { Readable } from "node:stream";
import {
  collect,
  connectSSE,
  parseSSE,
  type SSEEvent,
  SSEParserStream,
  streamJSON,
  streamTokens,
} from "../../lib/sse/mod.ts";
import { body } from "./support/body.ts";
import { TYPE } from "./support/upstream.ts";

const TEXT = 'data: {"object":"chat.completion.chunk","choices":[{"delta":{"content":"Hi"}}]}\n\n';
const EVENT: SSEEvent = { id: "", event: "message", data: TEXT.slice(6).trim() };

/** Sources that say one thing and are silent then, and what tells that they were let go. */
const SOURCES = {
  "a body": () => {
    const { stream, seen } = body([TEXT], { open: true });
    return { source: stream, isFree: () => seen.cancelled !== undefined };
  },
  "a response": () => {
    const { stream, seen } = body([TEXT], { open: true });
    return { source: new Response(stream), isFree: () => seen.cancelled !== undefined };
  },
  "events of parseSSE": () => {
    const { stream, seen } = body([TEXT], { open: true });
    return { source: parseSSE(stream), isFree: () => seen.cancelled !== undefined };
  },
  "events of SSEParserStream": () => {
    const { stream, seen } = body([TEXT], { open: true });
    return {
      source: stream.pipeThrough(new SSEParserStream()),
      isFree: () => seen.cancelled !== undefined,
    };
  },
  "events of an iterator that never answers": () => {
    let returned = false;
    const given = [EVENT];
    const source: AsyncIterable<SSEEvent> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          const value = given.shift();
          return value ? Promise.resolve({ done: false, value }) : new Promise(() => {});
        },
        return: () => {
          returned = true;
          return new Promise(() => {});
        },
      }),
    };
    return { source, isFree: () => returned };
  },
  "a Node stream": () => {
    const source = new Readable({ read() {} });
    source.push(TEXT);
    return { source, isFree: () => source.destroyed };
  },
};

const READERS = {
  collect: (source: Parameters<typeof collect>[0], signal: AbortSignal, seen: () => void) =>
    collect(source, { signal, onUpdate: seen }),
  async streamTokens(source: Parameters<typeof collect>[0], signal: AbortSignal, seen: () => void) {
    for await (const _ of streamTokens(source, undefined, { signal })) seen();
  },
  async streamJSON(source: Parameters<typeof collect>[0], signal: AbortSignal, seen: () => void) {
    for await (const _ of streamJSON(source, { signal })) seen();
  },
};

/** Settles once it is so: what is freed is freed some turns later. */
async function until(isSo: () => boolean) {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve));
}

for (const [what, make] of Object.entries(SOURCES)) {
  for (const [name, read] of Object.entries(READERS)) {
    Deno.test(`aborting ends ${name} of ${what} that is silent, and releases it`, async () => {
      const { source, isFree } = make();
      const controller = new AbortController();
      const reason = new Error("enough");
      const reading = read(
        source,
        controller.signal,
        () => queueMicrotask(() => controller.abort(reason)),
      );
      assertStrictEquals(await assertRejects(() => reading), reason);
      await until(isFree);
    });
  }

  for (
    const [name, start] of [["streamTokens", streamTokens], ["streamJSON", streamJSON]] as const
  ) {
    Deno.test(`returning ends the pending next of ${name} of ${what}, and releases it`, async () => {
      const { source, isFree } = make();
      const items = start(source);
      assertStrictEquals((await items.next()).done, false);
      const pending = items.next();
      await items.return?.();
      assertEquals(await pending, { done: true, value: undefined });
      assertEquals(await items.next(), { done: true, value: undefined });
      await until(isFree);
    });
  }

  Deno.test(`an already aborted signal reads nothing of ${what}`, async () => {
    const { source, isFree } = make();
    const signal = AbortSignal.abort(new Error("before"));
    assertMatch(String(await assertRejects(() => collect(source, { signal }))), /before/);
    await until(isFree);
  });
}

Deno.test("the end of an await using releases a stream, whatever reads it", async () => {
  const fetch = (stream: ReadableStream) => () =>
    Promise.resolve(new Response(stream, { headers: TYPE }));
  for (
    const start of [
      (stream: ReadableStream<Uint8Array>) => parseSSE(stream),
      (stream: ReadableStream<Uint8Array>) => streamTokens(stream),
      (stream: ReadableStream<Uint8Array>) => streamJSON(stream),
      (stream: ReadableStream) => connectSSE("http://upstream.test/", { fetch: fetch(stream) }),
    ]
  ) {
    const { stream, seen } = body([TEXT], { open: true });
    {
      await using items = start(stream);
      assertStrictEquals((await items.next()).done, false);
    }
    await until(() => seen.cancelled !== undefined);
  }
});

for (const [what, make] of Object.entries(SOURCES)) {
  Deno.test(`${what} gives its answer as text and as payloads alike`, async () => {
    const tokens = streamTokens(make().source);
    assertStrictEquals((await tokens.next()).value, "Hi");
    await tokens.return?.();
    const payloads = streamJSON<{ object: string }>(make().source);
    assertStrictEquals((await payloads.next()).value?.object, "chat.completion.chunk");
    await payloads.return?.();
  });
}

Deno.test("no listener stays on a signal after an answer is read", async () => {
  let listening = 0;
  const { signal } = new AbortController();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listening++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listening--;
    removeEventListener.apply(signal, args);
  };
  async function* events() {
    yield EVENT;
    yield { ...EVENT, data: "[DONE]" };
  }
  for (let n = 0; n < 3; n++) {
    await collect(events(), { signal });
    await collect(body([TEXT, "data: [DONE]\n\n"]).stream, { signal });
    await collect(new Response("no", { status: 400 }), { signal }).catch(() => {});
  }
  assertStrictEquals(listening, 0);
});

Deno.test("a signal may always be null", async () => {
  const signal = null;
  for await (const _ of parseSSE(body([TEXT]).stream, { signal }));
  await collect(body([TEXT, "data: [DONE]\n\n"]).stream, { signal });
  const fetch = () => Promise.resolve(new Response(TEXT, { headers: TYPE }));
  for await (const _ of connectSSE("http://upstream.test/", { fetch, signal }));
});

Deno.test("collect and streamTokens accept the provider in the same places", async () => {
  const { openai } = await import("../../lib/sse/mod.ts");
  const whole = () => body([TEXT, "data: [DONE]\n\n"]).stream;
  for (
    const given of [[openai], [{ provider: openai }], [openai, {}], [undefined, {
      provider: openai,
    }]] as const
  ) {
    const [first, options] = given;
    assertStrictEquals((await collect(whole(), first, options)).provider, "openai");
    for await (const token of streamTokens(whole(), first, options)) {
      assertStrictEquals(token, "Hi");
    }
  }
});
