import { json, textsAt, type Wire } from "./wire.ts";

/** Messages: named events, a ping among them; the input's tokens at the start, the output's at the end. */
export const anthropic: Wire = {
  path: /\/messages$/,
  turns: (body) => textsAt(body, "messages.*.content"),
  begin: ({ model, inputTokens }) => [
    json({
      type: "message_start",
      message: {
        id: "msg_sandbox",
        type: "message",
        role: "assistant",
        content: [],
        model,
        stop_reason: null,
        usage: { input_tokens: inputTokens, output_tokens: 1 },
      },
    }, true),
    json(
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      true,
    ),
    json({ type: "ping" }, true),
  ],
  piece: (text) => [
    json({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }, true),
  ],
  end: ({ outputTokens }) => [
    json({ type: "content_block_stop", index: 0 }, true),
    json({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: outputTokens },
    }, true),
    json({ type: "message_stop" }, true),
  ],
  failure: () => [
    json({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }, true),
  ],
  refusal: (status, message) => ({
    type: "error",
    error: {
      type: status === 401
        ? "authentication_error"
        : status === 429
        ? "rate_limit_error"
        : "invalid_request_error",
      message,
    },
  }),
};
