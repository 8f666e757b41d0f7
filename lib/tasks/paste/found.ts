/** Types shared by the readers of pasted text. Pure. */
import { inOrder } from "../../base/mod.ts";

/** The body of a request, and what was left out. */
export interface Found {
  /** A JSON value; {@linkcode Unknown} where the program computes the value. */
  readonly body: unknown;
  /** Messages about what was left out. */
  readonly notes: readonly string[];
}

/** The note for a request that is not JSON. */
export const FORM_NOTE = "It sends a form, but the API takes JSON. Its fields were converted.";

/** A reader's result: the requests in the order of the text, or why there are none. */
export interface Reading {
  readonly found: readonly Found[];
  readonly why: string | null;
}

/** A reading with more notes. */
export function noted({ found, why }: Reading, notes: readonly string[]): Reading {
  return { found: found.map((each) => ({ ...each, notes: [...each.notes, ...notes] })), why };
}

/** Reasons why the body of a command is not in the text. */
export const READS_FILE = "This command reads its body from a file: paste that text";
export const READS_INPUT = "This command reads its body from its input: paste that text";

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

/** Sets an own member, whatever its name. */
export function setMember(holder: object, name: PropertyKey, value: unknown) {
  Object.defineProperty(holder, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

/** The note for a text or a request that the program changes afterwards. */
export function changeNote(change: string, what: "text" | "request" = "text"): string {
  return `The program changes this ${what}, which was left out: ${new Unknown(change).expression}`;
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

/** A reader that yields now and then, so that other work can run. */
export type Steps<Result> = Generator<undefined, Result>;

/** A value in code. */
export interface Value {
  readonly value: unknown;
  /** The token after the value. */
  readonly end: number;
}

/** Builds an object from a list that alternates names and values. */
export function objectOfPairs(items: readonly unknown[]): unknown {
  return inOrder(
    items.flatMap((name, at) => at % 2 === 0 ? [[String(name), items[at + 1]] as const] : []),
  );
}
