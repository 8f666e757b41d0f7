/**
 * What an inline `[n]` of a text refers to: the n-th entry of the list that the text closes with, else
 * the n-th citation of its basis. Where that is in doubt, nothing: a reader who is sent to the wrong page
 * is worse off than one who is sent nowhere. Pure.
 */
import type { FieldBasis } from "../parallel/mod.ts";
import { addressesIn } from "./addresses.ts";
import type { Grounds } from "./grounds.ts";
import { closingList, type Entry } from "./numbered_lists.ts";

/** What a number refers to. */
export type Reference =
  /** A cited page, by its number in the list of all sources. */
  | { readonly source: number }
  /** A page of the text's own list that the basis does not cite. */
  | { readonly url: string };

/** The references of one text. */
export interface References {
  /** What `[n]`, or a `footnote` `[^n]`, refers to; `null` where that is nothing, or in doubt. */
  readonly of: (n: number, footnote?: boolean) => Reference | null;
  /** Where the text's own list stands (UTF-16 indexes); the marks of its entries are no references. */
  readonly list: readonly [start: number, end: number] | null;
}

/** The end of a text, where its list stands; to look through more would hold everything else up (characters). */
const LOOKED_AT = 300_000;

/** Finds out how a text numbers its references. */
export function referencesIn(
  text: string,
  basis: readonly FieldBasis[],
  grounds: Grounds,
): References {
  const from = Math.max(0, text.length - LOOKED_AT);
  const found = closingList(text.slice(from));
  if (found.kind === "list") {
    const byNumber = new Map<number, Reference | null>();
    for (const entry of found.entries) {
      const own = referenceOf(entry, grounds);
      const before = byNumber.get(entry.number);
      byNumber.set(entry.number, before === undefined || isSame(before, own) ? own : null);
    }
    const of = (n: number, footnote = false) =>
      footnote === found.footnotes ? byNumber.get(n) ?? null : null;
    return { of, list: [found.span[0] + from, found.span[1] + from] };
  }
  // Of a longer text nobody has looked at all the numbers that it uses.
  if (found.kind === "doubt" || from > 0) return { of: () => null, list: null };
  const urls = basis.flatMap(({ citations }) => (citations ?? []).map(({ url }) => url));
  // As many sources may be counted otherwise, each page once: only where both counts agree is it clear.
  const isClear = (n: number) => grounds.numberOf(urls[n - 1] ?? "") === n;
  const isBeyond = found.used.some((n) => n > urls.length);
  const of = (n: number, footnote = false) =>
    !footnote && !isBeyond && isClear(n) ? { source: n } : null;
  return { of, list: null };
}

/** An entry's page: one that is cited, else the first address. */
function referenceOf({ text }: Entry, grounds: Grounds): Reference | null {
  const addresses = addressesIn(text);
  for (const url of addresses.flatMap(({ bare, whole }) => [bare, whole])) {
    const source = grounds.numberOf(url);
    if (source !== null) return { source };
  }
  return addresses[0] === undefined ? null : { url: addresses[0].bare };
}

function isSame(a: Reference | null, b: Reference | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
