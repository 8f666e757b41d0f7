import type { Collected, Price } from "../sse/mod.ts";
import type { Conversation } from "./conversation.ts";
import type { Cost } from "./prices.ts";

/** What an answer took: tokens, time and money. `~` marks an estimate, `–` what nobody knows. */
export interface Figures {
  readonly answer: Collected;
  readonly conversation: Conversation;
  readonly cost?: Cost;
  /** True in the sandbox: a price is shown, and nothing is billed. */
  readonly free?: boolean;
}

/** As in lib/sse: four characters a token. */
const CHARACTERS_A_TOKEN = 4;

/** One line of figures, for the end of an answer. */
export function figuresLine({ answer, conversation, cost, free }: Figures): string {
  const { model, usage, firstTokenMs, tokensPerSecond } = answer;
  const input = usage.inputTokens ?? Math.ceil(size(conversation) / CHARACTERS_A_TOKEN);
  const inputAbout = usage.inputTokens === undefined ? "~" : "";
  const outputAbout = usage.estimated ? "~" : "";
  const parts = [
    ...(model ? [model] : []),
    `${inputAbout}${count(input)} in, ${outputAbout}${count(usage.outputTokens)} out`,
    `first token ${firstTokenMs === undefined ? "–" : time(firstTokenMs)}`,
    `${tokensPerSecond === undefined ? "–" : outputAbout + rate(tokensPerSecond)} tokens/s`,
  ];
  if (!cost) return [...parts, "cost –"].join(" · ");
  const [about, sum] = "request" in cost
    ? ["", cost.request]
    : [inputAbout || outputAbout, price(cost.tokens, input, usage.outputTokens)];
  const note = free ? " at list price, not billed" : "";
  return [...parts, `cost ${about}${dollars(sum)}${note}`].join(" · ");
}

const price = (each: Price, input: number, output: number) =>
  (input * each.input + output * each.output) / 1e6;

function size({ system = "", turns }: Conversation): number {
  return turns.reduce((sum, { text }) => sum + text.length, system.length);
}

const count = (tokens: number) => tokens.toLocaleString("en-US");

const time = (ms: number) => ms < 995 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

const rate = (perSecond: number) => perSecond < 10 ? perSecond.toFixed(1) : perSecond.toFixed(0);

/** Two digits that say something, however small the sum; never in powers of ten. */
function dollars(sum: number): string {
  if (sum === 0) return "$0";
  const digits = sum >= 1 ? 2 : Math.min(8, 1 - Math.floor(Math.log10(sum)));
  return `$${sum.toFixed(digits)}`;
}
