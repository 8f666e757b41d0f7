/** A program that creates a group elsewhere and adds runs to it from time to time. */
import type { BatchUpstream } from "./batch_upstream.ts";
import type { Random } from "./random.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** The program of one world. */
export class BatchProgram {
  readonly groupId: string;
  readonly #upstream: BatchUpstream;
  #added = 0;
  #left: number;

  constructor(upstream: BatchUpstream, random: Random, time: VirtualTime) {
    this.#upstream = upstream;
    this.groupId = upstream.createElsewhere();
    this.#left = random.between(1, 6);
    const add = () => {
      const companies = Array.from(
        { length: random.between(1, 160) },
        () => `Acme ${++this.#added}`,
      );
      upstream.addElsewhere(this.groupId, companies);
      if (--this.#left > 0) time.setTimeout(add, random.between(1, 40_000));
    };
    add();
  }

  /** Whether it has added everything, and the batch has this many rows. */
  isDone(rows: number | undefined): boolean {
    return this.#left <= 0 && rows === this.#upstream.groups.get(this.groupId)?.length;
  }
}
