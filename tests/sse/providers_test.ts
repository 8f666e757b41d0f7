import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  anthropic,
  cohere,
  collect,
  detectProvider,
  encodeSSE,
  google,
  openai,
  parallel,
  parseSSE,
  type Provider,
  providers,
  SSEError,
  streamTokens,
} from "../../lib/sse/mod.ts";
import { all, body } from "./support/body.ts";
import { pieces } from "./support/read.ts";
import { assertError } from "../assert_error.ts";

const TEXT = "Rivers run — to the sea.";

/** One row per fixture: what each API's stream must come to. */
const FIXTURES: readonly {
  file: string;
  provider: Provider;
  model: string | undefined;
  input?: number;
  output?: number;
  finish: string;
  pieces?: readonly string[];
}[] = [
  {
    file: "openai-chat",
    provider: openai,
    model: "gpt-4.1-2025-04-14",
    input: 19,
    output: 10,
    finish: "stop",
  },
  {
    file: "openai-responses",
    provider: openai,
    model: "gpt-4.1-2025-04-14",
    input: 37,
    output: 11,
    finish: "completed",
  },
  {
    file: "anthropic",
    provider: anthropic,
    model: "claude-sonnet-4-5-20250929",
    input: 125,
    output: 15,
    finish: "end_turn",
  },
  {
    file: "google",
    provider: google,
    model: "gemini-2.5-flash",
    input: 8,
    output: 22,
    finish: "STOP",
    pieces: ["Rivers", " run — to the sea."],
  },
  {
    file: "cohere-v2",
    provider: cohere,
    model: undefined,
    input: 5,
    output: 9,
    finish: "COMPLETE",
  },
  {
    file: "cohere-v1",
    provider: cohere,
    model: undefined,
    input: 5,
    output: 9,
    finish: "COMPLETE",
  },
  { file: "parallel-chat", provider: parallel, model: "base", finish: "stop" },
  { file: "parallel-task", provider: parallel, model: "pro", finish: "completed", pieces: [TEXT] },
];

const fixture = (file: string) =>
  Deno.readFileSync(new URL(`./fixtures/${file}.sse`, import.meta.url));

Deno.test("every provider has a fixture", () => {
  assertEquals(new Set(FIXTURES.map(({ provider }) => provider)), new Set(providers));
});

for (const { file, provider, model, input, output, finish, ...row } of FIXTURES) {
  Deno.test(`${file}: the provider is detected from its first event`, async () => {
    const [first] = await all(parseSSE(body([fixture(file)]).stream));
    assert(first);
    assertStrictEquals(detectProvider([first]), provider);
  });

  Deno.test(`${file}: the text arrives in pieces, with the provider given or not`, async () => {
    const want = row.pieces ?? ["Rivers", " run — ", "to the sea."];
    for (const given of [provider, undefined]) {
      for (const size of [1, 7, 1e6]) {
        const stream = body(pieces(fixture(file), size)).stream;
        assertEquals(await all(streamTokens(stream, given)), want);
      }
    }
  });

  Deno.test(`${file}: model, usage, finish and cost are collected`, async () => {
    const answer = await collect(body([fixture(file)]).stream, { price: { input: 2, output: 8 } });
    assertStrictEquals(answer.text, TEXT);
    assertStrictEquals(answer.provider, provider.name);
    assertStrictEquals(answer.model, model);
    assertStrictEquals(answer.finish, finish);
    assertStrictEquals(answer.usage.inputTokens, input);
    assertStrictEquals(answer.usage.outputTokens, output ?? Math.ceil(TEXT.length / 4));
    assertStrictEquals(answer.usage.estimated, output === undefined);
    const tokens = (input ?? 0) * 2 + answer.usage.outputTokens * 8;
    assertStrictEquals(answer.cost, tokens / 1e6);
  });
}

Deno.test("no provider claims another's first payload", () => {
  for (const { file, provider } of FIXTURES) {
    const text = new TextDecoder().decode(fixture(file));
    const data = /data: (.*)/.exec(text)?.[1] ?? "";
    for (const other of providers.filter((candidate) => candidate !== provider)) {
      if (other === openai && file === "parallel-chat") continue; // a copy; parallel is asked first
      assertStrictEquals(
        detectProvider([{ id: "", event: "message", data }], [other]),
        undefined,
        file,
      );
    }
  }
});

