/** An inspection with the test's own clock, frames and network. */
// Loaded before the tests, so that an answer is read within a turn.
import "../../routes/inspect/(_parts)/answer_reader.ts";
import { Inspection, type InspectionOptions } from "../../routes/inspect/(_parts)/inspection.ts";

export class Bench {
  nowMs = 0;
  /** How often the page would have been drawn. */
  drawn = 0;
  #frames: (() => void)[] = [];
  readonly inspection: Inspection;

  constructor(
    fetch: InspectionOptions["fetch"] = () => Promise.reject(new TypeError("no network")),
  ) {
    this.inspection = new Inspection({
      fetch,
      now: () => this.nowMs,
      frame: (run) => this.#frames.push(run),
      pause: () => Promise.resolve(),
      onChange: () => this.drawn++,
    });
  }

  /** Lets the next frame happen. */
  frame(nowMs = this.nowMs) {
    this.nowMs = nowMs;
    const frames = this.#frames;
    this.#frames = [];
    for (const run of frames) run();
  }

  get shownData(): string[] {
    const { blocks, shown } = this.inspection;
    return blocks.slice(0, shown).map(({ data }) => data);
  }
}

/** Lets everything that waits for nothing but its turn go on. */
export async function settle(turns = 50) {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}

/** A body that the test writes. */
export function writable() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
    undefined,
    undefined,
    { highWaterMark: 10 },
  );
  const writer = writable.getWriter();
  return {
    body: readable,
    send: (text: string) => writer.write(new TextEncoder().encode(text)),
    close: () => writer.close(),
    fail: (reason: unknown) => writer.abort(reason),
  };
}
