import type { Provider } from "./provider.ts";

/**
 * Anthropic's messages. The request's tokens come at the start, the answer's in `message_delta`,
 * which counts from the beginning; what the start says of the answer is a placeholder.
 *
 * https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export const anthropic: Provider = {
  name: "anthropic",
  signs: [
    { when: { type: "message_start" }, at: "message" },
    { when: { type: "content_block_*" }, at: "index" },
  ],
  text: [{ when: { "type": "content_block_delta", "delta.type": "text_delta" }, at: "delta.text" }],
  model: [{ when: { type: "message_start" }, at: "message.model" }],
  inputTokens: [{
    at: [
      "message.usage.input_tokens",
      "message.usage.cache_creation_input_tokens",
      "message.usage.cache_read_input_tokens",
    ],
  }],
  outputTokens: [{ when: { type: "message_delta" }, at: "usage.output_tokens" }],
  finish: [{ when: { type: "message_delta" }, at: "delta.stop_reason" }],
};
