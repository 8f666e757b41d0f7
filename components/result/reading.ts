/** The context that the parts of a result share during rendering. */
import {
  type BasisIndex,
  descriptionOf,
  inlineLabelOf,
  type Quotes,
  type References,
  type Schema,
  stepsOf,
} from "../../lib/results/mod.ts";

/** What a reader chose to see: the result as it opens, all of it, or as the API returned it. */
export type ResultMode = "read" | "all" | "raw";

/** A result's basis and schema fit. */
export interface Reading {
  readonly basisIndex: BasisIndex;
  /** How much of each basis entry the page quotes. */
  readonly quotes: Quotes;
  /** The schema misfits by path. */
  readonly misfits: ReadonlyMap<string, readonly string[]>;
  /** The number of items of a list, including those that the page leaves out. */
  readonly lengthOf: (path: string) => number;
  /** The remaining room on the page. Reduced as it is used. */
  readonly room: { descriptions: number };
}

/** A value and its path. */
export interface Place<Value = unknown> {
  readonly value: Value;
  /** The dotted path in the content; empty at the root. */
  readonly path: string;
  readonly schema: Schema | null;
  readonly reading: Reading;
}

/** The path of a member. */
export function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** Returns a field's description, as long as the page has room for it. */
export function describedAs(schema: Schema | null, { room }: Reading): string | undefined {
  const text = descriptionOf(schema);
  if (text === undefined || text.length > room.descriptions) return undefined;
  room.descriptions -= text.length;
  return text;
}

/** A path in words: `companies.0.annual_revenue` is `companies 1, annual revenue`. */
export function pathWords(path: string): string {
  const words: string[] = [];
  for (const step of stepsOf(path) ?? [path]) {
    const last = words.at(-1);
    if (/^\d+$/.test(step) && last !== undefined) {
      words[words.length - 1] = `${last} ${Number(step) + 1}`;
    } else words.push(inlineLabelOf(step));
  }
  return words.join(", ");
}

/** The ID of a field's element, for links from the list of sources. */
export function fieldId(path: string): string {
  return `f-${encodeURIComponent(path.toWellFormed())}`;
}

/** A link to a field's element. */
export function fieldHref(path: string): string {
  return `#${encodeURIComponent(fieldId(path))}`;
}

/** The targets of a text's inline references: the list of sources, or the page itself. */
export function referenceHref(
  { target }: References,
): (n: number, footnote: boolean) => string | null {
  return (n, footnote) => {
    const found = target(n, footnote);
    if (found === null) return null;
    return "source" in found ? `#source-${found.source}` : found.url;
  };
}
