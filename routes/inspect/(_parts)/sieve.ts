/** Filters the shown blocks in slices, yielding to the page. */
import { EVERYTHING, type FilterSpec, makeFilter } from "./filter.ts";
import type { Block } from "./scan.ts";

export interface SieveOptions {
  /** Yields to the page. */
  readonly pause: () => Promise<void>;
  readonly onChange: () => void;
}

/** Blocks filtered between two yields. */
const SLICE = 4000;

/** Filters a growing list of blocks. */
export class Sieve {
  readonly #options: SieveOptions;
  #filter = makeFilter(EVERYTHING);
  #blocks: readonly Block[] = [];
  /** The number of blocks to filter, and the number done. */
  #total = 0;
  #sifted = 0;
  #sifting = false;

  /** The indices of the matching blocks. */
  rows: number[] = [];
  spec: FilterSpec = EVERYTHING;
  /** The problem with the filter. The previous filter applies until it is fixed. */
  problem: string | null = null;

  constructor(options: SieveOptions) {
    this.#options = options;
  }

  /** Applies a filter. */
  ask(spec: FilterSpec) {
    this.spec = spec;
    const filter = makeFilter(spec);
    this.problem = filter.ok ? null : filter.problem;
    if (!filter.ok) return this.#options.onChange();
    this.#filter = filter;
    this.rows = [];
    this.#sifted = 0;
    this.#run();
  }

  /** Drops the blocks. */
  restart() {
    this.#blocks = [];
    this.rows = [];
    this.#total = this.#sifted = 0;
  }

  /** Continues to the first `total` of these blocks. */
  sift(blocks: readonly Block[], total: number) {
    this.#blocks = blocks;
    this.#total = total;
    this.#run();
  }

  async #run() {
    if (this.#sifting) return;
    this.#sifting = true;
    for (let left = SLICE; this.#sifted < this.#total; left--) {
      if (left === 0) {
        left = SLICE;
        this.#options.onChange();
        await this.#options.pause();
        continue;
      }
      const block = this.#blocks[this.#sifted];
      if (block !== undefined && this.#filter.ok && this.#filter.test(block)) {
        this.rows.push(this.#sifted);
      }
      this.#sifted++;
    }
    this.#sifting = false;
    this.#options.onChange();
  }
}
