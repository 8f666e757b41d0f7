import type { Price } from "../sse/mod.ts";

/** What an answer costs: by its tokens (US dollars a million), or by the request (US dollars). */
export type Cost = { readonly tokens: Price } | { readonly request: number };

const tokens = (input: number, output: number): Cost => ({ tokens: { input, output } });

/**
 * List prices for prompts of up to 200,000 tokens without caching: a guide and no invoice, and never
 * tried against a bill. What is not here has no price: better none than a wrong one.
 *
 * As they stood in November 2026 on their makers' pages (https://developers.openai.com/api/docs/models,
 * https://platform.claude.com/docs/models, https://docs.parallel.ai/pricing): GPT-5.6, Claude Haiku
 * 4.5, Sonnet 5 and 5.5, Opus 5.5, all of Parallel's. Second-hand: Cohere's, from resellers, and every
 * other one, from GitHub's table of model prices
 * (https://github.com/github/docs/blob/main/data/tables/copilot/models-and-pricing.yml).
 */
const PRICES: readonly (readonly [api: RegExp, model: RegExp, cost: Cost])[] = [
  [/^openai/, /^gpt-5\.6-luna$/, tokens(0.2, 1.2)],
  [/^openai/, /^gpt-5\.6-terra$/, tokens(2, 12)],
  [/^openai/, /^gpt-5\.6-sol$/, tokens(5, 30)],
  [/^openai/, /^gpt-5\.4$/, tokens(2.5, 15)],
  [/^openai/, /^gpt-5\.4-mini$/, tokens(0.75, 4.5)],
  [/^openai/, /^gpt-5\.4-nano$/, tokens(0.2, 1.25)],
  [/^openai/, /^gpt-5-mini$/, tokens(0.25, 2)],
  [/^anthropic$/, /^claude-haiku-4-5$/, tokens(1, 5)],
  [/^anthropic$/, /^claude-sonnet-4-[56]$/, tokens(3, 15)],
  [/^anthropic$/, /^claude-sonnet-5(?:-5)?$/, tokens(2, 10)],
  [/^anthropic$/, /^claude-opus-(?:4-[5-8]|5)$/, tokens(5, 25)],
  [/^anthropic$/, /^claude-opus-5-5$/, tokens(4, 20)],
  [/^google$/, /^gemini-3\.5-flash$/, tokens(1.5, 9)],
  [/^google$/, /^gemini-3\.1-pro-preview$/, tokens(2, 12)],
  [/^cohere/, /^command-a-03-2025$/, tokens(2.5, 10)],
  [/^cohere/, /^command-r-08-2024$/, tokens(0.15, 0.6)],
  [/^cohere/, /^command-r7b-12-2024$/, tokens(0.0375, 0.15)],
  [/^parallel$/, /^(?:speed|lite)$/, { request: 0.005 }],
  [/^parallel$/, /^base$/, { request: 0.01 }],
  [/^parallel$/, /^core$/, { request: 0.025 }],
];

/** A version's date, as APIs append it to the name that was asked for. */
const DATED = /-(?:\d{8}|\d{4}-\d\d-\d\d)$/;

/** The list price of a model, where it is known. */
export function costOf(api: string, model: string): Cost | undefined {
  const name = model.replace(DATED, "");
  return PRICES.find(([apis, models]) => apis.test(api) && models.test(name))?.[2];
}
