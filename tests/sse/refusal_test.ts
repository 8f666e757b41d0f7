/** The message of a response that is not a stream, and how much of it is read. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { collect, connectSSE, SSEError, streamTokens } from "../../lib/sse/mod.ts";
import { all } from "./support/body.ts";
import { type Answer, upstream } from "./support/upstream.ts";
import { assertError } from "../assert_error.ts";

const URL = "http://upstream.test/events";

const answer = (
  body: BodyInit | null,
  code = 400,
  type = "application/json",
  more: Record<string, string> = {},
): Answer =>
() => new Response(body, { status: code, headers: { "content-type": type, ...more } });

/** The error that a refusal becomes. */
async function refusedWith(given: Answer, options = {}): Promise<SSEError> {
  const { init, requests } = upstream([given], options);
  const error = await all(connectSSE(URL, init)).then(() => null, (error) => error);
  assert(error instanceof SSEError, String(error));
  assertStrictEquals(requests.length, 1, "not tried again");
  return error;
}

for (
  const [shape, body, message] of [
    ["OpenAI", '{"error":{"message":"a","type":"x","code":null}}', "a"],
    ["Anthropic, Parallel", '{"type":"error","error":{"type":"x","message":"a"}}', "a"],
    ["Ollama", '{"error":"a"}', "a"],
    ["Cohere", '{"id":"1","message":"a"}', "a"],
    ["Google's list", '[{"error":{"code":400,"message":"a"}}]', "a"],
    ["FastAPI's validation", '{"detail":[{"loc":["body"],"msg":"a"}]}', "a"],
    ["FastAPI", '{"detail":"Not Found"}', "Not Found"],
    ["vLLM", '{"object":"error","message":"a","type":"BadRequestError","code":400}', "a"],
    ["AWS", '{"Message":"a"}', "a"],
    ["Cloudflare", '{"success":false,"errors":[{"code":7000,"message":"a"}],"messages":[]}', "a"],
    ["problem details", '{"type":"about:blank","title":"Not Found","status":404}', "Not Found"],
    ["a string", '"a"', "a"],
    ["plain words", "plain\n  words", "plain words"],
    ["a page", "<html><h1>502</h1>", ""],
    ["half of JSON", '{"half', ""],
    ["JSON without a message", '{"error":{"code":7}}', ""],
    ["nothing", "", ""],
    ["a field called constructor", '{"constructor":{"message":"a"}}', ""],
  ] as const
) {
  Deno.test(`a rejection in the format of ${shape} says ${JSON.stringify(message)}`, async () => {
    const error = await refusedWith(
      answer(body, 422, "application/json", { "x-request-id": "r1" }),
    );
    assertEquals(
      [error.kind, error.status, error.retryable, error.serverMessage, error.body],
      ["http", 422, false, message, body],
    );
    assertStrictEquals(error.message, message ? `status 422: ${message}` : "status 422");
    assertStrictEquals(error.headers?.get("x-request-id"), "r1");
  });
}

for (
  const [type, body, message] of [
    ["text/html", "<title>Sign in</title>", "not an event stream: text/html"],
    [
      "application/json",
      '{"error":{"message":"no stream"}}',
      "not an event stream: application/json: no stream",
    ],
    ["application/x-ndjson", "data", "not an event stream: application/x-ndjson: data"],
  ] as const
) {
  Deno.test(`a response of ${type} is reported as such`, async () => {
    const error = await refusedWith(answer(body, 200, type));
    assertEquals([error.kind, error.message, error.body], ["content-type", message, body]);
    for (const read of [collect, (response: Response) => all(streamTokens(response))]) {
      assertError(
        await assertRejects(() => read(new Response(body, { headers: { "content-type": type } }))),
        (error) =>
          error instanceof SSEError && error.kind === "content-type" && error.message === message,
      );
    }
  });
}

