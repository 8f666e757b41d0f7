import type { Provider } from "./provider.ts";

/**
 * Parallel's Chat API (OpenAI's chunks with a `type` beside `object`) and its Task API's run events,
 * whose text is the output of the last state; progress is not the answer.
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
  // The Chat API documents no reason and no `[DONE]`: nothing follows from their absence.
  end: [{ when: { type: "chat.completion.chunk" }, at: "type" }],
};
