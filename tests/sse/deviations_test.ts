/** How real APIs deviate from their documentation: each row is from a public bug report. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { collect, type Collected, SSEError, streamTokens } from "../../lib/sse/mod.ts";
import { all, body } from "./support/body.ts";
import { assertError } from "../assert_error.ts";

/** A stream of these payloads: objects as JSON, strings as they are. */
const stream = (payloads: readonly unknown[]) =>
  body(
    payloads.map((payload) =>
      typeof payload === "string" ? payload : `data: ${JSON.stringify(payload)}\n\n`
    ),
  ).stream;

const DONE = "data: [DONE]\n\n";
const chunk = (delta: unknown, rest = {}) => ({
  object: "chat.completion.chunk",
  model: "m",
  choices: [{ index: 0, delta, ...rest }],
});
const stop = chunk({}, { finish_reason: "stop" });
const message = (usage: unknown) => ({ type: "message_start", message: { model: "c", usage } });
const ending = (usage: unknown) => ({
  type: "message_delta",
  delta: { stop_reason: "end_turn" },
  usage,
});
const fragment = (call: unknown) => chunk({ tool_calls: [call] });

const WHOLE: readonly {
  what: string;
  payloads: readonly unknown[];
  want: Partial<Omit<Collected, "usage">> & { tokens?: readonly [number | undefined, number] };
}[] = [
  {
    what: "OpenAI: a refusal is no empty answer",
    payloads: [chunk({ refusal: "I cannot " }), chunk({ refusal: "help." }), stop, DONE],
    want: { text: "I cannot help.", refusal: "I cannot help.", finish: "stop" },
  },
  {
    what: "OpenAI responses: a refusal has its own events",
    payloads: [
      { type: "response.refusal.delta", delta: "No." },
      { type: "response.refusal.done", refusal: "No." },
      { type: "response.completed", response: { status: "completed", model: "m" } },
    ],
    want: { text: "No.", refusal: "No.", finish: "completed", model: "m" },
  },
  {
    what: "a refusal may be a part of the content",
    payloads: [chunk({ content: [{ type: "refusal", refusal: "No." }] }), stop, DONE],
    want: { text: "No.", refusal: "No.", finish: "stop" },
  },
  {
    what: "Anthropic: a refusal is explained beside its stop reason",
    payloads: [message({ input_tokens: 4 }), {
      type: "message_delta",
      delta: {
        stop_reason: "refusal",
        stop_details: { type: "refusal", category: "cyber", explanation: "Declined." },
      },
      usage: { output_tokens: 1 },
    }, { type: "message_stop" }],
    want: { text: "Declined.", refusal: "Declined.", finish: "refusal", tokens: [4, 1] },
  },
  {
    what: "Anthropic's copies give a text's first piece at its start",
    payloads: [
      message({ input_tokens: 4 }),
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "Riv" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "ers" } },
      ending({ output_tokens: 1 }),
    ],
    want: { text: "Rivers", finish: "end_turn", tokens: [4, 1] },
  },
  {
    what: "Mistral: content is text or a list of parts",
    payloads: [
      chunk({ content: [{ type: "text", text: "Paris" }] }),
      chunk({ content: " it" }),
      chunk({ content: [{ type: "text", text: " " }, { type: "text", text: "is." }] }),
      DONE,
    ],
    want: { text: "Paris it is." },
  },
  {
    what: "Mistral: thoughts are parts too",
    payloads: [
      chunk({ content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm." }] }] }),
      chunk({ content: [{ type: "reference", reference_ids: [1] }] }),
      chunk({ content: "Yes." }),
      stop,
    ],
    want: { text: "Yes.", reasoning: "Hm." },
  },
  {
    what: "Azure: an empty model and an empty finish say nothing",
    payloads: [
      { id: "", object: "", model: "", choices: [], prompt_filter_results: [] },
      chunk({ content: "Hi" }),
      chunk({}, { finish_reason: "stop" }),
      { id: "", object: "", model: "", choices: [{ index: 0, finish_reason: "" }] },
      { id: "", object: "", model: "", choices: [{ index: 0, finish_reason: null }] },
      DONE,
    ],
    want: { text: "Hi", model: "m", finish: "stop" },
  },
  {
    what: "n > 1: neither text nor finish of another choice is taken",
    payloads: [
      chunk({ content: "A" }, { finish_reason: "stop" }),
      { ...chunk({}), choices: [{ index: 1, delta: { content: "B" }, finish_reason: "length" }] },
    ],
    want: { text: "A", finish: "stop" },
  },
  {
    what: "Gemini: nor that of another candidate",
    payloads: [
      { candidates: [{ index: 0, content: { parts: [{ text: "A" }] }, finishReason: "STOP" }] },
      { candidates: [{ index: 1, finishReason: "MAX_TOKENS" }] },
    ],
    want: { text: "A", finish: "STOP" },
  },
  {
    what: "Anthropic: message_delta counts everything from the beginning",
    payloads: [
      message({ input_tokens: 10, output_tokens: 1 }),
      ending({ input_tokens: 10_682, output_tokens: 510 }),
    ],
    want: { tokens: [10_682, 510], cost: (10_682 * 3 + 510 * 15) / 1e6 },
  },
  {
    what: "Anthropic: what message_delta leaves out was said at the start",
    payloads: [
      message({ input_tokens: 7, cache_creation_input_tokens: 20, cache_read_input_tokens: 300 }),
      ending({ input_tokens: 9, output_tokens: 5 }),
    ],
    want: { tokens: [329, 5] },
  },
  {
    what: "OpenRouter's Anthropic: the start counts nothing, the delta all",
    payloads: [
      message({ input_tokens: 0, output_tokens: 0 }),
      ending({ input_tokens: 9, cache_read_input_tokens: 100, output_tokens: 5 }),
    ],
    want: { tokens: [109, 5] },
  },
  {
    what: "Anthropic behind a gateway: a 0 at the end takes nothing back",
    payloads: [message({ input_tokens: 42 }), ending({ input_tokens: 0, output_tokens: 5 })],
    want: { tokens: [42, 5] },
  },
  {
    what: "vLLM: usage in every chunk counts from the beginning",
    payloads: [
      { ...chunk({ content: "a" }), usage: { prompt_tokens: 9, completion_tokens: 1 } },
      { ...chunk({ content: "b" }), usage: { prompt_tokens: 9, completion_tokens: 2 } },
      stop,
    ],
    want: { text: "ab", tokens: [9, 2] },
  },
  {
    what: "Groq counts in x_groq, Moonshot in the choice",
    payloads: [
      { ...stop, x_groq: { usage: { prompt_tokens: 9, completion_tokens: 1 } } },
      chunk({}, { finish_reason: "stop", usage: { prompt_tokens: 9, completion_tokens: 2 } }),
    ],
    want: { tokens: [9, 2] },
  },
  {
    what: "Gemini: thoughts and tools count where they were last reported",
    payloads: [
      { candidates: [{}], usageMetadata: { promptTokenCount: 8, thoughtsTokenCount: 13 } },
      {
        candidates: [{ content: { parts: [{ text: "a" }] }, finishReason: "STOP" }],
        usageMetadata: {
          promptTokenCount: 8,
          toolUsePromptTokenCount: 30,
          candidatesTokenCount: 9,
        },
      },
    ],
    want: { text: "a", tokens: [38, 22] },
  },
  {
    what: "DeepSeek thinks in reasoning_content, apart from the text",
    payloads: [
      chunk({ content: null, reasoning_content: "Let me " }),
      chunk({ content: null, reasoning_content: "see." }),
      chunk({ content: "42", reasoning_content: null }),
      stop,
    ],
    want: { text: "42", reasoning: "Let me see." },
  },
  {
    what: "OpenRouter and Ollama think in reasoning; vLLM in both at once, which is not said twice",
    payloads: [
      chunk({ content: "", reasoning: "a" }),
      chunk({ reasoning: "b", reasoning_content: "b" }),
      chunk({ content: "c", reasoning: null }),
      stop,
    ],
    want: { text: "c", reasoning: "ab" },
  },
  {
    what: "tool calls: names and arguments grow, several at once",
    payloads: [
      fragment({ index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } }),
      fragment({ index: 0, function: { arguments: '{"x":' } }),
      fragment({ index: 1, id: "b", function: { name: "g", arguments: "{}" } }),
      fragment({ index: 0, function: { arguments: "1}" } }),
      chunk({}, { finish_reason: "tool_calls" }),
    ],
    want: {
      toolCalls: [{ id: "a", name: "f", arguments: '{"x":1}' }, {
        id: "b",
        name: "g",
        arguments: "{}",
      }],
    },
  },
  {
    what: "vLLM repeats the id with every piece",
    payloads: [
      fragment({ index: 0, id: "a", function: { name: "f", arguments: '{"x":' } }),
      fragment({ index: 0, id: "a", function: { name: null, arguments: "1}" } }),
      stop,
    ],
    want: { toolCalls: [{ id: "a", name: "f", arguments: '{"x":1}' }] },
  },
  {
    what: "Ollama gives every call the index 0",
    payloads: [
      fragment({ index: 0, id: "a", function: { name: "f", arguments: '{"x":1}' } }),
      fragment({ index: 0, id: "b", function: { name: "f", arguments: '{"x":2}' } }),
      stop,
    ],
    want: {
      toolCalls: [{ id: "a", name: "f", arguments: '{"x":1}' }, {
        id: "b",
        name: "f",
        arguments: '{"x":2}',
      }],
    },
  },
  {
    what: "calls without an index begin with a name",
    payloads: [
      fragment({ function: { name: "f", arguments: "{" } }),
      fragment({ function: { arguments: "}" } }),
      fragment({ function: { name: "g", arguments: "{}" } }),
      stop,
    ],
    want: { toolCalls: [{ name: "f", arguments: "{}" }, { name: "g", arguments: "{}" }] },
  },
  {
    what: "the old form of a call has no list",
    payloads: [
      chunk({ function_call: { name: "f", arguments: "" } }),
      chunk({ function_call: { arguments: '{"x":1}' } }),
      chunk({}, { finish_reason: "function_call" }),
    ],
    want: { toolCalls: [{ name: "f", arguments: '{"x":1}' }] },
  },
  {
    what: "OpenAI responses: a call is an item",
    payloads: [
      {
        type: "response.output_item.added",
        output_index: 1,
        item: { type: "function_call", id: "fc_1", call_id: "call_1", name: "f", arguments: "" },
      },
      { type: "response.function_call_arguments.delta", output_index: 1, delta: '{"x":' },
      { type: "response.function_call_arguments.delta", output_index: 1, delta: "1}" },
      { type: "response.function_call_arguments.done", output_index: 1, arguments: '{"x":1}' },
      { type: "response.completed", response: { status: "completed" } },
    ],
    want: { toolCalls: [{ id: "call_1", name: "f", arguments: '{"x":1}' }] },
  },
  {
    what: "OpenAI responses: custom tools and OpenAI's own that the client executes are calls",
    payloads: [
      {
        type: "response.output_item.added",
        output_index: 0,
        item: { type: "custom_tool_call", call_id: "c0", name: "sql", input: "" },
      },
      { type: "response.custom_tool_call_input.delta", output_index: 0, delta: "SELECT " },
      { type: "response.custom_tool_call_input.delta", output_index: 0, delta: "1" },
      { type: "response.custom_tool_call_input.done", output_index: 0, input: "SELECT 1" },
      {
        type: "response.output_item.done",
        output_index: 0,
        item: { type: "custom_tool_call", call_id: "c0", name: "sql", input: "SELECT 1" },
      },
      {
        type: "response.output_item.done",
        output_index: 1,
        item: { type: "shell_call", call_id: "c1", action: { commands: ["ls"] } },
      },
      {
        type: "response.output_item.done",
        output_index: 2,
        item: { type: "web_search_call", id: "ws", action: { query: "q" } },
      },
      // Some gateways send a call only when it is whole.
      {
        type: "response.output_item.done",
        output_index: 3,
        item: { type: "function_call", call_id: "c3", name: "f", arguments: "{}" },
      },
      { type: "response.completed", response: { status: "completed" } },
    ],
    want: {
      toolCalls: [
        { id: "c0", name: "sql", arguments: "SELECT 1" },
        { id: "c1", name: "shell_call", arguments: '{"commands":["ls"]}' },
        { id: "c3", name: "f", arguments: "{}" },
      ],
    },
  },
  {
    what: "Anthropic: a tool that ran at their place is no call of ours",
    payloads: [
      message({}),
      {
        type: "content_block_start",
        index: 0,
        content_block: { type: "server_tool_use", id: "s", name: "web_search", input: {} },
      },
      {
        type: "content_block_delta",
        index: 0,
        delta: { type: "input_json_delta", partial_json: "{}" },
      },
      {
        type: "content_block_start",
        index: 1,
        content_block: { type: "tool_use", id: "t", name: "f", input: {} },
      },
      {
        type: "content_block_delta",
        index: 1,
        delta: { type: "input_json_delta", partial_json: "{}" },
      },
      { type: "message_stop" },
    ],
    want: { toolCalls: [{ id: "t", name: "f", arguments: "{}" }] },
  },
  {
    what: "Anthropic's copies give a call's input whole, at its start",
    payloads: [
      {
        type: "content_block_start",
        index: 0,
        content_block: { type: "tool_use", id: "t", name: "f", input: { x: 1 } },
      },
      { type: "message_stop" },
    ],
    want: { toolCalls: [{ id: "t", name: "f", arguments: '{"x":1}' }] },
  },
  {
    what: "a text completion streams choices[].text",
    payloads: [
      { object: "text_completion", model: "m", choices: [{ index: 0, text: "Hel" }] },
      { object: "text_completion", choices: [{ index: 0, text: "lo", finish_reason: "stop" }] },
    ],
    want: { text: "Hello", finish: "stop" },
  },
  {
    what: "Parallel's chat documents no finish: an answer without is whole",
    payloads: [{
      ...chunk({ content: "Hi" }, { finish_reason: "" }),
      type: "chat.completion.chunk",
    }],
    want: { text: "Hi", provider: "parallel" },
  },
  {
    what: "the last blank line is missing",
    payloads: [chunk({ content: "Hi" }), "data: [DONE]"],
    want: { text: "Hi" },
  },
  {
    what: "OpenAI: what is spoken has its text beside it",
    payloads: [
      chunk({ content: null, audio: { id: "a", transcript: "Hel" } }),
      chunk({ audio: { transcript: "lo" } }),
      chunk({ audio: { data: "AAAA" } }),
      stop,
    ],
    want: { text: "Hello", finish: "stop" },
  },
  {
    what: "xAI: thoughts are counted in the total alone",
    payloads: [
      chunk({ content: "Hi" }),
      {
        ...stop,
        usage: {
          prompt_tokens: 32,
          completion_tokens: 9,
          total_tokens: 135,
          completion_tokens_details: { reasoning_tokens: 94 },
        },
      },
    ],
    want: { text: "Hi", tokens: [32, 103], cost: (32 * 3 + 103 * 15) / 1e6 },
  },
  {
    what: "a total that counts no answer yet adds nothing",
    payloads: [
      chunk({ content: "Hi" }, { usage: { prompt_tokens: 7, total_tokens: 7 } }),
      { ...stop, usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 0 } },
    ],
    want: { text: "Hi", tokens: [7, 2] },
  },
];

