/** Filters blocks by text or pattern, by type, or by broken rules, in slices that yield to the page. */
import { RULES } from "./rules.ts";
import type { Block } from "./scan.ts";

/** The filter that the user set. */
export interface FilterSpec {
  /** Text anywhere in type, id, data or comments, ignoring case. `/…/` is a regular expression. */
  readonly text: string;
  /** One event type, or `""` for all of them. */
  readonly type: string;
  /** Only blocks with a line that breaks a rule. */
  readonly faulty: boolean;
  /** Leave out blocks that contain only comments. */
  readonly noComments: boolean;
}

export const EVERYTHING: FilterSpec = { text: "", type: "", faulty: false, noComments: false };

/** A test for blocks, or the problem with the pattern. */
export type Filter =
  | { readonly ok: true; readonly test: (block: Block) => boolean; readonly all: boolean }
  | { readonly ok: false; readonly problem: string };

/** Creates the test. */
export function makeFilter(spec: FilterSpec): Filter {
  const { text, type, faulty, noComments } = spec;
  const pattern = patternOf(text);
  if (!pattern.ok) return pattern;
  const { regex } = pattern;
  const test = (block: Block) => {
    if (noComments && block.kind === "comment") return false;
    if (faulty && block.faults.length === 0) return false;
    if (type !== "" && (block.kind !== "event" || block.event !== type)) return false;
    return regex === null || matches(block, regex);
  };
  return { ok: true, test, all: regex === null && type === "" && !faulty && !noComments };
}

function matches(block: Block, regex: RegExp): boolean {
  return regex.test(block.data) || block.kind === "event" && regex.test(block.event) ||
    regex.test(block.id) || block.comments.some((comment) => regex.test(comment)) ||
    block.faults.some(({ rule }) => regex.test(RULES[rule].title));
}

type Pattern =
  | { readonly ok: true; readonly regex: RegExp | null }
  | { readonly ok: false; readonly problem: string };

function patternOf(text: string): Pattern {
  if (text === "") return { ok: true, regex: null };
  const [, source] = /^\/(.+)\/$/s.exec(text) ?? [];
  try {
    // Not `g`: such an expression keeps its position.
    return {
      ok: true,
      regex: new RegExp(source ?? text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i"),
    };
  } catch {
    return {
      ok: false,
      problem: "This is not a regular expression. Remove the slashes to search for plain text.",
    };
  }
}

export interface BlockFilterOptions {
  /** Yields to the page. */
  readonly pause: () => Promise<void>;
  readonly onChange: () => void;
}

/** Blocks filtered between two yields. */
const SLICE = 4000;

/** Filters a growing list of blocks. */
export class BlockFilter {
  readonly #options: BlockFilterOptions;
  #filter = makeFilter(EVERYTHING);
  #blocks: readonly Block[] = [];
  /** The number of blocks to filter, and the number done. */
  #total = 0;
  #tested = 0;
  #isRunning = false;

  /** The indices of the matching blocks. */
  rows: number[] = [];
  spec: FilterSpec = EVERYTHING;
  /** The problem with the filter. The previous filter applies until it is fixed. */
  problem: string | null = null;

  constructor(options: BlockFilterOptions) {
    this.#options = options;
  }

  /** Applies a filter. */
  setSpec(spec: FilterSpec) {
    this.spec = spec;
    const filter = makeFilter(spec);
    this.problem = filter.ok ? null : filter.problem;
    if (!filter.ok) return this.#options.onChange();
    this.#filter = filter;
    this.rows = [];
    this.#tested = 0;
    this.#run();
  }

  /** Drops the blocks. */
  restart() {
    this.#blocks = [];
    this.rows = [];
    this.#total = this.#tested = 0;
  }

  /** Continues to the first `total` of these blocks. */
  advance(blocks: readonly Block[], total: number) {
    this.#blocks = blocks;
    this.#total = total;
    this.#run();
  }

  async #run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let left = SLICE; this.#tested < this.#total; left--) {
      if (left === 0) {
        left = SLICE;
        this.#options.onChange();
        await this.#options.pause();
        continue;
      }
      const block = this.#blocks[this.#tested];
      if (block !== undefined && this.#filter.ok && this.#filter.test(block)) {
        this.rows.push(this.#tested);
      }
      this.#tested++;
    }
    this.#isRunning = false;
    this.#options.onChange();
  }
}
