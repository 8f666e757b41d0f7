import type { Collected } from "../sse/mod.ts";
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
  const { usage, firstTokenMs, tokensPerSecond } = answer;
  const about = usage.estimated ? "~" : "";
  const parts = [
    `${count(usage.inputTokens)} in, ${about}${count(usage.outputTokens)} out`,
    `first token ${firstTokenMs === undefined ? "–" : seconds(firstTokenMs)}`,
    `${tokensPerSecond === undefined ? "–" : about + rate(tokensPerSecond)} tokens/s`,
    `cost ${money({ answer, conversation, cost })}${
      free && cost ? " at list price, not billed" : ""
    }`,
  ];
  return [answer.model, ...parts].filter((part) => part !== undefined).join(" · ");
}

function money({ answer, conversation, cost }: Figures): string {
  if (!cost) return "–";
  if ("request" in cost) return dollars(cost.request);
  const { inputTokens, outputTokens, estimated } = answer.usage;
  const guessed = inputTokens === undefined;
  const input = inputTokens ?? Math.ceil(size(conversation) / CHARACTERS_A_TOKEN);
  const sum = (input * cost.tokens.input + outputTokens * cost.tokens.output) / 1e6;
  return (guessed || estimated ? "~" : "") + dollars(sum);
}

function size({ system = "", turns }: Conversation): number {
  return turns.reduce((sum, { text }) => sum + text.length, system.length);
}

const count = (tokens: number | undefined) =>
  tokens === undefined ? "–" : tokens.toLocaleString("en-US");

const seconds = (ms: number) => ms < 995 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

const rate = (perSecond: number) => perSecond < 10 ? perSecond.toFixed(1) : perSecond.toFixed(0);

/** Two digits that say something, however small the sum; never in powers of ten. */
function dollars(sum: number): string {
  if (sum === 0) return "$0";
  const digits = sum >= 1 ? 2 : Math.min(8, 1 - Math.floor(Math.log10(sum)));
  return `$${sum.toFixed(digits)}`;
}
