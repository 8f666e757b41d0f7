/** Types shared by the readers of pasted text. Pure. */

/** The body of a request, and what was left out. */
export interface Found {
  /** A JSON value; {@linkcode Unknown} where the program computes the value. */
  readonly body: unknown;
  /** Messages about what was left out. */
  readonly notes: readonly string[];
}

/** A reader's result: the requests in the order of the text, or why there are none. */
export interface Reading {
  readonly found: readonly Found[];
  readonly why: string | null;
}

/** A value in a variable or call that is not part of the paste. */
export class Unknown {
  /** The expression as written. */
  readonly expression: string;

  constructor(expression: string) {
    this.expression = expression.length > 60 ? `${expression.slice(0, 59)}…` : expression;
  }
}

/** The note for an expression without a known value. */
export function unknownNote(expression: string): string {
  return `${expression} was left out: your paste does not contain its value.`;
}

/** A word of a command. */
export interface Word {
  readonly text: string;
  /** Variables and substitutions that the text does not define. `text` has them as written. */
  readonly unknown: readonly string[];
}

/** One command. */
export interface Command {
  readonly words: readonly Word[];
  /** Its standard input: a here-document, or the output of the command before a pipe. */
  readonly stdin: Word | null;
  /** Files that the text writes. */
  readonly files?: ReadonlyMap<string, Word>;
}

/** Thrown where there is no literal. A single instance, because it is thrown often. */
export const NO_LITERAL = new Error("no literal");

/** Thrown when code takes too long to read. */
export class TooMuch extends Error {}

/** A value in code. */
export interface Value {
  readonly value: unknown;
  /** The token after the value. */
  readonly end: number;
}