for (const status of [400, 401, 429, 500, 503]) {
  Deno.test(`collect and streamTokens report the server's message for a response with ${status}`, async () => {
    for (const read of [collect, (response: Response) => all(streamTokens(response))]) {
      const response = Response.json({ error: { message: "No." } }, { status });
      assertError(await assertRejects(() => read(response)), (error) => {
        assert(error instanceof SSEError);
        assertEquals(
          [error.kind, error.status, error.serverMessage, error.message, error.retryable],
          ["http", status, "No.", `status ${status}: No.`, status > 401],
        );
        return true;
      });
    }
  });
}

Deno.test("an account without credit is not asked again, but a busy server is", async () => {
  for (
    const body of [
      '{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}',
      '{"error":{"message":"Hard limit","code":"billing_hard_limit_reached"}}',
    ]
  ) {
    const error = await refusedWith(answer(body, 429));
    assertEquals([error.status, error.retryable], [429, false]);
    assertError(
      await assertRejects(() => collect(new Response(body, { status: 429 }))),
      { status: 429, retryable: false },
    );
  }
  const { init, requests } = upstream([
    answer('{"error":{"message":"Rate limit","code":"rate_limit_exceeded"}}', 429),
    () => new Response(null, { status: 204 }),
  ]);
  await all(connectSSE(URL, init));
  assertStrictEquals(requests.length, 2);
});

Deno.test("the retry decision can use the server's message", async () => {
  const bodies: string[] = [];
  await refusedWith(answer("again?", 503), {
    isRetryable: (_: Response, body: string) => {
      bodies.push(body);
      return false;
    },
  });
  assertEquals(bodies, ["again?"]);
});

Deno.test("a rejection's body is read to 16 KiB, and its message has 400 characters", async () => {
  let pulled = 0, cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(4096).fill(97));
    },
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  const error = await refusedWith(answer(body, 500, "text/plain"));
  assertEquals([error.body?.length, error.serverMessage?.length, pulled], [16384, 400, 4]);
  assert(cancelled);
});

Deno.test("a rejection's endless body is waited for at most 5 s", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("half a sen")),
    cancel: () => void (cancelled = true),
  });
  const { init, timers } = upstream([answer(body, 500, "text/plain")]);
  const events = assertRejects(() => all(connectSSE(URL, init))).then((error) =>
    assertMatch(String(error), /status 500: half a sen/)
  );
  await timers.armed(5000);
  timers.advance(5000);
  await events;
  assert(cancelled);
  assertStrictEquals(timers.pending.size, 0);
});

Deno.test("a broken body of a rejection is not a separate error", async () => {
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new TypeError("reset")),
  });
  const error = await refusedWith(answer(body, 404));
  assertEquals([error.message, error.body], ["status 404", ""]);
});

Deno.test("an abort while a rejection is read ends it at once", async () => {
  const controller = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    pull: () => controller.abort(new Error("enough")),
  });
  const { init } = upstream([answer(body, 500)], { signal: controller.signal });
  assertMatch(String(await assertRejects(() => all(connectSSE(URL, init)))), /enough/);
});

for (let ticks = 0; ticks < 12; ticks++) {
  Deno.test(`aborting ${ticks} ticks after a rejection ends it and releases its body`, async () => {
    const controller = new AbortController();
    let cancelled = false;
    // A fetch that knows no signals, and a refusal that never says why.
    const fetch = () => {
      const silent = new ReadableStream({ cancel: () => void (cancelled = true) });
      const answer = Promise.resolve(new Response(silent, { status: 500 }));
      let after: Promise<unknown> = answer;
      for (let tick = 0; tick < ticks; tick++) after = after.then(() => {});
      after.then(() => controller.abort(new Error("enough")));
      return answer;
    };
    const { init, timers } = upstream([]);
    const events = connectSSE(URL, { ...init, fetch, signal: controller.signal });
    assertMatch(String(await assertRejects(() => all(events))), /enough/);
    assert(cancelled);
    assertStrictEquals(timers.pending.size, 0);
  });
}
