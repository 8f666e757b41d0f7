/** One dispatched event. */
export interface SSEEvent {
  /**
   * The last event id when the event was dispatched. As in the standard, it persists from event to
   * event. It is `""` until the stream sets one.
   */
  id: string;
  /** The type. `"message"` if the stream sets none. */
  event: string;
  /** The `data` lines, joined by LF. */
  data: string;
  /** Milliseconds. Only if the event's own block had a valid `retry` field. At most 1e20. */
  retry?: number;
}

/** Callbacks and limits of a parser. */
export interface SSEParserOptions {
  /** Called for each event, in order, before `push` returns. */
  onEvent?: ((event: SSEEvent) => void) | undefined;
  /** Called for each comment line, without its leading space. Heartbeats are comments. */
  onComment?: ((comment: string) => void) | undefined;
  /** Called for each valid `retry` line (ms), before the event ends. */
  onRetry?: ((ms: number) => void) | undefined;
  /** Called for each line the standard says to ignore: unknown field, bad `retry`, `id` with NUL. */
  onIgnored?: ((line: string) => void) | undefined;
  /** The largest `data` of one event, in bytes of UTF-8. Default 64 MiB. */
  maxEventBytes?: number | undefined;
  /** The longest line, in bytes of UTF-8 without its end. Default `maxEventBytes` + 8. */
  maxLineBytes?: number | undefined;
  /** The last event id before the stream begins: the id that a reconnection sent. */
  lastEventId?: string | undefined;
}

/** An event, or a callback to call between the events around it. */
export type Found = SSEEvent | (() => void);

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
