import type { SSEEvent } from "./event.ts";
import { providers as known } from "./providers/mod.ts";
import { find, type Provider } from "./providers/provider.ts";

/** Returns the provider of a payload, if it is recognised. */
export function providerOf(
  payload: unknown,
  providers: readonly Provider[],
): Provider | undefined {
  return providers.find(({ signs }) => find(signs, payload).length > 0);
}

/**
 * Recognises the provider of a stream by its first events. Returns `undefined` if they match none.
 *
 * @example
 * ```ts
 * import { detectProvider } from "./mod.ts";
 *
 * detectProvider([
 *   { id: "", event: "message", data: '{"object":"chat.completion.chunk","choices":[]}' },
 * ])?.name; // "openai"
 * ```
 */
export function detectProvider(
  events: Iterable<SSEEvent>,
  providers: readonly Provider[] = known,
): Provider | undefined {
  for (const { data } of events) {
    const found = providerOf(parsed(data), providers);
    if (found) return found;
  }
  return undefined;
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
