/** What the parts of a result share while they are rendered. */
import {
  descriptionOf,
  type Grounds,
  type References,
  type Schema,
} from "../../lib/results/mod.ts";

/** What a result rests on and how it fits what was asked for. */
export interface Reading {
  readonly grounds: Grounds;
  /** By path: what does not fit the schema there. */
  readonly misfits: ReadonlyMap<string, readonly string[]>;
  /** What the page has room for; taken from as it is used. */
  readonly room: { descriptions: number };
}

/** A field's description, as long as the page has room for it. */
export function describedAs(schema: Schema | null, { room }: Reading): string | undefined {
  const text = descriptionOf(schema);
  if (text === undefined || text.length > room.descriptions) return undefined;
  room.descriptions -= text.length;
  return text;
}

/** The id of a field's element, for links from the list of sources. */
export function fieldId(path: string): string {
  return `f-${encodeURIComponent(path.toWellFormed())}`;
}

/** A link to a field's element. */
export function fieldHref(path: string): string {
  return `#${encodeURIComponent(fieldId(path))}`;
}

/** Where the inline references of a text lead: to the list of sources, or to the page itself. */
export function referenceHref(
  { of }: References,
): (n: number, footnote: boolean) => string | null {
  return (n, footnote) => {
    const found = of(n, footnote);
    if (found === null) return null;
    return "source" in found ? `#source-${found.source}` : found.url;
  };
}
