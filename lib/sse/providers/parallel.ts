import type { Provider } from "./provider.ts";

/**
 * Parallel's Chat API (OpenAI's chunks with a `type` beside `object`), and the run events of its Task API:
 * the text is the output in the last state, not the progress messages.
 *
 * https://docs.parallel.ai/chat-api/chat-quickstart, https://docs.parallel.ai/task-api/task-sse
 */
export const parallel: Provider = {
  name: "parallel",
  signs: [
    { when: { type: "chat.completion.chunk" }, at: "object" },
    { when: { type: "task_run.*" }, at: "type" },
  ],
  text: [
    { at: "choices.*.!index.delta.content" },
    { when: { "type": "task_run.state", "output.type": "text" }, at: "output.content" },
  ],
  model: [{ at: "model" }, { at: "run.processor" }],
  inputTokens: [{ at: "usage.prompt_tokens" }],
  outputTokens: [{ at: "usage.completion_tokens" }],
  finish: [
    { at: "choices.*.!index.finish_reason" },
    { when: { "run.status": "completed" }, at: "run.status" },
    { when: { "run.status": "failed" }, at: "run.status" },
    { when: { "run.status": "cancelled" }, at: "run.status" },
  ],
  // The Chat API documents neither a reason nor `[DONE]`, so a stream without them may be complete.
  end: [{ when: { type: "chat.completion.chunk" }, at: "type" }],
};
