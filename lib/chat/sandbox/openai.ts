import { type Exchange, json, textsAt, type Wire } from "./wire.ts";

const ERROR = { message: "The server had an error while processing your request.", code: null };

const refusal = (status: number, message: string) => ({
  error: {
    message,
    type: status === 429 ? "rate_limit_error" : "invalid_request_error",
    code: status === 401 ? "invalid_api_key" : null,
  },
});

function chunk({ model }: Exchange, delta: object, finish: string | null, usage: object | null) {
  return {
    id: "chatcmpl-sandbox",
    object: "chat.completion.chunk",
    created: 1_790_000_000,
    model,
    choices: [{ index: 0, delta, finish_reason: finish }],
    usage,
  };
}

/** Chat completions: unnamed events, the usage in a chunk without choices, then `[DONE]`. */
export const chat: Wire = {
  path: /\/chat\/completions$/,
  turns: (body) => textsAt(body, "messages.*.content"),
  begin: (exchange) => [json(chunk(exchange, { role: "assistant", content: "" }, null, null))],
  piece: (content, exchange) => [json(chunk(exchange, { content }, null, null))],
  end: (exchange) => {
    const { inputTokens, outputTokens } = exchange;
    const usage = {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    };
    return [
      json(chunk(exchange, {}, "stop", null)),
      json({ ...chunk(exchange, {}, null, usage), choices: [] }),
      { data: "[DONE]" },
    ];
  },
  failure: () => [json({ error: { ...ERROR, type: "server_error" } })],
  refusal,
};

/** Responses: every event named by its type and numbered. */
export const responses: Wire = {
  path: /\/responses$/,
  turns: (body) => textsAt(body, "input.*.content"),
  begin: ({ model }) => [
    json({
      type: "response.created",
      response: { object: "response", model, status: "in_progress" },
    }, true),
    json({ type: "response.output_item.added", output_index: 0, item: { type: "message" } }, true),
  ],
  piece: (delta) => [
    json({ type: "response.output_text.delta", output_index: 0, content_index: 0, delta }, true),
  ],
  end: ({ model, text, inputTokens, outputTokens }) => [
    json({ type: "response.output_text.done", output_index: 0, content_index: 0, text }, true),
    json({
      type: "response.completed",
      response: {
        object: "response",
        model,
        status: "completed",
        usage: {
          input_tokens: inputTokens,
          output_tokens: outputTokens,
          total_tokens: inputTokens + outputTokens,
        },
      },
    }, true),
  ],
  failure: () => [json({ type: "error", ...ERROR, code: "server_error" }, true)],
  refusal,
};

/** Parallel's chat: OpenAI's chunks with a `type`, no usage, the sources on the last one. */
export const parallel: Wire = {
  ...chat,
  begin: () => [],
  piece: (content, exchange) => [json(typed(chunk(exchange, { content }, null, null)))],
  end: (exchange) => [json(typed(chunk(exchange, {}, "stop", null))), { data: "[DONE]" }],
  refusal: (_status, message) => ({
    type: "error",
    error: { ref_id: "00000000-0000-4000-8000-000000000000", message, detail: null },
  }),
};

const typed = (data: ReturnType<typeof chunk>) => ({
  ...data,
  type: "chat.completion.chunk",
  id: "",
  usage: undefined,
  basis: [],
});
