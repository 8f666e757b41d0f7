/**
 * How far a run's trace is known to be whole.
 *
 * The API replays every message of an active run on each connect, and of a run that is over nothing but
 * its last state. So what a run did while nobody listened is had as long as it is active at the next
 * connection, and lost otherwise.
 */
import { kindOf } from "./event.ts";

/** What one event of a connection says of the connection. */
export interface Heard {
  readonly type: string;
  /** The log does not have it yet. */
  readonly isNew: boolean;
  /** A state after which nothing comes. */
  readonly isTerminal: boolean;
}

/** Follows the connections to one run's stream. */
export class Coverage {
  readonly #now: () => number;
  /** Unix ms; `null` where nobody was to record so far. */
  #untilMs: number | null;
  #lastHeardMs: number | null = null;
  /** The log has messages, which a replay repeats. */
  #hasMessages: boolean;
  /** What this connection is known to be: `whole` once nothing can be missing before what it says. */
  #connection: "none" | "new" | "active" | "whole" = "none";

  constructor(
    { untilMs, hasMessages, now }: {
      readonly untilMs: number | null;
      readonly hasMessages: boolean;
      readonly now: () => number;
    },
  ) {
    this.#untilMs = untilMs;
    this.#hasMessages = hasMessages;
    this.#now = now;
  }

  /** Until when the trace is known to be whole (Unix ms); `null` where it never was to be recorded. */
  get untilMs(): number | null {
    return this.#connection === "whole" ? this.#now() : this.#untilMs;
  }

  /** A connection opened. */
  opened(): void {
    this.ended(false);
    this.#connection = "new";
    this.#lastHeardMs = this.#now();
  }

  /** The connection ended; `silent`: for nothing was heard of it for too long. */
  ended(silent: boolean): void {
    if (this.#connection === "whole") this.#untilMs = silent ? this.#lastHeardMs : this.#now();
    this.#connection = "none";
  }

  /**
   * The connection said something. Returns since when the trace is not whole where that can no longer
   * be repaired (Unix ms), else `null`.
   */
  heard({ type, isNew, isTerminal }: Heard): number | null {
    this.#lastHeardMs = this.#now();
    const kind = kindOf(type);
    const isMessage = kind !== "state" && kind !== "stats" && kind !== "error";
    if (this.#connection === "new") {
      if (isTerminal) return this.#untilMs;
      if (kind === "state" || isMessage) this.#connection = "active";
    }
    let sinceMs: number | null = null;
    if (this.#connection === "active") {
      if (!this.#hasMessages) this.#connection = "whole";
      else if (isMessage || isTerminal) {
        // A replay that has nothing of the log may also lack what came after the log's end.
        if (isNew) sinceMs = this.#untilMs;
        this.#connection = "whole";
      }
    }
    if (isMessage) this.#hasMessages = true;
    return sinceMs;
  }
}
