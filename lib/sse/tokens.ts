import { providerOf } from "./detect.ts";
import { SSEError } from "./error.ts";
import { failureIn } from "./failure.ts";
import { type EventSourceLike, payloads, type StreamJSONOptions } from "./json.ts";
import { type Leavable, leavable } from "./leave.ts";
import { find, findText, type Provider } from "./providers/provider.ts";
import { messageIn } from "./said.ts";

/** How a stream of text is read. */
export interface StreamTokensOptions extends Omit<StreamJSONOptions, "as"> {
  /** Whose stream it is. Default: told from the first events. */
  provider?: Provider | undefined;
}

/** One step of an answer: the text it adds, if any, and what it came in. */
export interface Step {
  text: string;
  payload: unknown;
  provider: Provider | undefined;
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
  provider?: Provider | StreamTokensOptions,
  options: StreamTokensOptions = {},
): Leavable<string> {
  const all = merged(provider, options);
  return leavable(all.signal, async function* (signal) {
    for await (const { text } of steps(source, { ...all, signal })) if (text) yield text;
  });
}

/** Options, with the provider in them or before them. */
export function merged<T extends StreamTokensOptions>(
  provider: Provider | T | undefined,
  options: T,
): T {
  return provider && "signs" in provider ? { ...options, provider } : { ...options, ...provider };
}

/** Every payload of an answer with the text it adds: what {@link streamTokens} and collect read. */
export async function* steps(
  source: EventSourceLike,
  { provider, onIgnored, flush = true, ...options }: StreamTokensOptions,
): AsyncGenerator<Step, undefined> {
  let soFar = "";
  let isWhole = false;
  let isEmpty = true;
  let unknown: unknown;
  let stray = "";
  const check = (payload: unknown, type: string) => {
    const failure = failureIn(payload, type, soFar, provider ?? soFar);
    if (failure) throw failure;
  };
  const done = () => isWhole = true;
  try {
    const items = payloads(source, {
      ...options,
      flush,
      onIgnored(line) {
        onIgnored?.(line);
        // Some servers send an error as JSON without `data:`, or in a field `error`.
        if (stray.length < MOST_STRAY) stray += line + "\n";
        const error = /^error:\s*(.*)/.exec(line)?.[1];
        if (error) check(parsed(error) ?? error, "error");
        else check(parsed(line), "");
      },
    }, done);
    for await (const { payload, event } of items) {
      isEmpty = false;
      check(payload, event.event);
      provider ??= providerOf(payload);
      if (!provider && isObject(payload)) unknown ??= payload;
      const text = provider
        ? findText(provider.text, payload) || findText(provider.refusal, payload)
        : plain(payload, event.data);
      soFar += text;
      if (
        provider && (findText(provider.finish, payload) || find(provider.end ?? [], payload)[0])
      ) {
        done();
      }
      yield { text, payload, provider };
    }
    if (!provider && unknown && !soFar) {
      const said = messageIn(unknown);
      throw new SSEError("provider", "no known provider" + (said ? ": " + said : ""), {
        code: "unknown",
        retryable: false,
      });
    }
    if (!isWhole && (provider || isEmpty)) {
      check(parsed(stray), "");
      const said = isEmpty && (messageIn(parsed(stray)) ?? stray.trim().slice(0, 400));
      throw said
        ? new SSEError("content-type", "not an event stream: " + said)
        : new SSEError("incomplete", "the stream ended before the answer", { retryable: true });
    }
  } catch (error) {
    if (error instanceof SSEError) error.text = soFar;
    throw error;
  }
}

/** Characters of lines without effect that are kept, in case there is nothing else. */
const MOST_STRAY = 16_384;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** No API sends lists or `null`: "[1]" and "null" are pieces of a text, as 42 is. */
const isObject = (payload: unknown) =>
  typeof payload === "object" && payload !== null && !Array.isArray(payload);

const plain = (payload: unknown, data: string) => isObject(payload) ? "" : data;
