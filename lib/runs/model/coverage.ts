/**
 * How far a run's trace is known to be whole.
 *
 * The API replays every message of an active run on each connect, and of a run that is over nothing but
 * its last state. A stretch that was not recorded is repaired by a replay that arrives whole, and lost
 * where the run ends before one did. The API does not mark where a replay ends, so a connection counts
 * as live only once it said something that a replay does not contain.
 */
import { kindOf } from "./event.ts";

/**
 * A replay is sent in one go. Bytes that arrive after the connection was silent for this long (ms) are
 * live events.
 */
const REPLAY_PAUSE_MS = 2_000;

/** What one event of a connection says of the connection. */
export interface Heard {
  readonly type: string;
  /** The log does not have it yet. */
  readonly isNew: boolean;
  /** A state after which nothing comes. */
  readonly isTerminal: boolean;
}

/** How far a connection has come. */
type Progress =
  /** There is no connection, or it has said nothing yet. */
  | "none"
  | "opened"
  /** The run is active. Its messages that the log has are still to be repeated. */
  | "active"
  /** A replay is under way. */
  | "replaying"
  /** The replay is over: nothing before the latest event is missing. */
  | "live";

/** Follows the connections to one run's stream. */
export class Coverage {
  readonly #now: () => number;
  /** Unix ms; `null` where nothing was to be recorded so far. */
  #untilMs: number | null;
  #lastHeardMs: number | null = null;
  /** The log has messages, which a replay repeats. */
  #hasMessages: boolean;
  /** This connection has sent figures. A replay contains the latest ones only. */
  #hasStats = false;
  #connection: Progress = "none";

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

  /**
   * Until when the trace is known to be whole (Unix ms); `null` where it never was to be recorded. A
   * silent connection says nothing of now: it may be dead.
   */
  get untilMs(): number | null {
    return this.#connection === "live" ? this.#lastHeardMs : this.#untilMs;
  }

  /** A connection opened. */
  opened(): void {
    this.#connection = "opened";
    this.#hasStats = false;
    this.#lastHeardMs = this.#now();
  }

  /** The connection ended. What the API sent after the latest bytes may not have arrived. */
  ended(): void {
    this.#untilMs = this.untilMs;
    this.#connection = "none";
  }

  /** Bytes arrived after a wait of so long (ms). */
  waited(ms: number): void {
    this.#lastHeardMs = this.#now();
    // Before its first message a replay may be late: the API has to gather it.
    if (ms >= REPLAY_PAUSE_MS && this.#connection === "replaying" && this.#hasMessages) {
      this.#connection = "live";
    }
  }

  /**
   * The connection said something. Returns since when the trace is not whole where that can no longer
   * be repaired (Unix ms), else `null`.
   */
  heard({ type, isNew, isTerminal }: Heard): number | null {
    this.#lastHeardMs = this.#now();
    const kind = kindOf(type);
    const isMessage = kind !== "state" && kind !== "stats" && kind !== "error";
    const isFirst = this.#connection === "opened";
    if (isFirst) {
      if (isTerminal) return this.#untilMs;
      if (kind === "state" || isMessage) this.#connection = "active";
    }
    let sinceMs: number | null = null;
    if (this.#connection === "active") {
      if (!this.#hasMessages) this.#connection = "replaying";
      else if (isMessage || isTerminal) {
        // A replay that has nothing of the log may also lack what came after the log's end.
        if (isNew) {
          sinceMs = this.#untilMs;
          if (sinceMs !== null) this.#untilMs = this.#lastHeardMs;
        }
        this.#connection = "replaying";
      }
    }
    if (this.#connection === "replaying") {
      // A replay contains one state, which comes first, and one event of figures.
      const isLive = kind === "state" ? !isFirst : kind === "stats" && this.#hasStats;
      if (isLive) this.#connection = "live";
    }
    if (kind === "stats") this.#hasStats = true;
    if (isMessage) this.#hasMessages = true;
    return sinceMs;
  }
}
