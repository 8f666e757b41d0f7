/**
 * Distinguishes new events from replayed ones. Some APIs have no event ids, and replay their stream from the
 * beginning on every connection.
 *
 * Events are compared by position. A set would drop the second of two equal events. The first event of
 * a connection is looked up among the known events, and each event after it must equal the next known
 * one. The first that does not is new, and so are all events after it until the next connection. A
 * replay may begin late, and is then aligned at the longest match. It may also leave events out.
 *
 * The fold keeps one key per event, so keys should be short.
 *
 * @example
 * ```ts
 * import { connectSSE, ReplayFold } from "./mod.ts";
 *
 * const fold = new ReplayFold();
 * let isNew = false;
 * const sent = ["a", "a,a,b", "a,a,b,done"]; // the events of each connection
 * const events = connectSSE("https://example.com/events", {
 *   repeat: true,
 *   reconnect: { initialMs: 1 },
 *   fetch: () =>
 *     Promise.resolve(
 *       new Response(sent.shift()!.split(",").map((text) => `data: ${text}\n\n`).join(""), {
 *         headers: { "content-type": "text/event-stream" },
 *       }),
 *     ),
 *   onState: ({ state }) => {
 *     if (state === "open") fold.connected();
 *   },
 *   // Called once per event, right before the loop gets it.
 *   isProgress: ({ data }) => isNew = fold.isNew(data),
 *   isTerminal: ({ data }) => data === "done",
 * });
 * const seen: string[] = [];
 * for await (const { data } of events) if (isNew) seen.push(data);
 * if (seen.join() !== "a,a,b,done") throw new Error(seen.join());
 * ```
 */
export class ReplayFold {
  private readonly keys: string[] = [];
  /** The next positions to match. `null` before a connection's first event, empty after the replay. */
  private cursors: readonly number[] | null = [];

  /** The number of known events. */
  get size(): number {
    return this.keys.length;
  }

  /** Adds an event that is known from elsewhere, such as a log. Call it in order. */
  recorded(key: string): void {
    this.keys.push(key);
  }

  /** Call when a connection has opened: a replay may follow. */
  connected(): void {
    this.cursors = null;
  }

  /** Returns whether an event is new, and adds it to the known events if it is. */
  isNew(key: string): boolean {
    this.cursors = this.advance(key);
    const isNew = this.cursors.length === 0;
    if (isNew) this.keys.push(key);
    return isNew;
  }

  /** Returns the positions after an event. None if the event is new. */
  private advance(key: string): readonly number[] {
    const { keys, cursors } = this;
    if (cursors?.length === 0) return cursors;
    const matched: number[] = [];
    if (cursors === null) {
      keys.forEach((known, at) => {
        if (known === key) matched.push(at + 1);
      });
      return matched;
    }
    for (const cursor of cursors) if (keys[cursor] === key) matched.push(cursor + 1);
    if (matched.length > 0) return matched;
    // The replay may be complete: this event is the first new one.
    if (cursors.includes(keys.length)) return [];
    // The API may leave out events that it sent before: look further ahead.
    const later = keys.indexOf(key, cursors[0]);
    return later === -1 ? [] : [later + 1];
  }
}
