/**
 * Counts tokens, speed and cost while an answer arrives. Until the API sends its own count, tokens are
 * estimated at four characters each.
 *
 *     deno run --allow-net examples/tokens_and_cost.ts https://example.com/answer
 */
import { collect, type Collected, type EventSourceLike, type Price } from "../lib/sse/mod.ts";

/** US dollars for a million tokens, by model. */
const PRICES: Readonly<Record<string, Price>> = {
  "gpt-5.6-luna": { input: 0.2, output: 1.2 },
  "claude-sonnet-5-5": { input: 2, output: 10 },
};

const priceOf = (model = "") => Object.hasOwn(PRICES, model) ? PRICES[model] : undefined;

/** One line about an answer so far; `~` marks an estimate. */
export function meter({ usage, tokensPerSecond, cost }: Collected): string {
  const about = usage.estimated ? "~" : "";
  return [
    `${about}${usage.outputTokens} tokens`,
    ...(tokensPerSecond === undefined ? [] : [`${about}${tokensPerSecond.toFixed(0)} tokens/s`]),
    ...(cost === undefined ? [] : [`${about}$${cost.toFixed(6)}`]),
  ].join(", ");
}

/** Calls back with each new line of the meter, and returns the last one. */
export async function measure(
  stream: EventSourceLike,
  onLine: (line: string) => void,
  now?: () => number,
): Promise<string> {
  const answer = await collect(stream, {
    price: priceOf,
    onUpdate: (soFar) => onLine(meter(soFar)),
    ...(now && { now }),
  });
  return meter(answer);
}

if (import.meta.main) {
  const write = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(text));
  write(await measure(await fetch(Deno.args[0]!), (line) => write(`${line}\r`)) + "\n");
}
