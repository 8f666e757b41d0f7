import type { Provider } from "./provider.ts";

/**
 * Anthropic's messages. The counts of `message_delta` are cumulative, and may include the request's
 * tokens. The answer's count in `message_start` is a placeholder.
 *
 * https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export const anthropic: Provider = {
  name: "anthropic",
  signs: [
    { when: { type: "message_start" }, at: "message" },
    { when: { type: "content_block_*" }, at: "index" },
  ],
  text: [
    { when: { "type": "content_block_delta", "delta.type": "text_delta" }, at: "delta.text" },
    // The API's first text is empty. Some gateways send the first piece, or the whole text, in it.
    { when: { type: "content_block_start" }, at: "content_block.text" },
  ],
  refusal: [{ at: "delta.stop_details.explanation" }],
  reasoning: [{ when: { "delta.type": "thinking_delta" }, at: "delta.thinking" }],
  toolCalls: [
    {
      when: { "type": "content_block_start", "content_block.type": "tool_use" },
      at: "",
      key: "index",
      id: "content_block.id",
      name: "content_block.name",
      arguments: "content_block.input",
    },
    {
      when: { "delta.type": "input_json_delta" },
      at: "",
      key: "index",
      arguments: "delta.partial_json",
    },
  ],
  model: [{ at: "message.model" }],
  inputTokens: [
    {
      when: { type: "message_delta" },
      at: [
        "usage.input_tokens",
        "usage.cache_creation_input_tokens",
        "usage.cache_read_input_tokens",
      ],
    },
    {
      at: [
        "message.usage.input_tokens",
        "message.usage.cache_creation_input_tokens",
        "message.usage.cache_read_input_tokens",
      ],
    },
  ],
  outputTokens: [{ when: { type: "message_delta" }, at: "usage.output_tokens" }],
  finish: [{ when: { type: "message_delta" }, at: "delta.stop_reason" }],
  end: [{ when: { type: "message_stop" }, at: "type" }],
};
