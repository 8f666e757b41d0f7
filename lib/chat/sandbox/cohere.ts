import { json, textsAt, type Wire } from "./wire.ts";

const refusal = (_status: number, message: string) => ({ id: "sandbox", message });
const billed = (input: number, output: number) => ({
  billed_units: { input_tokens: input, output_tokens: output },
});

/** v2: named events around a message with content. */
export const v2: Wire = {
  path: /\/v2\/chat$/,
  turns: (body) => textsAt(body, "messages.*.content"),
  begin: () => [
    json({ type: "message-start", id: "sandbox", delta: { message: { role: "assistant" } } }, true),
    json({
      type: "content-start",
      index: 0,
      delta: { message: { content: { type: "text", text: "" } } },
    }, true),
  ],
  piece: (text) => [
    json({ type: "content-delta", index: 0, delta: { message: { content: { text } } } }, true),
  ],
  end: ({ inputTokens, outputTokens }) => [
    json({ type: "content-end", index: 0 }, true),
    json({
      type: "message-end",
      delta: { finish_reason: "COMPLETE", usage: billed(inputTokens, outputTokens) },
    }, true),
  ],
  failure: () => [
    json({ type: "message-end", delta: { finish_reason: "ERROR", error: "internal error" } }, true),
  ],
  refusal,
};

/** v1: unnamed events with an `event_type`. */
export const v1: Wire = {
  path: /\/v1\/chat$/,
  turns: (body) => [...textsAt(body, "chat_history.*.message"), ...textsAt(body, "message")],
  begin: () => [
    json({ is_finished: false, event_type: "stream-start", generation_id: "sandbox" }),
  ],
  piece: (text) => [json({ is_finished: false, event_type: "text-generation", text })],
  end: ({ text, inputTokens, outputTokens }) => [
    json({
      is_finished: true,
      event_type: "stream-end",
      finish_reason: "COMPLETE",
      response: { text, finish_reason: "COMPLETE", meta: billed(inputTokens, outputTokens) },
    }),
  ],
  failure: () => [
    json({ is_finished: true, event_type: "stream-end", finish_reason: "ERROR", response: {} }),
  ],
  refusal,
};