for (const { what, payloads, want: { tokens, ...want } } of WHOLE) {
  Deno.test(what, async () => {
    const answer = await collect(stream(payloads), { price: { input: 3, output: 15 } });
    for (const [name, value] of Object.entries(want)) {
      assertEquals(Reflect.get(answer, name), value, name);
    }
    if (tokens) {
      const [inputTokens, outputTokens] = tokens;
      assertEquals(answer.usage, { inputTokens, outputTokens, estimated: false });
    }
    if (want.text !== undefined) {
      assertStrictEquals((await all(streamTokens(stream(payloads)))).join(""), want.text);
    }
  });
}

const FAILED: readonly {
  what: string;
  payloads: readonly unknown[];
  kind?: string;
  message: RegExp;
  retryable?: boolean;
  text?: string;
}[] = [
  {
    what: "Groq: an error is in its own member",
    payloads: [
      chunk({ content: "Hi" }),
      { ...chunk({}), choices: [], x_groq: { id: "r", error: "over_capacity" } },
      DONE,
    ],
    message: /^over_capacity$/,
    text: "Hi",
  },
  {
    what: "vLLM: an object that is an error",
    payloads: [
      chunk({ content: "Hi" }),
      { object: "error", message: "maximum context length", type: "BadRequestError", code: 400 },
      DONE,
    ],
    message: /^maximum context length$/,
    text: "Hi",
  },
  {
    what: "vLLM: an error within an error",
    payloads: [
      { error: { object: "error", message: "not multimodal", type: "x", code: 400 } },
      DONE,
    ],
    message: /^not multimodal$/,
  },
  {
    what: "OpenRouter: an error beside a finish",
    payloads: [
      chunk({ content: "Hi" }),
      {
        ...chunk({ content: "" }, { finish_reason: "error" }),
        error: { code: 502, message: "Provider disconnected" },
      },
      DONE,
    ],
    message: /^Provider disconnected$/,
    retryable: true,
    text: "Hi",
  },
  {
    what: "an error in the choice",
    payloads: [chunk({}, { error: { code: 429, message: "Rate limited" } })],
    message: /^Rate limited$/,
    retryable: true,
  },
  {
    what: "a finish that is an error and says no more",
    payloads: [chunk({ content: "Hi" }, { finish_reason: "error" }), DONE],
    message: /error/,
    text: "",
  },
  {
    what: "vLLM: a request aborted",
    payloads: [chunk({ content: "Hi" }), chunk({}, { finish_reason: "abort" })],
    message: /abort/,
    text: "Hi",
  },
  {
    what: "DeepSeek runs out of resources",
    payloads: [chunk({}, { finish_reason: "insufficient_system_resource" })],
    message: /insufficient_system_resource/,
    retryable: true,
  },
  {
    what: "choices are null and the error has its own fields",
    payloads: [{ choices: null, error_type: "BadRequestError", error_message: "context too long" }],
    message: /^context too long$/,
  },
  {
    what: "MiniMax: a status that is not 0",
    payloads: [{ choices: null, base_resp: { status_code: 1004, status_msg: "login fail" } }],
    message: /^login fail$/,
  },
  {
    what: "Ollama: the error is a string",
    payloads: [chunk({ content: "Hi" }), { error: "model runner has stopped" }],
    message: /^model runner has stopped$/,
    text: "Hi",
  },
  {
    what: "OpenAI responses: failed, without an error",
    payloads: [{ type: "response.failed", response: { status: "failed", error: null } }],
    message: /failed/,
  },
  {
    what: "OpenAI responses: cancelled",
    payloads: [{ type: "response.cancelled", response: { status: "cancelled" } }],
    message: /cancelled/,
  },
  {
    what: "llama.cpp: the error in its own field",
    payloads: [
      chunk({ content: "Hi" }),
      'error: {"code":400,"message":"exceeds the context size","type":"invalid_request_error"}\n\n',
      DONE,
    ],
    message: /^exceeds the context size$/,
    retryable: false,
    text: "Hi",
  },
  {
    what: "a backend's error passed on without a field",
    payloads: ['{"error":{"code":400,"message":"exceeds the context size"}}'],
    message: /^exceeds the context size$/,
  },
  {
    what: "the same on several lines, after some text",
    payloads: [chunk({ content: "Hi" }), '{\n  "error": {\n    "message": "boom"\n  }\n}\n'],
    message: /^boom$/,
    text: "Hi",
  },
  {
    what: "a stream cut before its finish",
    payloads: [chunk({ content: "Half an ans" })],
    kind: "incomplete",
    message: /ended/,
    retryable: true,
    text: "Half an ans",
  },
  {
    what: "Anthropic cut after its first block",
    payloads: [
      message({ input_tokens: 1 }),
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Half" } },
      { type: "content_block_stop", index: 0 },
    ],
    kind: "incomplete",
    message: /ended/,
    text: "Half",
  },
  {
    what: "Gemini cut before its finishReason",
    payloads: [{ candidates: [{ content: { parts: [{ text: "Half" }] } }] }],
    kind: "incomplete",
    message: /ended/,
    text: "Half",
  },
  {
    what: "OpenAI responses cut before completed",
    payloads: [{ type: "response.output_text.delta", delta: "Half" }],
    kind: "incomplete",
    message: /ended/,
    text: "Half",
  },
  {
    what: "Cohere cut before message-end",
    payloads: [{ type: "content-delta", delta: { message: { content: { text: "Half" } } } }],
    kind: "incomplete",
    message: /ended/,
    text: "Half",
  },
  {
    what: "a task's stream that ends while it runs",
    payloads: [{ type: "task_run.state", run: { status: "running", processor: "pro" } }],
    kind: "incomplete",
    message: /ended/,
  },
  {
    what: "a stream that says nothing at all",
    payloads: [": ping\n\n"],
    kind: "incomplete",
    message: /ended/,
  },
  {
    what: "a page where a stream should be",
    payloads: ["<html>\n<body>Sign in</body></html>\n"],
    kind: "content-type",
    message: /not an event stream: <html>/,
  },
  {
    what: "an error buried deeper than anyone would",
    payloads: [`data: ${'{"error":'.repeat(20_000)}"x"${"}".repeat(20_000)}\n\n`],
    message: /reports an error/,
  },
  {
    what: "Zhipu: the network of the server",
    payloads: [chunk({ content: "Hi" }), chunk({}, { finish_reason: "network_error" }), DONE],
    message: /network_error/,
    retryable: true,
    text: "Hi",
  },
  {
    what: "a gateway's words in the middle, and a clean end",
    payloads: [chunk({ content: "Hi" }), { code: 429, message: "slow down" }, DONE],
    message: /^slow down$/,
    retryable: true,
    text: "Hi",
  },
  {
    what: "FastAPI's detail in the middle, and a clean end",
    payloads: [chunk({ content: "Hi" }), { detail: [{ loc: ["body"], msg: "too long" }] }, DONE],
    message: /^too long$/,
    text: "Hi",
  },
  {
    what: "problem details without a detail in the middle",
    payloads: [chunk({ content: "Hi" }), { title: "Too Many Requests", status: 429 }],
    message: /^Too Many Requests$/,
    retryable: true,
    text: "Hi",
  },
  {
    what: "nothing but problem details, and a clean end",
    payloads: [
      { type: "about:blank", title: "Forbidden", status: 403, detail: "No such key" },
      DONE,
    ],
    message: /^No such key$/,
    retryable: false,
  },
  {
    what: "nothing but an unknown API's refusal, and a clean end",
    payloads: [{ detail: "Not authenticated" }, DONE],
    message: /no known provider: Not authenticated/,
  },
  {
    what: "nothing but events of an unknown API, and a clean end",
    payloads: [{ type: "text-delta", id: "0", delta: "Hi" }, DONE],
    message: /no known provider/,
  },
  {
    what: "objects of an API that is not known, with its message",
    payloads: [{ code: "InvalidParameter", message: "no such model" }],
    message: /no known provider: no such model/,
  },
];

