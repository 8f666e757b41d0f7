/** What the parts of a result share while they are rendered. */
import type { Grounds } from "../../lib/results/grounds.ts";

/** What a result rests on and how it fits what was asked for. */
export interface Reading {
  readonly grounds: Grounds;
  /** By path: what does not fit the schema there. */
  readonly misfits: ReadonlyMap<string, readonly string[]>;
}

/** The id of a field's element, for links from the list of sources. */
export function fieldId(path: string): string {
  return `f-${encodeURIComponent(path.toWellFormed())}`;
}

/** A link to a field's element. */
export function fieldHref(path: string): string {
  return `#${encodeURIComponent(fieldId(path))}`;
}
