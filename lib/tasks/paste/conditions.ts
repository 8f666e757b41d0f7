/** Finds the conditions that a statement depends on, by the indentation of its line. Pure. */

/** A line that begins with a condition. */
const CONDITION =
  /^[\s}]*(?:else\s+if|if|else|elif|elsif|elseif|unless|switch|case|catch|except|rescue)\b/;
/** What may stand before a statement on its line. */
const INLINE = /(?:&&|\|\|)\s*\(?\s*$/;
/** The part of a line that is read (characters): a program may be one line. */
const PART = 400;
/** A condition that is true when the program runs, or that checks for a missing value. */
const HOLDS =
  /__name__|require\.main|import\.meta\.main|!(?!=)|\b(?:not|None|null|nil|undefined)\b/;

export class Conditions {
  readonly #text: string;
  /** The index at which each line begins. */
  readonly #starts: number[] = [];
  /** The line of the condition above each line; -1 for none. */
  readonly #above: number[] = [];

  constructor(text: string) {
    this.#text = text;
    const open: { readonly indent: number; readonly condition: number }[] = [];
    let start = 0;
    for (const [line, written] of text.split("\n").entries()) {
      this.#starts.push(start);
      start += written.length + 1;
      const indent = written.search(/\S/);
      while (indent >= 0 && (open.at(-1)?.indent ?? -1) >= indent) open.pop();
      const above = open.at(-1)?.condition ?? -1;
      this.#above.push(above);
      if (indent >= 0) open.push({ indent, condition: isCondition(written) ? line : above });
    }
  }

  /** Whether the statement at one index depends on a condition that the one at another does not depend on. */
  isUnder(at: number, other: number): boolean {
    const known = new Set(this.#of(other));
    return this.#of(at).some((line) => !known.has(line));
  }

  /** The lines of the conditions that an index depends on. */
  #of(at: number): number[] {
    const line = this.#lineOf(at);
    const start = this.#starts[line]!;
    const before = this.#text.slice(start, at);
    const found = isCondition(before) || INLINE.test(before.slice(-PART)) ? [line] : [];
    for (let above = this.#above[line]!; above !== -1; above = this.#above[above]!) {
      found.push(above);
    }
    return found;
  }

  #lineOf(at: number): number {
    let low = 0;
    for (let high = this.#starts.length; high - low > 1;) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= at) low = middle;
      else high = middle;
    }
    return low;
  }
}

function isCondition(line: string): boolean {
  const part = line.slice(0, PART);
  return CONDITION.test(part) && !HOLDS.test(part);
}
