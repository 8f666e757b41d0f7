import type { Collected } from "../../lib/sse/mod.ts";
import type { Cost } from "../apis/mod.ts";

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
