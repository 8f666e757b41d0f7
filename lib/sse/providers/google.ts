import type { Provider } from "./provider.ts";

/**
 * Gemini's `streamGenerateContent?alt=sse`. Each payload is a whole response with a piece of the text and
 * the usage so far. Parts marked as thoughts are reasoning. Only the first candidate is read.
 *
 * https://ai.google.dev/api/generate-content
 */
export const google: Provider = {
  name: "google",
  signs: [{ at: "candidates.0" }, { at: "usageMetadata" }, { at: "promptFeedback" }],
  text: [{ at: "candidates.*.!index.content.parts.*.!thought.text" }],
  refusal: [{ at: "promptFeedback.blockReasonMessage" }],
  reasoning: [{ at: "candidates.*.!index.content.parts.*.?thought.text" }],
  toolCalls: [{
    at: "candidates.*.!index.content.parts.*.functionCall",
    id: "id",
    name: "name",
    arguments: "args",
  }],
  model: [{ at: "modelVersion" }],
  inputTokens: [{
    at: ["usageMetadata.promptTokenCount", "usageMetadata.toolUsePromptTokenCount"],
  }],
  outputTokens: [{
    at: ["usageMetadata.candidatesTokenCount", "usageMetadata.thoughtsTokenCount"],
  }],
  finish: [{ at: "candidates.*.!index.finishReason" }, { at: "promptFeedback.blockReason" }],
};
