/**
 * Tracks up to when a run's trace is known to be complete.
 *
 * On each connect the API replays every message of an active run, but only the last state of an ended
 * one. A complete replay repairs a stretch that was not recorded. The stretch is lost if the run ends
 * before that. The API does not mark where a replay ends, so a connection counts as live only once it
 * sends something that a replay does not contain.
 */
import { kindOf } from "./kinds.ts";

/** A replay is sent in one go. Bytes that arrive after this much silence (ms) are live events. */
const REPLAY_PAUSE_MS = 2_000;

/** The evidence that one event gives about its connection. */
export interface Heard {
  readonly type: string;
  /** The log does not have the event yet. */
  readonly isNew: boolean;
  /** A final state: no event follows. */
  readonly isTerminal: boolean;
}

/** How far a connection has come. */
type Progress =
  /** Not connected, or nothing received yet. */
  | "none"
  | "opened"
  /** The run is active. The replay of its recorded messages is still to come. */
  | "active"
  /** A replay is in progress. */
  | "replaying"
  /** The replay is over: nothing before the latest event is missing. */
  | "live";

/** Tracks the connections to one run's stream. */
export class Coverage {
  readonly #now: () => number;
  /** Unix ms; `null` if nothing was to be recorded so far. */
  #untilMs: number | null;
  #lastHeardMs: number | null = null;
  /** The log has messages, which a replay repeats. */
  #hasMessages: boolean;
  /** This connection has sent stats. A replay contains only the latest ones. */
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
   * The time up to which the trace is known to be complete (Unix ms), or `null` if nothing was to be
   * recorded. A silent connection does not count up to now: it may be dead.
   */
  get untilMs(): number | null {
    return this.#connection === "live" ? this.#lastHeardMs : this.#untilMs;
  }

  /** Call when a connection opens. */
  opened(): void {
    this.#connection = "opened";
    this.#hasStats = false;
    this.#lastHeardMs = this.#now();
  }

  /** Call when the connection ends. Data that the API sent after the last bytes may be lost. */
  ended(): void {
    this.#untilMs = this.untilMs;
    this.#connection = "none";
  }

  /** Call when bytes arrive after a wait this long (ms). */
  waited(ms: number): void {
    this.#lastHeardMs = this.#now();
    // A replay may be late before its first message: the API has to gather it.
    if (ms >= REPLAY_PAUSE_MS && this.#connection === "replaying" && this.#hasMessages) {
      this.#connection = "live";
    }
  }

  /**
   * Call for each event of the connection. Returns when the trace stopped being complete if that can no
   * longer be repaired (Unix ms), else `null`.
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
        // A replay without any of the log's messages may also lack those after the log's end.
        if (isNew) {
          sinceMs = this.#untilMs;
          if (sinceMs !== null) this.#untilMs = this.#lastHeardMs;
        }
        this.#connection = "replaying";
      }
    }
    if (this.#connection === "replaying") {
      // A replay contains one state, which comes first, and one stats event.
      const isLive = kind === "state" ? !isFirst : kind === "stats" && this.#hasStats;
      if (isLive) this.#connection = "live";
    }
    if (kind === "stats") this.#hasStats = true;
    if (isMessage) this.#hasMessages = true;
    return sinceMs;
  }
}