for (const { what, payloads, kind = "provider", message, retryable, text = "" } of FAILED) {
  Deno.test(`no success: ${what}`, async () => {
    for (const read of [collect, (given: ReadableStream<Uint8Array>) => all(streamTokens(given))]) {
      assertError(await assertRejects(async () => await read(stream(payloads))), (error) => {
        assert(error instanceof SSEError, String(error));
        assertEquals([error.kind, error.text], [kind, text], error.message);
        assertMatch(error.message, message);
        if (retryable !== undefined) assertStrictEquals(error.retryable, retryable);
        return true;
      });
    }
  });
}

for (const reason of ["stop", "length", "content_filter", "tool_calls", "eos", "COMPLETE"]) {
  Deno.test(`a finish of ${reason} is not a failure`, async () => {
    const { finish } = await collect(stream([chunk({}, { finish_reason: reason })]));
    assertStrictEquals(finish, reason);
  });
}

Deno.test("a title and a status of other things are no failure", async () => {
  const { finish } = await collect(stream([
    { title: "A book", status: "sold", ...chunk({ content: "Hi" }) },
    { title: "A book", status: 200, ...chunk({}, { finish_reason: "stop" }) },
  ]));
  assertStrictEquals(finish, "stop");
});

Deno.test("a list of plain texts is text", async () => {
  const { text } = await collect(stream([
    chunk({ content: ["Hi", " you"] }),
    chunk({}, {
      finish_reason: "stop",
    }),
  ]));
  assertStrictEquals(text, "Hi you");
});

Deno.test("a body that breaks keeps the text and counts as a network error", async () => {
  const cause = new TypeError("terminated");
  const broken = () =>
    body([`data: ${JSON.stringify(chunk({ content: "Half" }))}\n\n`], { fail: cause }).stream;
  for (const source of [broken(), new Response(broken())]) {
    assertError(await assertRejects(() => collect(source)), (error) => {
      assert(error instanceof SSEError);
      assertEquals(
        [error.kind, error.text, error.cause, error.retryable],
        ["network", "Half", cause, true],
      );
      return true;
    });
  }
});

Deno.test("an event over its limit keeps the text before it", async () => {
  const source = stream([chunk({ content: "Half" }), chunk({ content: "x".repeat(300) })]);
  assertError(
    await assertRejects(() => collect(source, { maxEventBytes: 200 })),
    (error) => error instanceof SSEError && error.kind === "limit" && error.text === "Half",
  );
});
