/** `collect` and `streamTokens` that recognise every provider. Those of the entry `tokens` know none. */
import * as bare from "./collect.ts";
import type { EventSourceLike } from "./json.ts";
import type { Leavable } from "./leave.ts";
import { type Provider, providers } from "./providers/mod.ts";
import { merged, streamTokens as streamBare, type StreamTokensOptions } from "./tokens.ts";

/** A provider, several to choose from by the first events, or the options. */
type Whose<Options> = Provider | readonly Provider[] | Options;

function withAll<Options extends StreamTokensOptions>(
  provider: Whose<Options> | undefined,
  options: Options,
): Options {
  const all = merged(provider, options);
  return { ...all, provider: all.provider ?? providers };
}

/**
 * Yields the text of an answer as it arrives, from any API. A refusal counts as text. Without a provider,
 * the provider is detected from the first events. A stream of plain text is passed on unchanged.
 *
 * @throws SSEError, always with the text received before it (`text`): of kind `provider` if the API
 * reports an error in the stream (`code`, its message, `retryable`), `incomplete` if the stream ends
 * before the answer does, `http` or `content-type` for a response that is not an event stream, `json`,
 * `limit` or `network`. Throws the signal's reason.
 *
 * @example
 * ```ts
 * import { openai, streamTokens } from "./mod.ts";
 *
 * const body = new Response(
 *   'data: {"choices":[{"delta":{"content":"Hel"}}]}\n\n' +
 *     'data: {"choices":[{"delta":{"content":"lo"}}]}\n\ndata: [DONE]\n\n',
 * );
 * let text = "";
 * for await (const token of streamTokens(body, openai)) text += token; // "Hello"
 * ```
 */
export function streamTokens(
  source: EventSourceLike,
  provider?: Provider | readonly Provider[] | StreamTokensOptions,
  options: StreamTokensOptions = {},
): Leavable<string> {
  return streamBare(source, withAll(provider, options));
}

/**
 * Reads an answer to its end and returns its text, reasoning, tool calls, model, usage, speed and cost.
 * `onUpdate` gets them while they arrive. The provider can also be an option. Without one, it is detected
 * from the first events.
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
export function collect(
  source: EventSourceLike,
  provider?: Provider | readonly Provider[] | bare.CollectOptions,
  options: bare.CollectOptions = {},
): Promise<bare.Collected> {
  return bare.collect(source, withAll(provider, options));
}
