/**
 * Tells new events from those that an API sends again: some have no ids and replay their stream from
 * the beginning on every connection.
 *
 * Events are compared by position, not as a set, which would swallow two that are equal: the first
 * of a connection is looked for among those known, and each one after it is the replay of the next.
 * The first that is not is new, and so is everything after it until the next connection. A replay
 * may begin late, which is aligned at the longest match, and may leave events out.
 *
 * It keeps a key of every event: give it short ones.
 *
 * @example
 * ```ts
 * import { connectSSE, ReplayFold } from "./mod.ts";
 *
 * const fold = new ReplayFold();
 * let isNew = false;
 * const sent = ["a", "a,a,b", "a,a,b,done"]; // what each connection brings
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
 *   // Called once for each event, right before the loop gets it.
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
  /** Next positions to match; `null` before a connection's first event, empty once it is live. */
  private cursors: readonly number[] | null = [];

  /** How many events are known. */
  get size(): number {
    return this.keys.length;
  }

  /** Takes in an event known from elsewhere, such as a log that goes on; in order. */
  recorded(key: string): void {
    this.keys.push(key);
  }

  /** A connection opened: a replay may follow. */
  connected(): void {
    this.cursors = null;
  }

  /** Whether the event is new. A new one is known from here on. */
  isNew(key: string): boolean {
    this.cursors = this.advance(key);
    const isNew = this.cursors.length === 0;
    if (isNew) this.keys.push(key);
    return isNew;
  }

  /** The cursors after the event; none where it is new. */
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
    // Nothing is left to replay on some candidate: this event is the first new one.
    if (cursors.includes(keys.length)) return [];
    // The API may leave out what it once sent: look further on.
    const later = keys.indexOf(key, cursors[0]);
    return later === -1 ? [] : [later + 1];
  }
}
