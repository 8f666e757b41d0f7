/** Filters blocks by text or pattern, by type, or by broken rules. Pure. */
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
