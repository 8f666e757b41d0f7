import type { Provider } from "./provider.ts";

/**
 * OpenAI's chat completions and responses, and the many APIs that copy them. Chat completions have text in
 * `choices[].delta.content`, usage in a last chunk without choices if it was requested, and `[DONE]` at
 * the end; only the first choice is read. Responses are `response.*` events. Mistral's content is a list
 * of parts. The reasoning of DeepSeek and vLLM is in `reasoning_content`, that of OpenRouter, Groq and
 * Ollama in `reasoning`. Groq's usage is in `x_groq`, Moonshot's in the choice. xAI and Gemini count
 * reasoning in the total only.
 *
 * https://platform.openai.com/docs/api-reference/chat-streaming,
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const openai: Provider = {
  name: "openai",
  signs: [
    { when: { object: "chat.completion.chunk" }, at: "object" },
    { when: { object: "text_completion" }, at: "object" },
    { when: { type: "response.*" }, at: "type" },
    { at: "choices.0.delta" },
  ],
  text: [
    { when: { type: "response.output_text.delta" }, at: "delta" },
    { at: ["choices.*.!index.delta.content", "choices.*.!index.delta.content.*.text"] },
    { at: "choices.*.!index.delta.audio.transcript" },
    { at: "choices.*.!index.delta.content.*" },
    { when: { object: "text_completion" }, at: "choices.*.!index.text" },
  ],
  refusal: [
    { when: { type: "response.refusal.delta" }, at: "delta" },
    { at: ["choices.*.!index.delta.refusal", "choices.*.!index.delta.content.*.refusal"] },
  ],
  reasoning: [
    { when: { type: "response.reasoning_text.delta" }, at: "delta" },
    { when: { type: "response.reasoning_summary_text.delta" }, at: "delta" },
    { at: "choices.*.!index.delta.reasoning_content" },
    { at: "choices.*.!index.delta.reasoning" },
    { at: "choices.*.!index.delta.content.*.thinking.*.text" },
  ],
  toolCalls: [
    {
      at: "choices.*.!index.delta.tool_calls.*",
      key: "index",
      id: "id",
      name: ["function.name", "custom.name"],
      arguments: ["function.arguments", "custom.input"],
    },
    // The older form of `tool_calls`: one call, without an index.
    {
      at: "choices.*.!index.delta.function_call",
      key: "index",
      name: "name",
      arguments: "arguments",
    },
    // The items of a response that the client has to execute or approve. The provider executes the others,
    // such as `mcp_call` and `web_search_call`. A tool of OpenAI's own is named by its item's type. Each item
    // comes when it begins and when it is done.
    {
      when: {
        "type": "response.output_item.*",
        "item.type": "function_call|custom_tool_call",
      },
      at: "",
      key: "output_index",
      id: "item.call_id",
      name: "item.name",
      arguments: ["item.arguments", "item.input"],
      whole: true,
    },
    {
      when: {
        "type": "response.output_item.*",
        "item.type": "computer_call|local_shell_call|shell_call|apply_patch_call",
      },
      at: "",
      key: "output_index",
      id: "item.call_id",
      name: "item.type",
      arguments: ["item.actions", "item.action", "item.operation"],
      whole: true,
    },
    {
      when: { "type": "response.output_item.*", "item.type": "mcp_approval_request" },
      at: "",
      key: "output_index",
      id: "item.id",
      name: "item.type",
      arguments: "item",
      whole: true,
    },
    {
      when: {
        type: "response.function_call_arguments.delta|response.custom_tool_call_input.delta",
      },
      at: "",
      key: "output_index",
      arguments: "delta",
    },
  ],
  model: [{ at: "model" }, { at: "response.model" }],
  inputTokens: [
    { at: "usage.prompt_tokens" },
    { at: "response.usage.input_tokens" },
    { at: "x_groq.usage.prompt_tokens" },
    { at: "choices.0.usage.prompt_tokens" },
  ],
  outputTokens: [
    { at: "usage.completion_tokens" },
    { at: "response.usage.output_tokens" },
    { at: "x_groq.usage.completion_tokens" },
    { at: "choices.0.usage.completion_tokens" },
  ],
  totalTokens: [{ at: "usage.total_tokens" }],
  finish: [
    { at: "choices.*.!index.finish_reason" },
    { when: { type: "response.incomplete" }, at: "response.incomplete_details.reason" },
    { when: { type: "response.completed" }, at: "response.status" },
  ],
  end: [
    { when: { type: "response.incomplete" }, at: "type" },
    { when: { type: "response.completed" }, at: "type" },
  ],
};
