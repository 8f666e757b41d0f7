import { type Exchange, json, textsAt, type Wire } from "./wire.ts";

const STATUS: ReadonlyMap<number, string> = new Map([
  [401, "UNAUTHENTICATED"],
  [429, "RESOURCE_EXHAUSTED"],
]);

function part({ model, inputTokens }: Exchange, text: string, usage = {}) {
  return {
    candidates: [{ content: { parts: [{ text }], role: "model" }, index: 0 }],
    usageMetadata: { promptTokenCount: inputTokens, ...usage },
    modelVersion: model,
  };
}

/**
 * `streamGenerateContent?alt=sse`: unnamed events, usage in each (what the answer took in the last
 * only, as some models have it), no end but the end.
 */
export const google: Wire = {
  path: /:streamGenerateContent$/,
  turns: (body) => textsAt(body, "contents.*.parts.*.text"),
  begin: () => [],
  piece: (text, exchange) => [json(part(exchange, text))],
  end: (exchange) => {
    const { candidates, ...rest } = part(exchange, "", {
      candidatesTokenCount: exchange.outputTokens,
    });
    return [
      json({ ...rest, candidates: candidates.map((each) => ({ ...each, finishReason: "STOP" })) }),
    ];
  },
  failure: () => [
    json({ error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } }),
  ],
  refusal: (status, message) => ({
    error: { code: status, message, status: STATUS.get(status) ?? "INVALID_ARGUMENT" },
  }),
};
