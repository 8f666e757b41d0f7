/**
 * Counts what this process does. Always on, because counting is cheap. `/admin` shows the numbers, and
 * OpenTelemetry exports them if it is switched on.
 */
import { Histogram } from "./histogram.ts";

/** Gauges that are read on demand. */
export interface LiveNumbers {
  /** Runs that this process records now. */
  readonly recordings: () => number;
  /** Viewers connected to live runs now. */
  readonly viewers: () => number;
  /** Commits made to KV. */
  readonly commits: () => number;
}

/** Labels of a value; their values come from a fixed set, never from a request. */
export type Labels = Readonly<Record<string, string>>;

/** One number or distribution, with its description. */
export type Figure =
  & { readonly name: string; readonly help: string }
  & (
    | {
      /** A `counter` only grows. A `gauge` is a current value. */
      readonly kind: "counter" | "gauge";
      readonly values: readonly { readonly labels: Labels; readonly value: number }[];
    }
    | { readonly kind: "histogram"; readonly unit: "ms"; readonly histogram: Histogram }
  );

/** Called with every duration and the name of its figure. */
export type OnDuration = (name: string, ms: number) => void;

const REQUEST_DURATION = "taskstream.request.duration";
const APPEND_LAG = "taskstream.append.lag";
const COMMIT_DURATION = "taskstream.kv.commit.duration";

/** Counts requests, upstream responses, appends and commits. One per process. */
export class Figures {
  readonly #live: LiveNumbers;
  readonly #requests = new Map<string, number>();
  readonly #upstream = new Map<string, number>();
  readonly #requestMs: Histogram;
  readonly #lagMs: Histogram;
  readonly #commitMs: Histogram;

  constructor(live: LiveNumbers, onDuration: OnDuration = () => {}) {
    this.#live = live;
    this.#requestMs = new Histogram((ms) => onDuration(REQUEST_DURATION, ms));
    this.#lagMs = new Histogram((ms) => onDuration(APPEND_LAG, ms));
    this.#commitMs = new Histogram((ms) => onDuration(COMMIT_DURATION, ms));
  }

  /** Records a response, timed until its headers: a stream continues after them. */
  recordRequest(status: number, ms: number): void {
    add(this.#requests, `${Math.floor(status / 100)}xx`);
    this.#requestMs.record(ms);
  }

  /** Records an upstream's response by its status; `null` if the upstream could not be reached. */
  recordUpstream(which: "parallel" | "sandbox", status: number | null): void {
    add(this.#upstream, `${which} ${status === null ? "none" : `${Math.floor(status / 100)}xx`}`);
  }

  /** Records the time from an event's arrival until it was durable (ms). */
  recordAppend(lagMs: number): void {
    this.#lagMs.record(lagMs);
  }

  /** Records the duration of a commit to KV (ms). */
  recordCommit(ms: number): void {
    this.#commitMs.record(ms);
  }

  /** All figures, with their current values. */
  list(): readonly Figure[] {
    const one = (value: number) => [{ labels: {}, value }];
    return [
      {
        name: "taskstream.recordings",
        help: "Runs that this process records now",
        kind: "gauge",
        values: one(this.#live.recordings()),
      },
      {
        name: "taskstream.viewers",
        help: "Viewers connected to live runs now",
        kind: "gauge",
        values: one(this.#live.viewers()),
      },
      {
        name: "taskstream.requests",
        help: "Requests answered, by status",
        kind: "counter",
        values: [...this.#requests].map(([status, value]) => ({ labels: { status }, value })),
      },
      {
        name: "taskstream.upstream.calls",
        help: "Calls to the Task API, by upstream and status",
        kind: "counter",
        values: [...this.#upstream].map(([key, value]) => {
          const [upstream = "", status = ""] = key.split(" ");
          return { labels: { upstream, status }, value };
        }),
      },
      {
        name: "taskstream.log.appends",
        help: "Events made durable",
        kind: "counter",
        values: one(this.#lagMs.count),
      },
      {
        name: "taskstream.kv.commits",
        help: "Commits to KV",
        kind: "counter",
        values: one(this.#live.commits()),
      },
      {
        name: REQUEST_DURATION,
        help: "From a request to its response’s headers",
        kind: "histogram",
        unit: "ms",
        histogram: this.#requestMs,
      },
      {
        name: APPEND_LAG,
        help: "From an event’s arrival to its commit",
        kind: "histogram",
        unit: "ms",
        histogram: this.#lagMs,
      },
      {
        name: COMMIT_DURATION,
        help: "A commit to KV, retries included",
        kind: "histogram",
        unit: "ms",
        histogram: this.#commitMs,
      },
    ];
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
