import type { Collected, Price } from "../../lib/sse/mod.ts";

/**
 * List prices in November 2026, without caching: dollars for a million input and output tokens, or
 * for a request. A model that is not listed has no price. Never compared with a bill. Sources:
 * https://developers.openai.com/api/docs/models, https://platform.claude.com/docs/models,
 * https://docs.parallel.ai/pricing; for Cohere, resellers; for Gemini and older models
 * https://github.com/github/docs/blob/main/data/tables/copilot/models-and-pricing.yml.
 */
const PRICES: readonly (readonly [model: RegExp, ...dollars: number[]])[] = [
  [/^openai.* gpt-5\.6-luna$/, 0.2, 1.2],
  [/^openai.* gpt-5\.6-terra$/, 2, 12],
  [/^openai.* gpt-5\.6-sol$/, 5, 30],
  [/^openai.* gpt-5\.4$/, 2.5, 15],
  [/^openai.* gpt-5\.4-mini$/, 0.75, 4.5],
  [/^openai.* gpt-5\.4-nano$/, 0.2, 1.25],
  [/^openai.* gpt-5-mini$/, 0.25, 2],
  [/^anthropic claude-haiku-4-5$/, 1, 5],
  [/^anthropic claude-sonnet-4-[56]$/, 3, 15],
  [/^anthropic claude-sonnet-5(-5)?$/, 2, 10],
  [/^anthropic claude-opus-(4-[5-8]|5)$/, 5, 25],
  [/^anthropic claude-opus-5-5$/, 4, 20],
  [/^google gemini-3\.5-flash$/, 1.5, 9],
  [/^google gemini-3\.1-pro-preview$/, 2, 12],
  [/^cohere command-a-03-2025$/, 2.5, 10],
  [/^cohere command-r-08-2024$/, 0.15, 0.6],
  [/^cohere command-r7b-12-2024$/, 0.0375, 0.15],
  [/^parallel (speed|lite)$/, 0.005],
  [/^parallel base$/, 0.01],
  [/^parallel core$/, 0.025],
];

/** What an answer costs: by its tokens, or by the request. */
export type Cost = Price | number;

/** The list price of a model, if known. APIs may append the date of a version to its name. */
export function costOf(api: string, model: string): Cost | undefined {
  const name = `${api} ${model.replace(/-(\d{8}|\d{4}-\d\d-\d\d)$/, "")}`;
  const [, input, output] = PRICES.find(([pattern]) => pattern.test(name)) ?? [];
  return input === undefined || output === undefined ? input : { input, output };
}

/**
 * One line of tokens, time and cost. `~` marks an estimate, `–` an unknown value. Input is estimated
 * from the characters sent if the API does not count it.
 */
export function figuresLine(answer: Collected, sent: number, cost?: Cost, isFree = false): string {
  const { model, usage, firstTokenMs: first, tokensPerSecond: rate } = answer;
  const { inputTokens: input = Math.ceil(sent / 4), outputTokens: output } = usage;
  const aboutInput = usage.inputTokens === undefined ? "~" : "";
  const aboutOutput = usage.estimated ? "~" : "";
  const price = typeof cost === "object"
    ? (aboutInput || aboutOutput) + dollars((input * cost.input + output * cost.output) / 1e6)
    : cost === undefined
    ? "–"
    : dollars(cost);
  return [
    ...(model ? [model] : []),
    `${aboutInput}${input.toLocaleString("en")} in, ${aboutOutput}${
      output.toLocaleString("en")
    } out`,
    `first token ${
      first === undefined ? "–" : `${(first / 1000).toFixed(first < 9995 ? 2 : 1)} s`
    }`,
    `${rate === undefined ? "–" : aboutOutput + rate.toFixed(rate < 10 ? 1 : 0)} tokens/s`,
    `cost ${price}${isFree && cost !== undefined ? " at list price, not billed" : ""}`,
  ].join(" · ");
}

/** Two significant digits, without powers of ten. */
function dollars(sum: number): string {
  const digits = sum >= 1 || sum === 0 ? 2 : Math.min(8, 1 - Math.floor(Math.log10(sum)));
  return `$${sum.toFixed(digits)}`;
}