Deno.test("an unknown stream has no provider", () => {
  const event = (data: string) => ({ id: "", event: "message", data });
  assertStrictEquals(
    detectProvider([event("hello"), event('{"a":1}'), event("null"), event("[1]")]),
    undefined,
  );
  assertStrictEquals(detectProvider([]), undefined);
});

Deno.test("the provider may be detected after uninformative events", async () => {
  const stream = body(['data: {"hello":1}\n\n', fixture("anthropic")]).stream;
  assertStrictEquals((await all(streamTokens(stream))).join(""), TEXT);
});

Deno.test("a provider's name instead of the provider is a TypeError that says so", () => {
  for (const read of [collect, streamTokens]) {
    // Types would not allow it.
    for (const given of ["openai", { provider: "openai" }]) {
      const error = assertThrows(
        () => Reflect.apply(read, undefined, [new Response(""), given]),
        TypeError,
      );
      assertStrictEquals(
        error.message,
        "a provider is an object, not a name",
      );
    }
  }
});

Deno.test("plain text is its own answer", async () => {
  const stream =
    body(["data: Rivers\n\ndata:  run\n\ndata: 42\n\ndata: [DONE]\n\ndata: never\n\n"]).stream;
  assertEquals(await all(streamTokens(stream)), ["Rivers", " run", "42"]);
});

Deno.test("plain text keeps all its pieces, including white space and accidental JSON", async () => {
  const texts = ["It is", " ", "true", "\n", "null", " ", "[1]", "\n\n", '"so"', "\t", "-0"];
  const stream = body(texts.map((data) => encodeSSE({ data }))).stream;
  assertEquals(await all(streamTokens(stream)), texts);
});

Deno.test("the first of several interleaved answers is read, in any order", async () => {
  const openAI = (index: number, content: string) => ({ index, delta: { content } });
  const gemini = (index: number, text: string) => ({ index, content: { parts: [{ text }] } });
  for (
    const payloads of [
      [
        { choices: [openAI(0, "So ")] },
        { choices: [openAI(1, "Or ")] },
        { choices: [openAI(1, "not"), openAI(0, "be it")] },
      ],
      [{ candidates: [gemini(0, "So "), gemini(1, "Or ")] }, { candidates: [gemini(1, "not")] }, {
        candidates: [gemini(0, "be it")],
      }],
    ]
  ) {
    const events = payloads.map((payload) => encodeSSE({ data: JSON.stringify(payload) }));
    events.push("data: [DONE]\n\n");
    assertStrictEquals((await all(streamTokens(body(events).stream))).join(""), "So be it");
  }
});

Deno.test("an error in a list of one is an error in the first payload, too", async () => {
  const error = await assertRejects(
    () => collect(body(['data: [{"error":{"code":503,"message":"Overloaded"}}]\n\n']).stream),
  );
  assert(error instanceof SSEError && error.message === "Overloaded", String(error));
});

Deno.test("a field that reports no error is not an error", async () => {
  for (const none of ["null", "false", '""', "0"]) {
    const chunk =
      `data: {"choices":[{"delta":{"content":"Hi"}}],"error":${none},"errors":[],"lastException":null}\n\ndata: [DONE]\n\n`;
    assertEquals(await all(streamTokens(body([chunk]).stream)), ["Hi"]);
  }
});

Deno.test("objects of no known provider give an error at the end, not silence", async () => {
  const stream = body(['data: {"a":1}\n\n']).stream;
  assertError(
    await assertRejects(() => all(streamTokens(stream))),
    (error) => error instanceof SSEError && error.kind === "provider" && error.code === "unknown",
  );
});

