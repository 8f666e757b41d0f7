import { providerOf } from "./detect.ts";
import { SSEError } from "./error.ts";
import { failureIn } from "./failure.ts";
import {
  events,
  type EventsOptions,
  type EventSourceLike,
  payloads,
  type StreamJSONOptions,
} from "./json.ts";
import type { SSEEvent } from "./event.ts";
import { type Leavable, leavable } from "./leave.ts";
import { find, findText, type Provider } from "./providers/provider.ts";
import { messageIn } from "./server_message.ts";

/** How a stream of text is read. */
export interface StreamTokensOptions extends Omit<StreamJSONOptions, "as"> {
  /** The provider of the stream, or the candidates, detected from the first events. */
  provider?: Provider | readonly Provider[] | undefined;
}

/** A payload of an answer, and the text that it adds. */
export interface Step {
  text: string;
  payload: unknown;
  provider: Provider | undefined;
}

/**
 * Yields the text of a provider's answer as it arrives. If you pass several providers, the right one is
 * detected from the first events. A stream of plain text is passed on unchanged.
 *
 * @throws the same errors as `streamTokens` of the main entry.
 *
 * @example
 * ```ts
 * import { streamTokens } from "./entries/tokens.ts";
 * import { anthropic, openai } from "./providers/mod.ts";
 *
 * const body = new Response('data: {"choices":[{"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n');
 * let text = "";
 * for await (const token of streamTokens(body, [anthropic, openai])) text += token; // "Hi"
 * ```
 */
export function streamTokens(
  source: EventSourceLike,
  provider?: Provider | readonly Provider[] | StreamTokensOptions,
  options: StreamTokensOptions = {},
): Leavable<string> {
  const all = merged(provider, options);
  return leavable(all.signal, async function* (signal) {
    const items = steps((how) => events(source, how), { ...all, signal });
    for await (const { text } of items) if (text) yield text;
  });
}

/** Merges the two ways to pass a provider: as an argument or as an option. */
export function merged<T extends StreamTokensOptions>(
  provider: Provider | readonly Provider[] | T | undefined,
  options: T,
): T {
  const first = provider ?? options;
  const isProvider = typeof first !== "object" || Array.isArray(first) || "signs" in first;
  const all = isProvider ? { ...options, provider: first } : { ...options, ...first };
  if (typeof (all.provider ?? {}) !== "object") {
    throw new TypeError("a provider is an object, not a name");
  }
  return all;
}

/** Yields every payload of an answer with the text that it adds. */
export async function* steps(
  eventsBy: (options: EventsOptions) => AsyncIterable<SSEEvent>,
  { provider: known = [], onIgnored, flush = true, ...options }: StreamTokensOptions,
): AsyncGenerator<Step, undefined> {
  let provider = "signs" in known ? known : undefined;
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
  const cut = () =>
    new SSEError("incomplete", "the stream ended before the answer", { retryable: true });
  let isOver = false;
  try {
    const found = eventsBy({
      ...options,
      flush,
      onEnd: () => isOver = true,
      onIgnored(line) {
        onIgnored?.(line);
        // Some servers send an error as JSON without `data:`, or in a field `error`.
        if (stray.length < MAX_STRAY) stray += line + "\n";
        const error = /^error:\s*(.*)/.exec(line)?.[1];
        if (error) check(parsed(error) ?? error, "error");
        else check(parsed(line), "");
      },
    });
    for await (const { payload, event } of payloads(found, "auto", done)) {
      isEmpty = false;
      check(payload, event.event);
      provider ??= providerOf(payload, [known].flat());
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
      const message = messageIn(unknown);
      throw new SSEError("provider", "no known provider" + (message ? ": " + message : ""), {
        code: "unknown",
        retryable: false,
      });
    }
    if (!isWhole && (provider || isEmpty)) {
      check(parsed(stray), "");
      const message = isEmpty && (messageIn(parsed(stray)) ?? stray.trim().slice(0, 400));
      throw message ? new SSEError("content-type", "not an event stream: " + message) : cut();
    }
  } catch (thrown) {
    // The event that `flush` dispatches at the end may hold half a payload.
    const error = isOver && thrown instanceof SSEError && thrown.kind === "json" ? cut() : thrown;
    if (error instanceof SSEError) error.text = soFar;
    throw error;
  }
}

/** The most ignored text that is kept (characters): if there is no event, it may say why. */
const MAX_STRAY = 16_384;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Only objects are payloads of an API. "[1]", "null" and "42" are pieces of a plain text. */
const isObject = (payload: unknown) =>
  typeof payload === "object" && payload !== null && !Array.isArray(payload);

const plain = (payload: unknown, data: string) => isObject(payload) ? "" : data;
