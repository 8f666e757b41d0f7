/** One dispatched event. */
export interface SSEEvent {
  /**
   * The last event id in force when the event was dispatched. It persists from event to event, as in
   * the standard, and is `""` until the stream names one.
   */
  id: string;
  /** The type; `"message"` where the stream names none. */
  event: string;
  /** The `data` lines, joined by LF. */
  data: string;
  /** Milliseconds; only where this event's own block had a valid `retry` field. */
  retry?: number;
}

/** What a parser does with what it finds, and how much it is willing to hold. */
export interface SSEParserOptions {
  /** Called at each dispatch, in order, before `push` returns. */
  onEvent?: ((event: SSEEvent) => void) | undefined;
  /** Called for each comment line with its text, one leading space removed. Heartbeats come here. */
  onComment?: ((comment: string) => void) | undefined;
  /** Called for each valid `retry` line, in milliseconds, without waiting for the event's end. */
  onRetry?: ((ms: number) => void) | undefined;
  /** Called for each line the standard says to ignore: unknown field, bad `retry`, `id` with NUL. */
  onIgnored?: ((line: string) => void) | undefined;
  /** The largest `data` of one event, in bytes of UTF-8. Default 64 MiB. */
  maxEventBytes?: number | undefined;
  /** The longest line, in bytes of UTF-8 without its end. Default `maxEventBytes` + 8. */
  maxLineBytes?: number | undefined;
  /** The last event id in force before the stream begins: the one a reconnection asked from. */
  lastEventId?: string | undefined;
}

/** An event, or a callback whose turn is between the events around it. */
export type Found = SSEEvent | (() => void);