const FAILURES: readonly {
  name: string;
  before: string;
  failing: string;
  code: string | undefined;
  message: string;
  retryable: boolean;
}[] = [
  {
    name: "Anthropic is overloaded",
    before:
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"So far"}}\n\n',
    failing:
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
    code: "overloaded_error",
    message: "Overloaded",
    retryable: true,
  },
  {
    name: "OpenAI chat fails on its side",
    before: 'data: {"choices":[{"delta":{"content":"So far"}}]}\n\n',
    failing:
      'data: {"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}\n\n',
    code: "server_error",
    message: "The server had an error",
    retryable: true,
  },
  {
    name: "OpenAI chat has no quota left",
    before: 'data: {"choices":[{"delta":{"content":"So far"}}]}\n\n',
    failing:
      'data: {"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}\n\n',
    code: "insufficient_quota",
    message: "You exceeded your current quota",
    retryable: false,
  },
  {
    name: "OpenAI responses sends an error event",
    before:
      'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"So far"}\n\n',
    failing:
      'event: error\ndata: {"type":"error","code":"rate_limit_exceeded","message":"Slow down","param":null,"sequence_number":3}\n\n',
    code: "rate_limit_exceeded",
    message: "Slow down",
    retryable: true,
  },
  {
    name: "OpenAI responses ends in response.failed",
    before:
      'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"So far"}\n\n',
    failing:
      'event: response.failed\ndata: {"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"The model failed"}}}\n\n',
    code: "server_error",
    message: "The model failed",
    retryable: true,
  },
  {
    name: "Gemini is unavailable",
    before: 'data: {"candidates":[{"content":{"parts":[{"text":"So far"}]}}]}\n\n',
    failing:
      'data: {"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}\n\n',
    code: "UNAVAILABLE",
    message: "The model is overloaded.",
    retryable: true,
  },
  {
    name: "Gemini refuses the request",
    before: 'data: {"candidates":[{"content":{"parts":[{"text":"So far"}]}}]}\n\n',
    failing: 'data: {"error":{"code":400,"message":"Bad field","status":"INVALID_ARGUMENT"}}\n\n',
    code: "INVALID_ARGUMENT",
    message: "Bad field",
    retryable: false,
  },
  {
    name: "Cohere ends in an error",
    before: 'data: {"type":"content-delta","delta":{"message":{"content":{"text":"So far"}}}}\n\n',
    failing:
      'data: {"type":"message-end","delta":{"finish_reason":"ERROR","error":"internal trouble"}}\n\n',
    code: undefined,
    message: "internal trouble",
    retryable: false,
  },
  {
    name: "Cohere v1 ends in an error and says no more",
    before: 'data: {"event_type":"text-generation","text":"So far"}\n\n',
    failing: 'data: {"event_type":"stream-end","finish_reason":"ERROR","response":{}}\n\n',
    code: undefined,
    message: "the answer ended with ERROR",
    retryable: false,
  },
  {
    name: "the Task API reports an error",
    before: 'data: {"type":"chat.completion.chunk","choices":[{"delta":{"content":"So far"}}]}\n\n',
    failing:
      'event: error\ndata: {"type":"error","error":{"ref_id":"fcb2b4f3","message":"Run lost","detail":null}}\n\n',
    code: "fcb2b4f3",
    message: "Run lost",
    retryable: false,
  },
  {
    name: "Google's list holds the error",
    before: 'data: {"candidates":[{"content":{"parts":[{"text":"So far"}]}}]}\n\n',
    failing: 'data: [{"error":{"code":503,"message":"Overloaded","status":"UNAVAILABLE"}}]\n\n',
    code: "UNAVAILABLE",
    message: "Overloaded",
    retryable: true,
  },
  {
    name: "Gemini ends with a call that is no call",
    before: 'data: {"candidates":[{"content":{"parts":[{"text":"So far"}]}}]}\n\n',
    failing:
      'data: {"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Malformed: x("}]}\n\n',
    code: undefined,
    message: "Malformed: x(",
    retryable: false,
  },
  {
    name: "Bedrock names its exception in the data",
    before:
      'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"So far"}}\n\n',
    failing: 'data: {"throttlingException":{"message":"Too many requests"}}\n\n',
    code: "throttlingException",
    message: "Too many requests",
    retryable: true,
  },
  {
    name: "Bedrock names its exception in the event",
    before:
      'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"So far"}}\n\n',
    failing: 'event: validationException\ndata: {"message":"Bad field"}\n\n',
    code: "validationException",
    message: "Bad field",
    retryable: false,
  },
  {
    name: "another service of AWS fails",
    before: 'data: {"choices":[{"delta":{"content":"So far"}}]}\n\n',
    failing: 'data: {"__type":"ThrottlingException","Message":"Rate exceeded"}\n\n',
    code: "ThrottlingException",
    message: "Rate exceeded",
    retryable: true,
  },
  {
    name: "Cloudflare lists errors",
    before: 'data: {"choices":[{"delta":{"content":"So far"}}]}\n\n',
    failing: 'data: {"success":false,"errors":[{"code":7000,"message":"No route"}]}\n\n',
    code: "7000",
    message: "No route",
    retryable: false,
  },
  {
    name: "the AI SDK's stream reports an error",
    before: 'data: {"choices":[{"delta":{"content":"So far"}}]}\n\n',
    failing: 'data: {"type":"error","errorText":"Model gone"}\n\n',
    code: "error",
    message: "Model gone",
    retryable: false,
  },
  {
    name: "SGLang gives up and says why",
    before: 'data: {"choices":[{"delta":{"content":"So far"}}]}\n\n',
    failing:
      'data: {"choices":[{"delta":{},"finish_reason":{"type":"abort","message":"Out of memory"}}]}\n\n',
    code: undefined,
    message: "Out of memory",
    retryable: false,
  },
  {
    name: "a gateway has a code of its own",
    before: 'data: {"choices":[{"delta":{"content":"So far"}}]}\n\n',
    failing: 'data: {"error_code":18,"error_msg":"Limit reached"}\n\n',
    code: "18",
    message: "Limit reached",
    retryable: false,
  },
  {
    name: "an error event says something in plain words",
    before: 'data: {"choices":[{"delta":{"content":"So far"}}]}\n\n',
    failing: "event: error\ndata: upstream closed\n\n",
    code: undefined,
    message: "upstream closed",
    retryable: false,
  },
];

