/** Which of the shown blocks are listed, found a slice at a time so that the page can breathe. */
import { EVERYTHING, type FilterSpec, makeFilter } from "./filter.ts";
import type { Block } from "./scan.ts";

export interface SieveOptions {
  /** Lets the page breathe. */
  readonly pause: () => Promise<void>;
  readonly onChange: () => void;
}

/** Blocks filtered between two breaths. */
const SLICE = 4000;

/** Sifts a list of blocks that grows. */
export class Sieve {
  readonly #options: SieveOptions;
  #filter = makeFilter(EVERYTHING);
  #blocks: readonly Block[] = [];
  /** How many blocks there are to sift, and how many of them are. */
  #total = 0;
  #sifted = 0;
  #sifting = false;

  /** Indices of the wanted blocks. */
  rows: number[] = [];
  spec: FilterSpec = EVERYTHING;
  /** What is wrong with what was asked for; what was asked before holds until it is mended. */
  problem: string | null = null;

  constructor(options: SieveOptions) {
    this.#options = options;
  }

  /** Lists only what is asked for. */
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

  /** Forgets the blocks. */
  restart() {
    this.#blocks = [];
    this.rows = [];
    this.#total = this.#sifted = 0;
  }

  /** Goes on to the first `total` of these blocks. */
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
