import type { Timers } from "../../../lib/sse/mod.ts";

/** A clock that moves when a test advances it. */
export class FakeTimers implements Timers {
  #now: number;
  #next = 1;
  readonly pending = new Map<number, { run: () => void; at: number }>();

  constructor(now = 0) {
    this.#now = now;
  }
  now = () => this.#now;
  setTimeout = (run: () => void, ms: number) => {
    this.pending.set(this.#next, { run, at: this.#now + ms });
    return this.#next++;
  };
  clearTimeout = (id: unknown) => void this.pending.delete(Number(id));
  /** Settles once a timer is set that is over in `ms`. */
  async armed(ms: number) {
    const is = () => [...this.pending.values()].some(({ at }) => at === this.#now + ms);
    while (!is()) await new Promise((resolve) => setTimeout(resolve));
  }
  /** Moves the clock; what is due runs, in order. */
  advance(ms: number) {
    this.#now += ms;
    const due = [...this.pending].filter(([, { at }]) => at <= this.#now);
    for (const [id, { run }] of due.sort(([, a], [, b]) => a.at - b.at)) {
      if (this.pending.delete(id)) run();
    }
  }
}
