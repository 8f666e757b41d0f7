import type { Provider } from "./provider.ts";

/**
 * OpenAI's chat completions (`choices[].delta.content`, ends with `[DONE]`, usage in a last chunk
 * without choices when asked for) and responses (`response.*` events), and the many that copy them.
 * Of several answers (`n`) the first is read.
 *
 * https://platform.openai.com/docs/api-reference/chat-streaming,
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const openai: Provider = {
  name: "openai",
  signs: [
    { when: { object: "chat.completion.chunk" }, at: "object" },
    { when: { type: "response.*" }, at: "type" },
    { at: "choices.0.delta" },
  ],
  text: [
    { when: { type: "response.output_text.delta" }, at: "delta" },
    { at: "choices.*.!index.delta.content" },
  ],
  model: [{ at: "model" }, { at: "response.model" }],
  inputTokens: [{ at: "usage.prompt_tokens" }, { at: "response.usage.input_tokens" }],
  outputTokens: [{ at: "usage.completion_tokens" }, { at: "response.usage.output_tokens" }],
  finish: [
    { at: "choices.0.finish_reason" },
    { when: { type: "response.incomplete" }, at: "response.incomplete_details.reason" },
    { when: { type: "response.completed" }, at: "response.status" },
  ],
};
