import type { Found, SSEParserOptions } from "./event.ts";

/** Parser options that put events and the caller's callbacks into one queue, in order. */
export function queued(
  options: SSEParserOptions,
  push: (found: Found) => void,
): SSEParserOptions {
  const all: SSEParserOptions = { ...options, onEvent: push };
  for (const name of ["onComment", "onRetry", "onIgnored"] as const) {
    const call: ((value: never) => void) | undefined = options[name];
    if (call) all[name] = (value: unknown) => push(() => call(value as never));
  }
  return all;
}
