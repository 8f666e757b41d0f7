/** `collect` and `streamTokens` that know every provider; the entry `tokens` has those that know none. */
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
 * The text of an answer, piece by piece, whatever API sends it; a refusal is text too. Without a
 * provider it is told from the first events; a stream of plain text is passed on as it is.
 *
 * @throws SSEError, always with `text`, all that was received before: of kind `provider` where the
 * API reports an error in the stream (`code`, its message, `retryable`), `incomplete` where the
 * stream ends before the answer does, `http` or `content-type` for a response that is no event
 * stream, `json`, `limit`, `network`; the signal's reason.
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
 * Reads an answer to its end: text, thoughts, tool calls, model, usage, speed and cost, and each of
 * them on the way. The provider may also be given as an option; without one it is told from the first
 * events.
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
