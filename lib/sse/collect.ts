import type { EventSourceLike } from "./json.ts";
import { findNumber, findText, type Provider } from "./providers/provider.ts";
import { steps, type StreamTokensOptions } from "./tokens.ts";

/** US dollars for a million tokens. */
export interface Price {
  input: number;
  output: number;
}

/** Tokens of a request and its answer. */
export interface Usage {
  inputTokens?: number;
  outputTokens: number;
  /** True while `outputTokens` is four characters a token and not the provider's own count. */
  estimated: boolean;
}

/** An answer, whole or as far as it has come. */
export interface Collected {
  text: string;
  provider?: string;
  model?: string;
  finish?: string;
  usage: Usage;
  /** From the call to the first text, ms. */
  firstTokenMs?: number;
  /** From the call to the last payload, ms. */
  totalMs: number;
  /** Answer tokens per second since the first text. */
  tokensPerSecond?: number;
  /** US dollars, where a price is known; an estimate while `usage` is one. */
  cost?: number;
}

/** How an answer is collected. */
export interface CollectOptions extends StreamTokensOptions {
  /** Default: told from the first events. */
  provider?: Provider;
  /** What tokens cost: one price, or one by model. */
  price?: Price | ((model: string | undefined) => Price | undefined);
  /** Called at each payload with everything so far. */
  onUpdate?: (soFar: Collected) => void;
  /** Milliseconds. Default `performance.now`. */
  now?: () => number;
}

/**
 * Reads an answer to its end: text, model, usage, speed and cost, and each of them on the way.
 *
 * @throws as {@link streamTokens} does; the error's `text` is what was received.
 *
 * @example
 * ```ts
 * import { collect } from "./mod.ts";
 *
 * const body = new Response(
 *   'data: {"object":"chat.completion.chunk","model":"m","choices":[{"delta":{"content":"Hi"}}]}\n\n' +
 *     'data: {"object":"chat.completion.chunk","model":"m","choices":[],' +
 *     '"usage":{"prompt_tokens":9,"completion_tokens":1}}\n\ndata: [DONE]\n\n',
 * );
 * const { text, usage, cost } = await collect(body, { price: { input: 1, output: 4 } });
 * // "Hi", { inputTokens: 9, outputTokens: 1, estimated: false }, 0.000013
 * ```
 */
export async function collect(
  source: EventSourceLike,
  { provider, price, onUpdate, now = () => performance.now(), ...options }: CollectOptions = {},
): Promise<Collected> {
  const started = now();
  let answer: Collected = { text: "", usage: { outputTokens: 0, estimated: true }, totalMs: 0 };
  for await (const step of steps(source, provider, options)) {
    answer = add(answer, step.text, now() - started);
    if (step.provider) answer = read(answer, step.provider, step.payload);
    answer = count(answer, price);
    onUpdate?.(answer);
  }
  return count({ ...answer, totalMs: now() - started }, price);
}

function add(answer: Collected, text: string, ms: number): Collected {
  const firstTokenMs = answer.firstTokenMs ?? (text ? ms : undefined);
  return {
    ...answer,
    text: answer.text + text,
    totalMs: ms,
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
  };
}

function read(answer: Collected, provider: Provider, payload: unknown): Collected {
  const model = findText(provider.model, payload) ?? answer.model;
  const finish = findText(provider.finish, payload) ?? answer.finish;
  const inputTokens = findNumber(provider.inputTokens, payload) ?? answer.usage.inputTokens;
  const outputTokens = findNumber(provider.outputTokens, payload);
  return {
    ...answer,
    provider: provider.name,
    ...(model === undefined ? {} : { model }),
    ...(finish === undefined ? {} : { finish }),
    usage: {
      ...(inputTokens === undefined ? {} : { inputTokens }),
      outputTokens: outputTokens ?? answer.usage.outputTokens,
      estimated: answer.usage.estimated && outputTokens === undefined,
    },
  };
}

function count(answer: Collected, price: CollectOptions["price"]): Collected {
  const { text, firstTokenMs, totalMs, model } = answer;
  const usage = answer.usage.estimated
    ? { ...answer.usage, outputTokens: Math.ceil(text.length / 4) }
    : answer.usage;
  const streamingMs = firstTokenMs === undefined ? 0 : totalMs - firstTokenMs;
  const each = typeof price === "function" ? price(model) : price;
  return {
    ...answer,
    usage,
    ...(streamingMs > 0 ? { tokensPerSecond: usage.outputTokens / (streamingMs / 1000) } : {}),
    ...(each
      ? { cost: ((usage.inputTokens ?? 0) * each.input + usage.outputTokens * each.output) / 1e6 }
      : {}),
  };
}