for (const { name, before, failing, code, message, retryable } of FAILURES) {
  Deno.test(`${name}: an SSEError with the text so far`, async () => {
    const { stream, seen } = body([before, failing, "data: never read\n\n"]);
    const tokens: string[] = [];
    assertError(
      await assertRejects(async () => {
        for await (const token of streamTokens(stream)) tokens.push(token);
      }),
      (error) => {
        assert(error instanceof SSEError);
        assertEquals(
          [error.kind, error.code, error.message, error.retryable, error.text],
          ["provider", code, message, retryable, "So far"],
        );
        return true;
      },
    );
    assertEquals(tokens, ["So far"]);
    assert(seen.cancelled, "the body is cancelled");
  });
}

Deno.test("a payload cut off in the middle is a json error with the text so far", async () => {
  const stream =
    body(['data: {"choices":[{"delta":{"content":"So far"}}]}\n\ndata: {"choi\n\n']).stream;
  assertError(
    await assertRejects(() => collect(stream)),
    (error) => error instanceof SSEError && error.kind === "json" && error.text === "So far",
  );
});

for (
  const { file, provider } of [
    { file: "openai-chat", provider: openai },
    { file: "anthropic", provider: anthropic },
  ]
) {
  Deno.test(`${file}: a stream that is cut, inside a payload as well, is incomplete`, async () => {
    const whole = fixture(file);
    const kinds = new Set<unknown>();
    for (let end = 64; end < whole.length; end++) {
      let error: unknown;
      await collect(body([whole.slice(0, end)]).stream, provider).catch((thrown) => error = thrown);
      assert(error === undefined || error instanceof SSEError, `${end}: ${error}`);
      kinds.add(error?.kind);
      if (error?.kind === "incomplete") {
        assert(error.retryable && TEXT.startsWith(error.text ?? "-"));
      }
    }
    // Whole after its end, before the stream's.
    assertEquals(kinds, new Set(["incomplete", undefined]));
  });
}
