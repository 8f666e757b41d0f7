import type { SSEEvent } from "./event.ts";
import { events, type EventsOptions, type EventSourceLike } from "./json.ts";
import { findNumbers, findText, type Provider } from "./providers/provider.ts";
import { merged, steps, type StreamTokensOptions } from "./tokens.ts";
import { type ToolCall, toolCalls } from "./tool_calls.ts";

/** US dollars for a million tokens. */
export interface Price {
  /** Tokens of the request. */
  input: number;
  /** Tokens of the answer. */
  output: number;
}

/** Tokens of a request and its answer. */
export interface Usage {
  /** Tokens of the request, if the API reports them. */
  inputTokens?: number;
  /** Tokens of the answer, including its reasoning. */
  outputTokens: number;
  /** Whether `outputTokens` is an estimate of four characters per token, not the provider's count. */
  estimated: boolean;
}

/** An answer, complete or partial. */
export interface Collected {
  /** The answer, or a refusal. */
  text: string;
  /** The model's refusal text, if any. */
  refusal?: string;
  /** The model's reasoning, if the API reports it. */
  reasoning?: string;
  /** Tool calls in the order in which they began. Their arguments grow as they arrive. */
  toolCalls?: readonly ToolCall[];
  /** The name of the provider, once it is known. */
  provider?: string;
  /** The model, if the API names it. */
  model?: string;
  /** Why the answer ended, in the API's own word. */
  finish?: string;
  /** Tokens so far. */
  usage: Usage;
  /** From the start to the first text, ms. */
  firstTokenMs?: number;
  /** From the start to the last payload, ms. */
  totalMs: number;
  /** Answer tokens per second since the first text. */
  tokensPerSecond?: number;
  /** US dollars, if a price is known. An estimate while `usage` is one. */
  cost?: number;
}

/** How an answer is collected. */
export interface CollectOptions extends StreamTokensOptions {
  /** What tokens cost: one price, or one by model. */
  price?: Price | ((model: string | undefined) => Price | undefined) | undefined;
  /** Called at each payload with everything so far. */
  onUpdate?: ((soFar: Collected) => void) | undefined;
  /** Milliseconds. Default `performance.now`. */
  now?: (() => number) | undefined;
  /** When the request was made, in the time of `now`. Default: the call. */
  started?: number | undefined;
}

/**
 * Reads an answer of a provider to its end and returns its text, reasoning, tool calls, model, usage,
 * speed and cost. `onUpdate` gets them while they arrive. If you pass several providers, the right one is
 * detected from the first events.
 *
 * @throws as {@link streamTokens} does; the error's `text` is what was received.
 *
 * @example
 * ```ts
 * import { collect } from "./entries/tokens.ts";
 * import { openai } from "./providers/mod.ts";
 *
 * const body = new Response('data: {"choices":[{"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n');
 * const { text } = await collect(body, openai); // "Hi"
 * ```
 */
export function collect(
  source: EventSourceLike,
  provider?: Provider | readonly Provider[] | CollectOptions,
  options: CollectOptions = {},
): Promise<Collected> {
  return fold((how) => events(source, how), merged(provider, options));
}

/**
 * Does the same as {@link collect} for events that are already parsed, without loading the parser.
 *
 * @throws as {@link collect} does.
 *
 * @example
 * ```ts
 * import { collectEvents, parallel, parseSSE } from "./mod.ts";
 *
 * const body = new Response(
 *   'data: {"type":"chat.completion.chunk","choices":[{"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n',
 * );
 * const { text } = await collectEvents(parseSSE(body), parallel); // "Hi"
 * ```
 */
export function collectEvents(
  events: AsyncIterable<SSEEvent>,
  provider?: Provider | readonly Provider[] | CollectOptions,
  options: CollectOptions = {},
): Promise<Collected> {
  return fold(() => events, merged(provider, options));
}

async function fold(
  eventsBy: (options: EventsOptions) => AsyncIterable<SSEEvent>,
  { price, onUpdate, now = () => performance.now(), started = now(), ...rest }: CollectOptions,
): Promise<Collected> {
  let collected: Collected = { text: "", usage: { outputTokens: 0, estimated: true }, totalMs: 0 };
  // Keep tokens per field: an API counts cached tokens separately, and not in every event.
  let input: readonly number[] = [];
  let output: readonly number[] = [];
  let total: readonly number[] = [];
  const callsWith = toolCalls();
  for await (const { text, payload, provider } of steps(eventsBy, rest)) {
    // A copy: callers may keep what `onUpdate` gave them.
    collected = { ...collected, text: collected.text + text, totalMs: now() - started };
    if (text) collected.firstTokenMs ??= collected.totalMs;
    if (provider) {
      collected.provider = provider.name;
      for (const part of ["refusal", "reasoning"] as const) {
        const more = findText(provider[part], payload);
        if (more) collected[part] = (collected[part] ?? "") + more;
      }
      for (const word of ["model", "finish"] as const) {
        const found = findText(provider[word], payload);
        if (found) collected[word] = found;
      }
      input = findNumbers(provider.inputTokens, payload, input);
      output = findNumbers(provider.outputTokens, payload, output);
      total = findNumbers(provider.totalTokens ?? [], payload, total);
      const calls = callsWith(provider.toolCalls ?? [], payload);
      if (calls.length) collected.toolCalls = calls;
    }
    count(collected, input, output, total, price);
    onUpdate?.(collected);
  }
  collected = { ...collected, totalMs: now() - started };
  count(collected, input, output, total, price);
  return collected;
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);

/** Sets usage, speed and cost. */
function count(
  to: Collected,
  input: readonly number[],
  output: readonly number[],
  total: readonly number[],
  price: CollectOptions["price"],
): void {
  const { text, reasoning = "", firstTokenMs = NaN, totalMs, model } = to;
  const inputTokens = sum(input);
  const estimated = !output.length;
  const outputTokens = estimated
    ? Math.ceil((text.length + reasoning.length) / 4)
    // Some APIs count thoughts in the total alone.
    : Math.max(sum(output), input.length && sum(total) - inputTokens);
  to.usage = { ...(input.length && { inputTokens }), outputTokens, estimated };
  const streamingMs = totalMs - firstTokenMs;
  if (streamingMs > 0) to.tokensPerSecond = outputTokens / (streamingMs / 1000);
  const each = typeof price === "function" ? price(model) : price;
  if (each) to.cost = (inputTokens * each.input + outputTokens * each.output) / 1e6;
}
