/** The context that the parts of a result share during rendering. */
import {
  descriptionOf,
  type Grounds,
  type References,
  type Schema,
} from "../../lib/results/mod.ts";

/** A result's basis and schema fit. */
export interface Reading {
  readonly grounds: Grounds;
  /** The schema misfits by path. */
  readonly misfits: ReadonlyMap<string, readonly string[]>;
  /** The remaining room on the page. Reduced as it is used. */
  readonly room: { descriptions: number };
}

/** Returns a field's description, as long as the page has room for it. */
export function describedAs(schema: Schema | null, { room }: Reading): string | undefined {
  const text = descriptionOf(schema);
  if (text === undefined || text.length > room.descriptions) return undefined;
  room.descriptions -= text.length;
  return text;
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
  { of }: References,
): (n: number, footnote: boolean) => string | null {
  return (n, footnote) => {
    const found = of(n, footnote);
    if (found === null) return null;
    return "source" in found ? `#source-${found.source}` : found.url;
  };
}
