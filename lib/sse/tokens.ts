import { providerOf } from "./detect.ts";
import { SSEError } from "./error.ts";
import { failureIn } from "./failure.ts";
import { type EventSourceLike, payloads, type StreamJSONOptions } from "./json.ts";
import { findText, type Provider } from "./providers/provider.ts";

/** How a stream of text is read. */
export type StreamTokensOptions = Omit<StreamJSONOptions, "as">;

/** One step of an answer: the text it adds, if any, and what it came in. */
export interface Step {
  text: string;
  payload: unknown;
  provider: Provider | undefined;
}

/**
 * The text of an answer, piece by piece, whatever API sends it. Without a provider it is told from
 * the first events; a stream of plain text is passed on as it is.
 *
 * @throws SSEError of kind `provider` where the API reports an error in the stream: `code`, its
 * message, `retryable`, and `text`, all that was received before.
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
export async function* streamTokens(
  source: EventSourceLike,
  provider?: Provider,
  options: StreamTokensOptions = {},
): AsyncGenerator<string, undefined> {
  for await (const { text } of steps(source, provider, options)) if (text) yield text;
}

/** Every payload of an answer with the text it adds: what {@link streamTokens} and collect read. */
export async function* steps(
  source: EventSourceLike,
  provider: Provider | undefined,
  options: StreamTokensOptions,
): AsyncGenerator<Step, undefined> {
  let soFar = "";
  let unknown = 0;
  try {
    for await (const item of payloads(source, options)) {
      const failure = failureIn(item, soFar);
      if (failure) throw failure;
      const { payload } = item;
      provider ??= providerOf(payload);
      if (!provider && isObject(payload)) unknown++;
      const text = provider
        ? findText(provider.text, payload) ?? ""
        : plain(payload, item.event.data);
      soFar += text;
      yield { text, payload, provider };
    }
  } catch (error) {
    // A payload cut off in the middle: the text before it is worth keeping too.
    if (error instanceof SSEError && error.kind === "json") error.text = soFar;
    throw error;
  }
  if (!provider && unknown && !soFar) {
    throw new SSEError("provider", "no known provider", {
      code: "unknown",
      retryable: false,
      text: "",
    });
  }
}

/** No API sends lists or `null`: "[1]" and "null" are pieces of a text, as 42 is. */
const isObject = (payload: unknown) =>
  typeof payload === "object" && payload !== null && !Array.isArray(payload);

const plain = (payload: unknown, data: string) => isObject(payload) ? "" : data;
