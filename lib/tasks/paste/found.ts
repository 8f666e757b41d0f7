/** What the readers of pasted texts find, and what they pass to each other. Pure. */

/** The body of a request, and what was lost on the way to it. */
export interface Found {
  /** A JSON value; {@linkcode Unknown} where a program would compute it. */
  readonly body: unknown;
  /** Sentences that say what was left out. */
  readonly notes: readonly string[];
}

/** What a reader makes of a text: requests in the order of the text, and else why there are none. */
export interface Reading {
  readonly found: readonly Found[];
  readonly why: string | null;
}

/** A value that stands in a variable or a call, and not in what was pasted. */
export class Unknown {
  /** As it is written. */
  readonly expression: string;

  constructor(expression: string) {
    this.expression = expression.length > 60 ? `${expression.slice(0, 59)}…` : expression;
  }
}

/** Says that the value of an expression is not there. */
export function unknownNote(expression: string): string {
  return `The value of ${expression} is not in what you pasted: it was left out.`;
}

/** A word of a command. */
export interface Word {
  readonly text: string;
  /** Variables and substitutions in it that the text does not set; they stand in `text` as written. */
  readonly unknown: readonly string[];
}

/** One command. */
export interface Command {
  readonly words: readonly Word[];
  /** What it reads: a here-document, or what the command before a pipe writes. */
  readonly stdin: Word | null;
  /** Files that the text itself writes. */
  readonly files?: ReadonlyMap<string, Word>;
}

/** What stands there is no literal. One for all: it is thrown at every brace that opens none. */
export const NO_LITERAL = new Error("no literal");

/** Code that would be looked at for too long. */
export class TooMuch extends Error {}

/** A value in code. */
export interface Value {
  readonly value: unknown;
  /** The token after it. */
  readonly end: number;
}
