import type { Provider } from "./provider.ts";

/**
 * Cohere's chat: v2 (`type`, text in `delta.message.content.text`) and v1 (`event_type`, `text`).
 * Billed units take precedence over counted tokens.
 *
 * https://docs.cohere.com/v2/docs/streaming, https://docs.cohere.com/v1/docs/streaming
 */
export const cohere: Provider = {
  name: "cohere",
  signs: [
    { at: "event_type" },
    { when: { type: "message-start" }, at: "type" },
    { when: { type: "content-*" }, at: "delta" },
    { when: { type: "message-end" }, at: "delta" },
  ],
  text: [
    { when: { type: "content-delta" }, at: "delta.message.content.text" },
    { when: { event_type: "text-generation" }, at: "text" },
  ],
  reasoning: [
    { when: { type: "content-delta" }, at: "delta.message.content.thinking" },
    { when: { type: "tool-plan-delta" }, at: "delta.message.tool_plan" },
    { when: { event_type: "tool-calls-chunk" }, at: "text" },
  ],
  toolCalls: [
    {
      when: { type: "tool-call-*" },
      at: "",
      key: "index",
      id: "delta.message.tool_calls.id",
      name: "delta.message.tool_calls.function.name",
      arguments: "delta.message.tool_calls.function.arguments",
    },
    {
      when: { event_type: "tool-calls-generation" },
      at: "tool_calls.*",
      name: "name",
      arguments: "parameters",
    },
  ],
  model: [{ at: "model" }, { at: "response.model" }],
  inputTokens: [
    { at: "delta.usage.billed_units.input_tokens" },
    { at: "delta.usage.tokens.input_tokens" },
    { at: "response.meta.billed_units.input_tokens" },
    { at: "response.meta.tokens.input_tokens" },
  ],
  outputTokens: [
    { at: "delta.usage.billed_units.output_tokens" },
    { at: "delta.usage.tokens.output_tokens" },
    { at: "response.meta.billed_units.output_tokens" },
    { at: "response.meta.tokens.output_tokens" },
  ],
  finish: [{ at: "delta.finish_reason" }, { at: "finish_reason" }],
  end: [{ when: { type: "message-end" }, at: "type" }, {
    when: { event_type: "stream-end" },
    at: "event_type",
  }],
};
